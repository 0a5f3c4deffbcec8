"""What each convention grants to whom, for a year: the ground of the yearly thresholds.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("convention_id", sa.String(length=64), nullable=False),
        sa.Column("authority_key", sa.Text(), nullable=False),
        sa.Column("siren", sa.String(length=9), nullable=False),
        sa.Column("beneficiary_key", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["convention_id"], ["circuits.convention_id"], name=op.f("fk_grants_convention_id")),
        sa.PrimaryKeyConstraint("convention_id", name=op.f("pk_grants")),
    )
    op.create_index("ix_grants_authority_year", "grants", ["authority_key", "fiscal_year"])


def downgrade() -> None:
    op.drop_table("grants")
