"""What the facade asks of a database engine, and the data that passes between them.

One module per engine (`sqlite.py`, `postgresql.py`, `mariadb.py`) offers

    connect(url: URL, schemas: Sequence[str]) -> Engine     nothing is written yet
    clone(url: URL, name: str) -> URL                       a copy named after the original and `name`
    drop_clone(url: URL) -> None                            refuses what `clone` did not make

and a class that fulfils the `Engine` protocol. Everything that is the same for all engines (names,
noise, net effect of steps, arranging rows, waiting at a gate) lives in the facade's modules, so an
engine only knows how to capture, read, take back, fail and hold writes in its own SQL.

Rules that every engine keeps:

- The harness's own objects are named `_gen_suite_...` (`names.OWN`); a PostgreSQL schema of that
  name is the natural place. They never appear in `tables`, `changes` or `hash`.
- Whatever is changed in the database is found and mended by `recover` after kill -9, by another
  process.
- Nothing is guessed: what cannot be done raises TargetError (`Unsupported` for what this engine,
  its version or its settings can never do) naming the reason and the next step.
- No harness connection stays inside a transaction between two calls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NewType, Protocol

from ...errors import Location, TargetError
from .changes import Captured
from .tables import TableInfo, Tables

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection

    from .fault import Fault, Write

# What an engine remembers of a moment; only that engine looks inside. SQLite: the last log id;
# PostgreSQL: pg_current_snapshot() as text; MariaDB: the last id of each shadow table.
Mark = NewType("Mark", object)


class Unsupported(TargetError):  # noqa: N818 - a statement, not a mistake
    """This engine, its version, its settings or our rights do not allow it: no test can be made of it.

    `elsewhere` names the engines on which it can be done, where it is the engine that cannot.
    """

    def __init__(
        self,
        message: str,
        *,
        where: Location | None = None,
        hint: str = "",
        elsewhere: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.elsewhere = elsewhere


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the engine can do; `database.capabilities` tells tests and reports beforehand."""

    transactions: bool  # row changes carry the id of their transaction
    pause_points: bool  # `hold` stops requests inside their transactions; else a plain barrier
    errors: frozenset[str]  # kinds that `fault(error=...)` can make the driver see
    proof: bool  # `injected.fired` is proven; else it needs a control run
    commit: bool  # COMMIT can be made to fail (SQLite: depends on the application's settings)
    cut: bool  # the application's connection can be cut
    limits: tuple[str, ...] = ()  # named degraded modes, one sentence each


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a killed run had left and what was done about it."""

    rows: int = 0  # row changes taken back
    faults: int = 0  # fault and pause triggers dropped
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows or self.faults or self.notes)

    def __str__(self) -> str:
        if not self:
            return "nothing was left behind"
        parts = [f"took back {self.rows} row change(s)", f"dropped {self.faults} fault trigger(s)"]
        return "; ".join([*parts, *self.notes])


class Armed(Protocol):
    """A fault in place."""

    def hits(self) -> int | None:
        """How often it fired, rolled-back transactions included; None where that cannot be told."""

    def reached(self) -> bool:
        """True when the write that should fail is there, committed: the fault surely did not fire."""

    def disarm(self) -> None:
        """Removes it; harmless when repeated. Unsupported when it now shows that it could not work."""


class Held(Protocol):
    """A pause point in place."""

    def arrived(self) -> int | None:
        """How many transactions wait at it now, or for a lock of one that does.

        None where that cannot be told.
        """

    def release(self) -> None:
        """Lets all go on, and later ones through."""

    def release_one(self) -> None:
        """Lets the one go that waits longest, keeps the others."""

    def close(self) -> None:
        """Releases and removes the pause point; harmless when repeated."""


class Engine(Protocol):
    """One engine behind the facade; used from one thread at a time.

    Attributes: `name` ("sqlite", "postgresql", "mariadb", "mysql"), `capabilities`, `tables`
    (reflected; `refresh` reads them anew), `sql` (the harness's SQLAlchemy engine; its connections
    count as the harness's own).
    """

    name: str
    sql: sa.Engine

    @property
    def tables(self) -> Tables: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def install(self, *, lock_timeout: float) -> Recovery:
        """Capture from here on: triggers, log, the schema's fingerprint, who installed it.

        First takes back and cleans what a killed run left (as `recover`). Refuses with TargetError
        when another live run has this database installed, when rights are missing, and when a lock
        is not had within `lock_timeout` seconds: then it names the connection that blocks and since
        when. Tables that cannot be captured are either watched by snapshot comparison (named in
        `capabilities.limits`) or refused. Installing again refreshes after a migration.
        """

    def uninstall(self) -> None:
        """Removes everything of the harness; the row changes that are still logged stay done."""

    def tell_transactions(self, on: bool) -> None:
        """From here on row changes carry their transaction, for as many blocks as have asked for it.

        Only an engine on which that costs something has anything to do.
        """

    def recover(self, *, discard: bool = False) -> Recovery:
        """Takes back every logged change, drops fault and pause triggers, removes the harness's
        objects.

        Works without `install` in this process. TargetError when the schema changed since the log
        was written, so that the log no longer fits; `discard` then drops the log and leaves the
        rows.
        """

    def mark(self) -> Mark:
        """This moment, once no writer is in flight. TargetError when the schema changed since install."""

    def changes(self, since: Mark, *, settle: bool) -> Captured:
        """Every step since, harness's own included and marked, in order, before and after typed.

        `settle` waits first until no writer is in flight (a watch that ends); without it only what
        is committed now is read (a question inside a watch).
        """

    def undo(self, since: Mark) -> int:
        """Takes back every step since, exactly; returns how many steps. Nearly free when there is
        none.

        Atomic: killed half way it has not happened, or `recover` completes it. Application triggers
        do not fire. TargetError naming table, key, expected and found image on a conflict (a row is
        not as the log says it was left): nothing is changed then.
        """

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction of the harness: committed at the end, its writes captured and marked as own."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to read with; nothing stays open after the block."""

    def settled(self) -> None:
        """Returns when no other connection has a write in flight; TargetError names the one that has."""

    def hash(self) -> Mapping[str, str]:
        """Table name to a digest of all its rows, exact to the storage class; own tables left out."""

    def arm(self, fault: Fault) -> Armed:
        """Puts a fault in place. Unsupported names what this engine cannot make fail."""

    def hold(self, write: Write, parties: int) -> Held:
        """Puts a pause point on a write: transactions of the application wait at it."""

    def sample(self, column: sa.Column[Any]) -> Any:
        """A value for a column whose type SQLAlchemy maps to no Python type; None when none is known."""

    def checks(self, table: TableInfo) -> Sequence[str]:
        """The CHECK expressions of a table as SQL text (`tables.reflected_checks` reads them for most)."""

    def defer(self, connection: Connection) -> None:
        """Foreign keys of the open harness transaction are checked at its end, as far as that can
        be.

        For rows that need each other (SQLite: defer_foreign_keys, PostgreSQL: SET CONSTRAINTS ALL
        DEFERRED, MariaDB: foreign_key_checks off until `writing` ends).
        """

    def close(self) -> None:
        """Closes the harness's connections; what is installed stays installed."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that is not as the log says it was left."""

    table: str
    key: Mapping[str, Any]
    expected: Mapping[str, Any] | None
    found: Mapping[str, Any] | None = field(default=None)

    def __str__(self) -> str:
        key = ", ".join(f"{c}={v!r}" for c, v in self.key.items())
        return f"{self.table}({key}): expected {_image(self.expected)}, found {_image(self.found)}"


def _image(values: Mapping[str, Any] | None) -> str:
    return "no row" if values is None else repr(dict(values))


def conflict_error(conflicts: list[Conflict]) -> TargetError:
    """The message of an undo that would have to guess."""
    lines = "\n".join(f"  {conflict}" for conflict in conflicts[:5])
    return TargetError(
        f"undo refused: {len(conflicts)} row(s) are not as the log says they were left\n{lines}",
        hint="something wrote without the capture triggers (a migration, a bulk load, a client with "
        "triggers off); restore the database from its source, then run again",
    )
