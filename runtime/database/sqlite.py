"""SQLite: the engine. How rows are captured is in `sqlite_capture`, how they are taken back in
`sqlite_undo`.

The application is another process with connections of its own, and there is one writer at a time.
So the harness locks briefly (BEGIN IMMEDIATE also waits until no writer is in flight), never keeps
a read transaction open, and marks what it wrote itself inside its own writing transaction: every
log row of that transaction is the harness's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import TargetError
from ...machine import patience
from . import sqlite_install as setup
from . import sqlite_shadow as shadow
from .changes import Captured
from .connect import masked, reached, sqlite_file
from .engine import Armed, Capabilities, Held, Mark, Recovery, conflict_error
from .fault import Fault, Write
from .sqlite_capture import LOG, STATE, Survey, survey
from .sqlite_clone import clone, drop_clone
from .sqlite_faults import ERRORS, ArmedTrigger, WriteLock
from .sqlite_file import commit_counter, open_file, spoken
from .sqlite_log import hash_tables, read_steps
from .sqlite_undo import switch_triggers_off, take_back
from .sqltext import after_word
from .tables import TableInfo, Tables, declared_unique, reflect

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import URL, Connection

__all__ = ["SQLite", "clone", "connect", "drop_clone"]

BUSY_SECONDS = 5.0
ONE_WRITER = (
    "SQLite has one writer at a time: `hold` keeps the write lock, requests stop at their first write "
    "whichever it is, and nobody can see how many have arrived"
)


def connect(url: URL, schemas: Sequence[str]) -> SQLite:
    """The engine for this file. TargetError when it is not there or no SQLite database."""
    if schemas and set(schemas) != {"main"}:
        raise TargetError(f"SQLite has one schema, main; found {', '.join(schemas)}")
    return SQLite(url)


@dataclass(frozen=True, slots=True)
class _Moment:
    """A mark: the last log id, the commits so far (None: the system does not tell), copies."""

    log: int
    commits: int | None
    copies: shadow.Copies


class SQLite:
    """See `engine.Engine`."""

    name = "sqlite"

    def __init__(self, url: URL) -> None:
        import sqlalchemy as sa
        from sqlalchemy.pool import StaticPool

        self.url = url
        self.path = sqlite_file(url)
        self.sql: sa.Engine = sa.create_engine(
            url,
            creator=lambda: open_file(url, patience(BUSY_SECONDS)),
            poolclass=StaticPool,
            isolation_level="AUTOCOMMIT",
        )
        with reached(url):
            self._connection = self.sql.connect()
            self._connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        raw = self._connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        self._main = raw
        with spoken(self.path, "read the schema"):
            self._tables = self._reflect()
        # Undo has a connection of its own, so that its settings never reach the harness's writes.
        self._undoer = open_file(url, patience(BUSY_SECONDS))
        for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON", "synchronous = OFF"):
            self._undoer.execute(f"PRAGMA {pragma}")
        self._triggers_off = switch_triggers_off(self._undoer)
        self._there = Survey((), (), {})
        self._schema: setup.Fingerprint | None = None
        self._own_commits = 0
        self._faults: list[ArmedTrigger] = []

    def _reflect(self) -> Tables:
        numbered = {layout.name: layout.alias for layout in survey(self._main).captured}

        def unique(table: sa.Table) -> frozenset[str]:
            # SQLAlchemy reads UNIQUE from the text of CREATE TABLE and misses some
            columns = self._main.execute(
                'SELECT x.name FROM pragma_index_list(?) i, pragma_index_xinfo(i.name) x WHERE i."unique"'
                " AND x.key AND x.name NOTNULL",
                (table.name,),
            )
            return declared_unique(table) | {name for (name,) in columns}

        return reflect(
            self._connection,
            autokey=lambda table: numbered.get(table.name, ""),
            unique=unique,
        )

    @property
    def tables(self) -> Tables:
        return self._tables

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            transactions=False,
            pause_points=False,
            errors=ERRORS,
            proof=False,
            commit=True,
            cut=False,
            limits=(ONE_WRITER, *self._there.limits),
        )

    # --- installing -------------------------------------------------------------------------------

    def install(self, *, lock_timeout: float) -> Recovery:
        with self._exclusive("install", lock_timeout) as connection:
            left = setup.clean_up(connection, triggers_off=self._triggers_off)
            self._there = setup.put_in_place(connection)
            self._schema = setup.fingerprint(connection)
        self._tables = self._reflect()
        return left

    def uninstall(self) -> None:
        with self._exclusive("uninstall", BUSY_SECONDS) as connection:
            setup.take_down(connection)
        self._schema = None

    def recover(self, *, discard: bool = False) -> Recovery:
        with self._exclusive("restore", BUSY_SECONDS) as connection:
            left = setup.clean_up(connection, triggers_off=self._triggers_off, discard=discard)
        self._schema = None
        return left

    @contextmanager
    def _exclusive(self, what: str, timeout: float) -> Iterator[sqlite3.Connection]:
        """The undo connection in a write transaction that is committed at the end."""
        connection = self._undoer
        with spoken(self.path, what):
            connection.execute(f"PRAGMA busy_timeout = {int(patience(timeout) * 1000)}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
                self._own_commits += 1
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                connection.execute(f"PRAGMA busy_timeout = {int(patience(BUSY_SECONDS) * 1000)}")

    # --- watching and undoing ---------------------------------------------------------------------

    @contextmanager
    def _alone(self, connection: sqlite3.Connection, what: str) -> Iterator[None]:
        """A write lock without a write: nobody is writing, and the schema is the installed one."""
        with spoken(self.path, what):
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._unchanged(connection)
                yield
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _unchanged(self, connection: sqlite3.Connection) -> None:
        if self._schema is None:
            raise TargetError(
                f"{masked(self.url)} is not being watched", hint="call database.install() first"
            )
        self._schema = setup.check(connection, self._schema)

    def mark(self) -> Mark:
        with self._alone(self._main, "mark"):
            copies = shadow.take(self._main, self._there.copied)
            return Mark(_Moment(self._last(), self._commits(), copies))

    def _last(self) -> int:
        (last,) = self._main.execute(f"SELECT coalesce(max(id), 0) FROM {LOG}").fetchone()
        return int(last)

    def _commits(self) -> int | None:
        """How many write transactions of others there have been, from some start."""
        count = commit_counter(self.path)
        return None if count is None else count - self._own_commits

    def tell_transactions(self, on: bool) -> None:
        """Always told: it costs nothing here."""

    def changes(self, since: Mark, *, settle: bool) -> Captured:
        assert isinstance(since, _Moment)
        if settle:
            with self._alone(self._main, "watch"):
                return self._since(since)
        with spoken(self.path, "watch"):
            self._main.execute("BEGIN")
            try:
                self._unchanged(self._main)
                return self._since(since)
            finally:
                self._main.execute("ROLLBACK")

    def _since(self, moment: _Moment) -> Captured:
        main, there = self._main, self._there
        steps = read_steps(main, there.captured, self._tables, moment.log)
        steps += shadow.changes(main, there.copied, self._tables, moment.copies)
        now = self._commits()
        if now is None or moment.commits is None or now < moment.commits:
            return Captured(tuple(steps))
        return Captured(tuple(steps), now - moment.commits)

    def undo(self, since: Mark) -> int:
        assert isinstance(since, _Moment)
        connection, there = self._undoer, self._there
        with self._alone(connection, "undo"):
            written = connection.total_changes
            count, conflicts = take_back(
                connection,
                there.captured,
                since.log,
                triggers_off=self._triggers_off,
                faults=any(fault.armed for fault in self._faults),
            )
            if conflicts:
                raise conflict_error(conflicts)
            count += shadow.put_back(connection, there.copied, since.copies)
            if connection.total_changes != written:
                connection.execute("COMMIT")
                self._own_commits += 1
        return count

    # --- own connections --------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._alone(self._main, "write"):
            last = self._last()
            self._main.execute(f"INSERT INTO {STATE} VALUES ('harness', 1)")
            yield self._connection
            self._main.execute(f"DELETE FROM {STATE} WHERE name = 'harness'")
            self._main.execute(f"UPDATE {LOG} SET harness = 1 WHERE id > ?", (last,))
            self._main.execute("COMMIT")
            self._own_commits += 1

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with spoken(self.path, "read"):
            self._main.execute("BEGIN")
            try:
                yield self._connection
            finally:
                if self._main.in_transaction:
                    self._main.execute("ROLLBACK")

    def settled(self) -> None:
        with spoken(self.path, "wait for writers"):
            self._main.execute("BEGIN IMMEDIATE")
            self._main.execute("ROLLBACK")

    def hash(self) -> Mapping[str, str]:
        with self.reading():
            return hash_tables(self._main)

    def checks(self, table: TableInfo) -> Sequence[str]:
        (sql,) = self._main.execute(
            "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", (table.table.name,)
        ).fetchone()
        return list(after_word(sql, "check"))

    def defer(self, connection: Connection) -> None:
        self._main.execute("PRAGMA defer_foreign_keys = ON")

    def sample(self, column: sa.Column[Any]) -> Any:
        return "x"  # a column without a declared type takes anything

    def close(self) -> None:
        self._connection.close()
        self.sql.dispose()
        self._main.close()
        self._undoer.close()

    # --- faults and races -------------------------------------------------------------------------

    @contextmanager
    def _changing_schema(self, what: str) -> Iterator[sqlite3.Connection]:
        """As `_exclusive`, on the schema as installed; what the harness changes in it is no surprise."""
        with self._exclusive(what, BUSY_SECONDS) as connection:
            self._unchanged(connection)
            yield connection
            self._schema = setup.fingerprint(connection)

    def arm(self, fault: Fault) -> Armed:
        layouts = {layout.name: layout for layout in self._there.captured}
        armed = ArmedTrigger(
            fault, self._tables, layouts, exclusive=self._changing_schema, reader=self._main
        )
        self._faults = [*(other for other in self._faults if other.armed), armed]
        return armed

    def hold(self, write: Write, parties: int) -> Held:
        with spoken(self.path, f"hold {write}"):
            return WriteLock(write, open_file(self.url, patience(BUSY_SECONDS)))
