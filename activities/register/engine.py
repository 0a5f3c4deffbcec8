"""The database of the register: SQLite in one file by default, PostgreSQL by URL.

SQLite's writers take their lock when the transaction begins: two that read first and then both want to write
could not be made to wait for one another (SQLITE_BUSY_SNAPSHOT), whatever the busy timeout.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite

BUSY_TIMEOUT_MS = 15_000
MIN_SECRET_BYTES = 32
_READ_ONLY = "paraphe_read_only"


def open_engine(url: str) -> Engine:
    """The engine for ``sqlite:///path`` or ``postgresql://…`` (psycopg 3). The folder of a SQLite file is made."""
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        return create_engine(address.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if address.get_backend_name() != "sqlite":
        raise ValueError("the register needs a sqlite:/// or a postgresql:// URL")
    if not address.database or address.database == ":memory:":
        raise ValueError("the register needs a SQLite file: several processes share it")
    Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address)
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite does.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA foreign_keys = ON")
    # FULL: a committed number or event must survive a power cut, which WAL with NORMAL does not promise.
    cursor.execute("PRAGMA synchronous = FULL")
    _use_wal(cursor)
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Switch to the write-ahead log. The busy timeout does not cover this switch: two first runs must wait by hand."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get(_READ_ONLY, False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


class Repository:
    """What the register's repositories share: transactions, and inserts of which the first one wins."""

    def __init__(self, engine: Engine, secret: bytes, clock: Callable[[], datetime]) -> None:
        """:param secret: at least 32 random bytes; links and codes derive from it."""
        if len(secret) < MIN_SECRET_BYTES:
            raise ValueError(f"the link secret needs at least {MIN_SECRET_BYTES} bytes")
        self.engine = engine
        self._secret = secret
        self._clock = clock

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(**{_READ_ONLY: True}) as connection, connection.begin():
            yield connection


def insert_if_new(connection: Connection, table: Table, **values: Any) -> bool:
    """Insert the row unless a unique constraint knows it already; whether it was inserted."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    result = connection.execute(
        dialect.insert(table).values(**values).on_conflict_do_nothing(),
        execution_options={"preserve_rowcount": True},
    )
    return result.rowcount == 1
