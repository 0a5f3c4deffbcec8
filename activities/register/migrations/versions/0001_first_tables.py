"""The register's first tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LIVE = "stage NOT IN ('refused', 'withdrawn', 'expired')"
APPEND_ONLY = ("events", "archives", "power_endings")


def upgrade() -> None:
    op.create_table(
        "circuits",
        sa.Column("convention_id", sa.String(length=64), nullable=False),
        sa.Column("award_id", sa.String(length=16), nullable=False),
        sa.Column("circuit", sa.Integer(), nullable=False),
        sa.Column("award", sa.Text(), nullable=False),
        sa.Column("deliberation_number", sa.Text(), nullable=False),
        sa.Column("deliberation_key", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("session_date", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("beneficiary", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("act_index", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("needs_attention", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("number_year", sa.Integer(), nullable=True),
        sa.Column("number_rank", sa.Integer(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("convention_id", name=op.f("pk_circuits")),
        sa.UniqueConstraint("award_id", "circuit", name=op.f("uq_circuits_award_id_circuit")),
        sa.UniqueConstraint("number_year", "number_rank", name=op.f("uq_circuits_number_year_number_rank")),
    )
    op.create_index(op.f("ix_circuits_deliberation_key"), "circuits", ["deliberation_key"], unique=False)
    op.create_index(op.f("ix_circuits_stage"), "circuits", ["stage"], unique=False)
    op.create_index(op.f("ix_circuits_updated_at"), "circuits", ["updated_at"], unique=False)
    op.create_index(
        "uq_circuits_live_award",
        "circuits",
        ["award_id"],
        unique=True,
        sqlite_where=sa.text(LIVE),
        postgresql_where=sa.text(LIVE),
    )
    op.create_table(
        "counters",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_counters")),
    )
    op.create_table(
        "effects",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_effects")),
    )
    op.create_table(
        "mails",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("convention_id", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("smtp_reply", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_mails")),
    )
    op.create_index(op.f("ix_mails_convention_id"), "mails", ["convention_id"], unique=False)
    op.create_table(
        "powers",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("authority_key", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_powers")),
    )
    op.create_index(op.f("ix_powers_authority_key"), "powers", ["authority_key"], unique=False)
    op.create_table(
        "power_endings",
        sa.Column("power_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["power_id"], ["powers.id"], name=op.f("fk_power_endings_power_id")),
        sa.PrimaryKeyConstraint("power_id", "position", name=op.f("pk_power_endings")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_staff_key_digest")),
    )
    op.create_table(
        "archives",
        sa.Column("convention_id", sa.String(length=64), nullable=False),
        sa.Column("award_id", sa.String(length=16), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("manifest_digest", sa.String(length=128), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=64), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["convention_id"], ["circuits.convention_id"], name=op.f("fk_archives_convention_id")),
        sa.PrimaryKeyConstraint("convention_id", name=op.f("pk_archives")),
        sa.UniqueConstraint("object_id", "version", name=op.f("uq_archives_object_id_version")),
    )
    op.create_index(op.f("ix_archives_award_id"), "archives", ["award_id"], unique=False)
    op.create_index(op.f("ix_archives_document"), "archives", ["document"], unique=False)
    op.create_table(
        "events",
        sa.Column("convention_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["convention_id"], ["circuits.convention_id"], name=op.f("fk_events_convention_id")),
        sa.PrimaryKeyConstraint("convention_id", "position", name=op.f("pk_events")),
        sa.UniqueConstraint("convention_id", "key", name=op.f("uq_events_convention_id_key")),
    )
    op.create_table(
        "links",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("convention_id", sa.String(length=64), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=64), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dead", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["convention_id"], ["circuits.convention_id"], name=op.f("fk_links_convention_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_links")),
        sa.UniqueConstraint(
            "convention_id",
            "round",
            "role",
            "email",
            "document",
            name=op.f("uq_links_convention_id_round_role_email_document"),
        ),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_staff_sessions")),
    )
    op.create_table(
        "challenges",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_digest", sa.String(length=64), nullable=True),
        sa.Column("session_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consumed_for", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["link"], ["links.token_digest"], name=op.f("fk_challenges_link")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenges")),
        sa.UniqueConstraint("link", "rank", name=op.f("uq_challenges_link_rank")),
        sa.UniqueConstraint("session_digest", name=op.f("uq_challenges_session_digest")),
    )
    op.create_index(op.f("ix_challenges_link"), "challenges", ["link"], unique=False)
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _refuse_changes(table: str) -> None:
    """Evidence and what is archived only grow: the database itself refuses to rewrite them."""
    refusal = f"{table} is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )


def downgrade() -> None:
    raise NotImplementedError("the register only grows: restore a backup instead")
