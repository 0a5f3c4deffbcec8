"""The schema, on both databases."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from register_samples import happening, recording
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from activities.register import Register, open_engine, upgrade
from activities.register.tables import metadata
from domain.lifecycle import Stage

LATEST = "0003"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def test_the_migrations_make_exactly_the_tables_of_the_code(database_url: str, engine: Engine) -> None:
    upgrade(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_upgrading_twice_changes_nothing(database_url: str, engine: Engine) -> None:
    upgrade(database_url)
    upgrade(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [LATEST]


def test_processes_that_start_at_once_upgrade_once(database_url: str, engine: Engine) -> None:
    program = "import sys; from activities.register import upgrade; upgrade(sys.argv[1])"
    starting = [subprocess.Popen([sys.executable, "-c", program, database_url]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in starting] == [0, 0, 0]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [LATEST]


def test_an_interrupted_migration_leaves_nothing(database_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE staff (id INTEGER)"))
    with pytest.raises(DBAPIError):
        upgrade(database_url)
    with engine.connect() as connection:
        names = set(engine.dialect.get_table_names(connection))
    assert names == {"staff"}


@pytest.mark.parametrize("statement", ["UPDATE events SET kind = 'signed'", "DELETE FROM events"])
def test_the_database_itself_refuses_to_rewrite_evidence(
    register: Register, convention_id: str, statement: str
) -> None:
    register.record(recording(convention_id, Stage.REVIEW, 0, happening("approved-1")))
    with pytest.raises(DBAPIError, match="append-only"), register.engine.begin() as connection:
        connection.execute(text(statement))
    assert [entry.event.kind for entry in register.events(convention_id)] == ["approved"]


def test_the_register_does_not_take_a_database_it_cannot_share() -> None:
    for url in ("sqlite://", "mysql://example.org/register"):
        with pytest.raises(ValueError, match="the register needs"):
            open_engine(url)
