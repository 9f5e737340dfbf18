"""PostgreSQL: the harness's own connection, and errors in words.

One connection is kept open in autocommit mode for marks, reading the log and undo. Its settings are
pinned, so that a row image is read as it was written whatever the database's or the role's defaults
are, and it plays the part of a replica: application triggers, foreign keys and rules do not fire
for what undo writes, and event triggers do not fire for the harness's own DDL.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.abc import AdaptContext
from psycopg.adapt import Loader

from ...errors import TargetError
from .connect import masked
from .names import OWN

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

T = TypeVar("T")
OWN_ROLE = f"{OWN}.role"  # 'harness' on our connections, 'undo' while we take back, else not set
HERE = f"{OWN}.here"  # the number of this database
APPLICATION = "gen-suite"

# What the text of a row depends on. The capture function pins the same.
PINNED = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "quote_all_identifiers": "off",
}
# Defaults of the role or the database that would get in the way of a harness connection.
# The log and what it describes are lost or kept together, so nothing needs to wait for the disk.
HARNESS = {
    OWN_ROLE: "harness",
    "application_name": f"{APPLICATION} {os.getpid()}",
    "synchronous_commit": "off",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "lock_timeout": "5s",
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
}
UNDO = {
    OWN_ROLE: "undo",
    "row_security": "off",  # a policy that would hide rows is an error then
    "xmloption": "content",
    "array_nulls": "on",
}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Text as SQL, whatever standard_conforming_strings says."""
    if "\\" in text:
        return " E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + text.replace("'", "''") + "'"


class Session:
    """A connection in autocommit mode; SQL takes `$1`, `$2`, so that names may hold any character."""

    def __init__(self, raw: psycopg.Connection[Any], url: URL) -> None:
        self.raw = raw
        self.url = url
        self._cursor = psycopg.RawCursor(raw)
        self._prepared: dict[str, bytes] = {}

    def run(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of one statement; none for statements without a result."""
        self._cursor.execute(sql.encode(), values or None)
        return _rows(self._cursor)

    def texts(self, sql: str, *values: str) -> list[list[bytes | None]]:
        """All rows of one statement that returns rows, each value as the text that the server sent.

        It is prepared once and sent through libpq itself: what every test asks three times costs a
        fifth of a cursor's way in Python, which loads values that nobody looks at. Nothing can
        interrupt the waiting, so only what `lock_timeout` bounds is asked like this.
        """
        given = [value.encode() for value in values]
        try:
            result = self._execute(sql, given)
        except psycopg.errors.InvalidSqlStatementName:  # psycopg forgets all after DDL and ROLLBACK
            self._prepared.clear()
            result = self._execute(sql, given)
        columns = range(result.nfields)
        return [[result.get_value(row, c) for c in columns] for row in range(result.ntuples)]

    def _execute(self, sql: str, values: list[bytes]) -> psycopg.pq.abc.PGresult:
        if sql not in self._prepared:
            name = f"own{len(self._prepared)}".encode()
            self._told(self.raw.pgconn.prepare(name, sql.encode()))
            self._prepared[sql] = name
        return self._told(self.raw.pgconn.exec_prepared(self._prepared[sql], values))

    def _told(self, result: psycopg.pq.abc.PGresult) -> psycopg.pq.abc.PGresult:
        status = psycopg.pq.ExecStatus
        if result.status not in (status.TUPLES_OK, status.COMMAND_OK):
            raise psycopg.errors.error_from_result(result, encoding=self.raw.info.encoding)
        return result

    def together(self, questions: Iterable[tuple[Any, ...]]) -> list[list[tuple[Any, ...]]]:
        """The rows of each (SQL, values...), all sent before the first answer is waited for.

        The first that fails raises; none after it ran.
        """
        cursors = []
        with self.raw.pipeline():
            for sql, *values in questions:
                cursor = psycopg.RawCursor(self.raw)
                cursor.execute(sql.encode(), values or None)
                cursors.append(cursor)
        return [_rows(cursor) for cursor in cursors]

    def atomic(self, questions: Iterable[tuple[Any, ...]]) -> list[list[tuple[Any, ...]]]:
        """As `together`, all or none; within an open transaction too."""
        begin, end, back = ("BEGIN", "COMMIT", "ROLLBACK")
        if self.busy:
            begin, end, back = ("SAVEPOINT own", "RELEASE own", "ROLLBACK TO own")
        try:
            _, *answers, _ = self.together([(begin,), *questions, (end,)])
        except psycopg.Error:
            if not self.raw.closed:
                self.run(back)
            raise
        return answers

    def one(self, sql: str, *values: Any) -> tuple[Any, ...]:
        (row,) = self.run(sql, *values)
        return row

    def set(self, settings: dict[str, str], *, local: bool = False) -> None:
        """Sets what this server knows; settings with a dot are custom and always known."""
        self.run("SET statement_timeout = 0")
        self.run(
            "SELECT set_config(n, v, $3) FROM unnest($1::text[], $2::text[]) AS wanted(n, v)"
            " WHERE n LIKE '%.%' OR EXISTS (SELECT FROM pg_settings s WHERE lower(s.name) = lower(n))",
            list(settings),
            list(settings.values()),
            local,
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.raw.transaction():
            yield

    @property
    def busy(self) -> bool:
        return self.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE


def _rows(cursor: psycopg.RawCursor[Any]) -> list[tuple[Any, ...]]:
    """What it found; a statement without a result has no rows to ask for."""
    result = cursor.pgresult
    told = result is not None and result.status == psycopg.pq.ExecStatus.TUPLES_OK
    return cursor.fetchall() if told else []


def pin(session: Session) -> str:
    """Makes the connection the one for marks and undo; why it may not take back, or ""."""
    (here,) = session.one("SELECT oid::text FROM pg_database WHERE datname = current_database()")
    session.set({**HARNESS, **PINNED, **UNDO, HERE: here})
    forgive(session.raw)
    try:
        session.run("SET session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege as error:
        return str(error.diag.message_primary)
    return ""


# --- values that Python cannot hold ---------------------------------------------------------------


FORGIVEN = ("date", "time", "timetz", "timestamp", "timestamptz", "interval")


def _forgiving(name: str) -> type[Loader]:
    """A loader that hands on as text what Python's type cannot hold: infinity, year 10000, 24:00."""
    found = psycopg.adapters.get_loader(psycopg.adapters.types[name].oid, psycopg.pq.Format.TEXT)
    assert found is not None, name
    driver = found

    class Forgiving(Loader):
        def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
            super().__init__(oid, context)
            self._driver = driver(oid, context)

        def load(self, data: Any) -> Any:
            try:
                return self._driver.load(data)
            except (psycopg.DataError, OverflowError):
                return bytes(data).decode()

    return Forgiving


LOADERS = {name: _forgiving(name) for name in FORGIVEN}


def forgive(raw: psycopg.Connection[Any]) -> None:
    for name, loader in LOADERS.items():
        raw.adapters.register_loader(name, loader)


# --- errors ---------------------------------------------------------------------------------------


@contextmanager
def spoken(url: URL, what: str) -> Iterator[None]:
    """Turns the driver's errors into a TargetError that says what was tried."""
    try:
        yield
    except (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName) as error:
        raise _not_watched(url, error) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise TargetError(
            f"cannot {what}: {_reason(error)}",
            hint=f"grant it to role {url.username or 'of the harness'}; "
            "see what database.install() asks for",
        ) from error
    except psycopg.Error as error:
        if error.sqlstate is None or error.sqlstate.startswith("57P"):  # the connection is gone
            raise TargetError(
                f"cannot {what}: the connection to {masked(url)} was lost: {_reason(error)}",
                hint="when the server is back, open the database anew and install()",
            ) from error
        raise TargetError(
            f"cannot {what}: {_reason(error)}", hint=error.diag.message_hint or ""
        ) from error


def _reason(error: psycopg.Error) -> str:
    parts = [error.diag.message_primary, error.diag.message_detail]
    return "; ".join(part for part in parts if part) or " ".join(str(error).split())


def _not_watched(url: URL, error: psycopg.Error) -> TargetError:
    if OWN not in str(error):
        return TargetError(_reason(error))
    return TargetError(
        f"{masked(url)} is not being watched: the harness's objects are gone",
        hint="call database.install(); something dropped them since",
    )
