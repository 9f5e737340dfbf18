"""SQLite: writes that fail, COMMITs that fail, and the barrier that stands in for a pause point.

Every captured write adds a row to the log, so one trigger on the log is a fault on any table. It raises
after the row was written; SQLite backs the statement out. A fault at COMMIT is a row with a deferred
foreign key that points nowhere. Nothing survives the rollback that a fault causes, so SQLite has no proof
that one fired, and cannot count how often. Nor does a row tell its transaction: `nth` counts the writes
that stand since the fault was put in place, those of earlier transactions included.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager

from .engine import Unsupported
from .fault import Fault, Write
from .sqlite_capture import LOG, STATE, Layout
from .sqlite_install import FAULT
from .tables import Tables

OPS = {"insert": "I", "update": "U", "delete": "D"}
ERRORS = frozenset({"unique"})
SERVERS = ("postgresql", "mariadb")
"""The engines that can do what SQLite cannot."""
PENDING = f"{FAULT}_pending"  # its rows point at NOWHERE, which stays empty
NOWHERE = f"{FAULT}_nowhere"
NOT_HARNESS = f"NOT EXISTS (SELECT 1 FROM {STATE} WHERE name = 'harness')"
_numbers = itertools.count(1)
Exclusive = Callable[[str], AbstractContextManager[sqlite3.Connection]]


def literal(value: object) -> str:
    """A value as SQL text: triggers take no parameters."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return "'" + str(value).replace("'", "''") + "'"


def refuse(fault: Fault) -> None:
    """Unsupported for what SQLite cannot do."""
    if fault.cut:
        raise Unsupported(
            "SQLite has no connection to cut: the application opens a file", elsewhere=SERVERS
        )
    if fault.error is not None and fault.error not in ERRORS:
        raise Unsupported(
            f"SQLite's triggers raise constraint errors only, no {fault.error}",
            hint="leave error out, or use error='unique'",
            elsewhere=SERVERS,
        )
    if fault.times is not None:
        raise Unsupported(
            "SQLite cannot count failures: their rollback takes every trace with it",
            hint="end the fault after the first failed request with injected.disarm()",
            elsewhere=SERVERS,
        )
    if fault.write.operation == "commit" and fault.nth != 1:
        raise Unsupported(
            "SQLite fails every COMMIT while the fault is in place: nth must be 1",
            elsewhere=SERVERS,
        )


class ArmedTrigger:
    """A fault in place.

    exclusive opens a write transaction of the harness that may change the schema; reader is a
    connection outside any transaction.
    """

    def __init__(
        self,
        fault: Fault,
        tables: Tables,
        layouts: dict[str, Layout],
        *,
        exclusive: Exclusive,
        reader: sqlite3.Connection,
    ) -> None:
        refuse(fault)
        self._fault = fault
        self._tables, self._layouts = tables, layouts
        self._exclusive = exclusive
        self._reader = reader
        self._trigger = f"{FAULT}_{next(_numbers)}"
        self.armed = True
        self._since = 0
        with exclusive(f"arm {fault}") as connection:
            (self._since,) = connection.execute(
                f"SELECT coalesce(max(id), 0) FROM {LOG}"
            ).fetchone()
            for statement in self._statements():
                connection.execute(statement)

    def _matching(self, row: str) -> str:
        """The condition that a log row (`new`, or an alias) is the write that is to fail."""
        write = self._fault.write
        parts = [f"{row}.id > {self._since}", f"{row}.op <> 'P'", f"{row}.harness IS NULL"]
        if write.operation != "commit":
            number = self._layouts[write.table].number
            parts += [f"{row}.tbl = {number}", f"{row}.op = '{OPS[write.operation]}'"]
        for table, column, value in self._fault.conditions(self._tables):
            layout = self._layouts[table]
            place, wanted = layout.place(column), literal(self._tables[table].native(column, value))
            if table == write.table:
                parts.append(f"{wanted} IN ({row}.o{place}, {row}.n{place})")
            else:  # a row that was written before, in this transaction or since the fault is in place
                parts.append(
                    f"EXISTS (SELECT 1 FROM {LOG} w WHERE w.id > {self._since}"
                    f" AND w.tbl = {layout.number} AND {wanted} IN (w.o{place}, w.n{place}))"
                )
        return " AND ".join(parts)

    def _statements(self) -> list[str]:
        this = f"{NOT_HARNESS} AND {self._matching('new')}"
        head = f"CREATE TRIGGER {self._trigger} AFTER INSERT ON {LOG} WHEN {this}"
        if self._fault.write.operation == "commit":
            return [
                f"CREATE TABLE IF NOT EXISTS {NOWHERE}(id INTEGER PRIMARY KEY)",
                f"CREATE TABLE IF NOT EXISTS {PENDING}(id INTEGER PRIMARY KEY, missing INTEGER"
                f" REFERENCES {NOWHERE}(id) DEFERRABLE INITIALLY DEFERRED)",
                f"{head} BEGIN INSERT OR IGNORE INTO {PENDING} VALUES (1, 1); END",
            ]
        return [
            f"{head} AND {self._count()} >= {self._fault.nth} BEGIN SELECT {self._raise()}; END"
        ]

    def _count(self) -> str:
        return f"(SELECT count(*) FROM {LOG} l WHERE {self._matching('l')})"

    def _raise(self) -> str:
        if self._fault.error == "unique":
            return (
                f"RAISE(ABORT, {literal(f'UNIQUE constraint failed: {self._fault.write.table}')})"
            )
        return f"RAISE(ABORT, {literal(f'injected {self._fault}')})"

    def hits(self) -> int | None:
        return None

    def reached(self) -> bool:
        """Whether the write is there all the same."""
        if not self.armed:
            return False
        (count,) = self._reader.execute(f"SELECT {self._count()}").fetchone()
        return int(count) >= self._fault.nth

    def disarm(self) -> None:
        if not self.armed:
            return
        ignored = 0
        with self._exclusive(f"disarm {self._fault}") as connection:
            connection.execute(f"DROP TRIGGER IF EXISTS {self._trigger}")
            if self._fault.write.operation == "commit":
                (ignored,) = connection.execute(f"SELECT count(*) FROM {PENDING}").fetchone()
                connection.execute(f"DROP TABLE {PENDING}")
                connection.execute(f"DROP TABLE {NOWHERE}")
        self.armed = False
        if ignored:
            raise Unsupported(
                "this COMMIT could not be made to fail: the application's connections run with "
                "PRAGMA foreign_keys = OFF, and SQLite knows no other way from outside",
                hint="turn foreign_keys on in the application (SQLite leaves them off by default)",
                elsewhere=SERVERS,
            )


class WriteLock:
    """All that SQLite has for a pause point: nobody writes until the harness lets go.

    Requests come as far as their first write, whichever it is, and wait there as long as their own
    busy timeout allows (five seconds in Python). Nobody can see how many have arrived.
    """

    def __init__(self, write: Write, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._write = write
        connection.execute("BEGIN IMMEDIATE")

    def arrived(self) -> int | None:
        return None

    def release(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def release_one(self) -> None:
        self.release()

    def close(self) -> None:
        self.release()
        self._connection.close()
