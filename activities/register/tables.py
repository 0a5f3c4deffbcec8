"""The tables of the register. The migrations make them; a test holds the two together. A ``…_key`` column is folded.

Models that the register only keeps and gives back (people, parties, references) are kept as JSON; whatever it
searches, sorts, counts or constrains has a column.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone is not an instant")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Cents(TypeDecorator[Decimal]):
    """Euros as a whole number of cents: exact and sortable on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        return None if value is None else int((value * 100).to_integral_exact())

    def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


REFUSED_ENDINGS = ("refused", "withdrawn", "expired")
"""The stages after which an award may have another circuit (invariant 10)."""

_live = text("stage NOT IN ('refused', 'withdrawn', 'expired')")

circuits = Table(
    "circuits",
    metadata,
    Column("convention_id", String(64), primary_key=True),
    Column("award_id", String(16), nullable=False),
    Column("circuit", Integer, nullable=False),
    Column("award", Text, nullable=False),
    Column("deliberation_number", Text, nullable=False),
    Column("deliberation_key", Text, nullable=False, index=True),
    Column("search_key", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("session_date", Date, nullable=False),
    Column("title", Text, nullable=False),
    Column("beneficiary", Text),
    Column("amount", Cents),
    Column("document", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("act_index", Integer, nullable=False),
    Column("stage", String(32), nullable=False, index=True),
    Column("round", Integer, nullable=False),
    Column("needs_attention", Text, nullable=False),
    Column("due_at", Instant),
    Column("number_year", Integer),
    Column("number_rank", Integer),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False, index=True),
    UniqueConstraint("award_id", "circuit"),
    UniqueConstraint("number_year", "number_rank"),
    Index("uq_circuits_live_award", "award_id", unique=True, sqlite_where=_live, postgresql_where=_live),
)

counters = Table(
    "counters",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

effects = Table(
    "effects",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("convention_id", String(64), ForeignKey("circuits.convention_id"), primary_key=True),
    Column("authority_key", Text, nullable=False),
    Column("siren", String(9), nullable=False),
    Column("beneficiary_key", Text, nullable=False),
    Column("fiscal_year", Integer, nullable=False),
    Column("amount", Cents, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("ix_grants_authority_year", "authority_key", "fiscal_year"),
)
"""What a convention grants, by the facts of its latest draft: the thresholds of the law are yearly."""

events = Table(
    "events",
    metadata,
    Column("convention_id", String(64), ForeignKey("circuits.convention_id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("event", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("convention_id", "key"),
)
"""Append-only: triggers refuse UPDATE and DELETE."""

links = Table(
    "links",
    metadata,
    Column("token_digest", String(64), primary_key=True),
    Column("convention_id", String(64), ForeignKey("circuits.convention_id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("role", String(16), nullable=False),
    Column("email", Text, nullable=False),
    Column("document", String(64), nullable=False),
    Column("signatory", Text, nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("dead", Text, nullable=False),
    UniqueConstraint("convention_id", "round", "role", "email", "document"),
)

challenges = Table(
    "challenges",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("link", String(64), ForeignKey("links.token_digest"), nullable=False, index=True),
    Column("rank", Integer, nullable=False),
    Column("code_digest", String(64), nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("verified_at", Instant),
    Column("session_digest", String(64), unique=True),
    Column("session_expires_at", Instant),
    Column("consumed_at", Instant),
    Column("consumed_for", Text),
    UniqueConstraint("link", "rank"),
)

agreements = Table(
    "agreements",
    metadata,
    Column("challenge", String(32), ForeignKey("challenges.id"), primary_key=True),
    Column("prepared", Text, nullable=False),
    Column("prepared_at", Instant, nullable=False),
    Column("sealed", Text),
    Column("expires_at", Instant),
)
"""Remote signatures that wait for their value. ``sealed``: the activation, encrypted, until it was used."""

mails = Table(
    "mails",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("convention_id", String(64), nullable=False, index=True),
    Column("recipient", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("smtp_reply", Text, nullable=False),
    Column("sent_at", Instant, nullable=False),
)

powers = Table(
    "powers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("authority_key", Text, nullable=False, index=True),
    Column("entry", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", Text),
)

power_endings = Table(
    "power_endings",
    metadata,
    Column("power_id", String(64), ForeignKey("powers.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("ended_by", Text),
)
"""Append-only: who ended an entry stays known when it is ended again, earlier."""

staff = Table(
    "staff",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(40), nullable=False),
    Column("key_digest", String(64), nullable=False, unique=True),
    Column("added_at", Instant, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_digest", String(64), primary_key=True),
    Column("staff_id", String(40), ForeignKey("staff.id"), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

archives = Table(
    "archives",
    metadata,
    Column("convention_id", String(64), ForeignKey("circuits.convention_id"), primary_key=True),
    Column("award_id", String(16), nullable=False, index=True),
    Column("object_id", Text, nullable=False),
    Column("version", String(16), nullable=False),
    Column("path", Text, nullable=False),
    Column("manifest_digest", String(128), nullable=False),
    Column("evidence", Text, nullable=False),
    Column("document", String(64), index=True),
    Column("archived_at", Instant, nullable=False),
    UniqueConstraint("object_id", "version"),
)
