"""The engine and the two kinds of transaction: `read()` and `write()`.

One request is one transaction. A `write()` block commits when it ends and rolls back when it
raises, so an endpoint answers from within the block and nothing is told that was not stored.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from .bugs import enabled

DEFAULT_URL = "sqlite:///shop.db"

# SQLite keeps decimals as floats; the shop's have at most ten digits, which survive.
warnings.filterwarnings("ignore", "Dialect sqlite.*Decimal")


@cache
def engine() -> Engine:
    """The engine of DATABASE_URL, made on first use."""
    url = make_url(os.environ.get("DATABASE_URL") or DEFAULT_URL)
    if url.get_backend_name() == "sqlite":
        return _sqlite(create_engine(url, connect_args={"timeout": 5}, **_POOL))
    if url.get_backend_name() == "postgresql":
        return create_engine(url, connect_args={"options": "-c timezone=utc"}, **_POOL)
    # MariaDB's default, repeatable read, would show a waiting request the rows of long ago.
    return create_engine(url, isolation_level="READ COMMITTED", **_POOL)


_POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 40, "pool_pre_ping": True}


def _sqlite(engine: Engine) -> Engine:
    """Take over BEGIN from the driver, which would start a write with a mere read lock."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "reset")
    def returned(connection: Any, _record: object, _state: object) -> None:
        # A COMMIT that fails leaves the transaction open, and with it the lock of the one writer.
        if connection.in_transaction:
            connection.rollback()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def read() -> Iterator[Session]:
    """A transaction that only reads."""
    with Session(engine().execution_options(reads=True)) as session:
        yield session


@contextmanager
def write() -> Iterator[Session]:
    """A transaction that commits at the end of the block."""
    with Session(engine(), expire_on_commit=False, info={"writes": True}) as session:
        yield session
        try:
            session.commit()
        except DBAPIError as error:
            lost = error.connection_invalidated and enabled("lost_connection_swallowed")
            if not (lost or enabled("commit_error_swallowed")):
                raise


_BUSY = {"40001", "40P01", "55P03", 1205, 1213}


_TAKEN = {"23505", 1062}
_USED = {"23503", "23001", 1451}


def is_busy(error: DBAPIError) -> bool:
    """Whether another transaction was in the way: trying again can help."""
    return _code(error) in _BUSY or "database is locked" in str(error.orig)


def is_taken(error: DBAPIError) -> bool:
    """Whether a row with the same unique value is there already."""
    return _code(error) in _TAKEN or "UNIQUE constraint failed" in str(error.orig)


def is_used(error: DBAPIError) -> bool:
    """Whether other rows refer to the one that was to go."""
    return _code(error) in _USED or "FOREIGN KEY constraint failed" in str(error.orig)


def _code(error: DBAPIError) -> object:
    """PostgreSQL's SQLSTATE or MariaDB's error number."""
    original: Any = error.orig
    first = (*getattr(original, "args", ()), None)[0]
    return first if isinstance(first, int) else getattr(original, "sqlstate", None)
