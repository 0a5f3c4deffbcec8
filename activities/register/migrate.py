"""Bringing a database to the schema of this version. Safe when several processes start at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from activities.register.engine import open_engine

_LOCK = 0x70617261706865 % 2**63
"""Key of the PostgreSQL advisory lock that migrations hold."""


def upgrade(url: str) -> None:
    """Bring the database at ``url`` to the newest schema, in one transaction; a second process waits for the first."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            # SQLite's BEGIN IMMEDIATE has already made the others wait.
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
            config.set_main_option("path_separator", "os")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
