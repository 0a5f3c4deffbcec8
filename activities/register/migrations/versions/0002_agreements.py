"""Remote signatures that wait for their value.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreements",
        sa.Column("challenge", sa.String(length=32), nullable=False),
        sa.Column("prepared", sa.Text(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["challenge"], ["challenges.id"], name=op.f("fk_agreements_challenge")),
        sa.PrimaryKeyConstraint("challenge", name=op.f("pk_agreements")),
    )


def downgrade() -> None:
    op.drop_table("agreements")
