"""The database as tests see it: watch, undo, arrange, fail, race.

The facade is the same for all engines; what differs is behind `engine.Engine`. Use it from one
thread at a time; requests may run in others meanwhile.
"""

from __future__ import annotations

import importlib
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol, TypeVar, cast

from ...errors import TargetError
from ...machine import patience
from . import arrange as arranging
from .changes import Changes, Check, Row
from .connect import backend_of, in_form_of, masked, parse_url, require_driver
from .engine import Capabilities, Engine, Mark, Recovery
from .fault import Failure, Fault, Injected, Write
from .marker import marked_error, names_marker
from .names import Noise
from .race import Gate, Outcome, race
from .select import Found, select
from .tables import Tables

T = TypeVar("T")
LOCK_TIMEOUT = 5.0


class EngineModule(Protocol):
    """What each engine's module offers."""

    def connect(self, url: Any, schemas: Sequence[str]) -> Engine: ...
    def clone(self, url: Any, name: str) -> Any: ...
    def drop_clone(self, url: Any) -> None: ...


def engine_module(url: Any) -> EngineModule:
    """The engine's module, imported only now; TargetError naming the extra when its driver is missing."""
    require_driver(url)
    return cast(EngineModule, importlib.import_module(f".{backend_of(url)}", __package__))


def open_database(
    url: str,
    *,
    schemas: Sequence[str] = (),
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
    ignores: Collection[str] = (),
    writes_when_refused: Collection[str] = (),
    rules: arranging.RowRules | None = None,
) -> Database:
    """Connects; nothing is written before `install`.

    schemas: which to watch; none given: all of the application's.
    overrides: table to column to value, what arranged rows need beyond what the schema says.
    ignores: `table` or `table.column` whose changes are noise.
    writes_when_refused: likewise, what the application writes of refused requests too.
    rules: what else is known of the values of arranged rows.
    Raises TargetError: unreachable (password masked), driver missing, unknown table or column.
    """
    parsed = parse_url(url)
    engine = engine_module(parsed).connect(parsed, schemas)
    try:
        kept = arranging.Arranging(overrides or {}, rules or arranging.NoRules())
        return Database(
            engine,
            arrangements=kept,
            ignores=ignores,
            writes_when_refused=writes_when_refused,
            shown=masked(parsed),
        )
    except BaseException:
        engine.close()
        raise


class Database:
    """One watched database. Close it, or use it in a `with` block; closing leaves the capture installed."""

    def __init__(
        self,
        engine: Engine,
        *,
        arrangements: arranging.Arranging,
        ignores: Collection[str],
        writes_when_refused: Collection[str],
        shown: str,
    ) -> None:
        self._engine = engine
        self._arranging = arrangements
        self._shown = shown
        self._marks: list[weakref.ref[_Moment]] = []  # in order; one nobody holds is forgotten
        # Is told of each watch that begins and each fault that is put in place.
        self.observer: Callable[[object], None] = lambda seen: None
        # Makes the application let go of what it keeps locked for ever; whether it could.
        self.freed: Callable[[], bool] = lambda: False
        # Returns when what the application still writes of earlier requests has arrived.
        self.arrived: Callable[[], None] = lambda: None
        columns = {name: info.columns for name, info in engine.tables.items()}
        self._noise = _noise("ignores", ignores, columns)
        self._refusal_noise = _noise("writes_when_refused", writes_when_refused, columns)
        for table, values in arrangements.overrides.items():
            for column in values:
                engine.tables[table].column(column)

    @property
    def name(self) -> str:
        """`sqlite`, `postgresql`, `mariadb` or `mysql`."""
        return self._engine.name

    @property
    def capabilities(self) -> Capabilities:
        return self._engine.capabilities

    @property
    def tables(self) -> Tables:
        """The reflected tables by name."""
        return self._engine.tables

    @property
    def rules(self) -> arranging.RowRules:
        """What is known of the values of rows beyond the schema."""
        return self._arranging.rules

    # --- installing -------------------------------------------------------------------------------

    def install(self, *, lock_timeout: float = LOCK_TIMEOUT) -> Recovery:
        """Captures from here on; first takes back and cleans what an earlier run left (returned).

        Refused for a database that carries the mark of those that are never to be touched.
        """
        if names_marker(self._engine.tables):
            raise marked_error(self._shown)
        self._marks.clear()
        return self._engine.install(lock_timeout=patience(lock_timeout))

    def uninstall(self) -> None:
        """Removes everything of the harness; changes not undone stay."""
        self._marks.clear()
        self._engine.uninstall()

    def recover(self) -> Recovery:
        """Takes back every change since `install` that no undo took back, then removes everything of
        the harness.

        TargetError when that cannot be done: then log and triggers stay for `restore`.
        """
        self._marks.clear()
        return self._engine.recover()

    def close(self) -> None:
        self._engine.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # --- watching and undoing ---------------------------------------------------------------------

    def mark(self) -> Mark:
        """This moment, to undo to. Marks nest: an outer one outlives the undo of an inner one."""
        mark = _Moment(self._engine.mark(), Counter(self._arranging.made))
        self._marks = [other for other in self._marks if other() is not None]
        self._marks.append(weakref.ref(mark))
        return cast(Mark, mark)

    def undo(self, to: Mark | Changes) -> int:
        """Puts everything back as it was at the mark, or when the watch began, by whomever changed;
        how many steps that were.

        TargetError on a conflict, and for a mark from a stretch that an outer undo has taken back.
        """
        self.arrived()
        mark = to if not isinstance(to, Changes) else self._began(to)
        place = self._place(mark)
        count = self._engine.undo(_position(mark))
        self._arranging.made = Counter(_moment(mark).arranged)
        del self._marks[place + 1 :]
        return count

    def _began(self, changes: Changes) -> Mark:
        if changes.began is None:
            raise TargetError("these changes were not watched by this database")
        return cast(Mark, changes.began)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever the block changes is taken back at its end, also when it fails."""
        mark = self.mark()
        with _ended_by(lambda: self.undo(mark)):
            yield

    def _place(self, mark: Mark) -> int:
        for place in reversed(range(len(self._marks))):
            if cast(object, self._marks[place]()) is mark:
                return place
        raise TargetError("this mark lies in a stretch that has been undone, or before install()")

    @contextmanager
    def watch(self, *, transactions: bool = False) -> Iterator[Changes]:
        """The application's row changes of the block, the harness's own left out.

        Inside the block each question reads what came so far; after it the changes are fixed.
        transactions: changes carry their transaction, for `one_transaction()`. PostgreSQL and SQLite
        always tell; on MariaDB it costs the application 0.15 ms a write.
        """
        if transactions:
            with self._telling(), self.watch() as changes:
                yield changes
            return
        self.arrived()
        mark = self.mark()
        changes = self.since(mark)
        self.observer(changes)

        def end() -> None:
            self._place(mark)
            changes.freeze(self._engine.changes(_position(mark), settle=True))

        with _ended_by(end):
            yield changes

    def since(self, mark: Mark) -> Changes:
        """The application's row changes since a mark, read anew by each question."""
        return Changes(
            lambda: self._engine.changes(_position(mark), settle=False),
            tables=self._engine.tables,
            noise=self._noise,
            refusal_noise=self._refusal_noise,
            began=mark,
        )

    @contextmanager
    def _telling(self) -> Iterator[None]:
        self._engine.tell_transactions(True)
        with _ended_by(lambda: self._engine.tell_transactions(False)):
            yield

    def settled(self) -> None:
        """Returns when no write of the application is in flight; TargetError says who still writes."""
        self._engine.settled()

    # --- rows -------------------------------------------------------------------------------------

    def rows(self, table: str, /, **where: Any) -> list[Row]:
        """The stored rows with these column values, by primary key."""
        return arranging.select_rows(self._engine, table, where)

    def row(self, table: str, /, **where: Any) -> Row:
        """The only such row; AssertionError when there is none or several."""
        __tracebackhide__ = True  # pytest shows the line of the test
        found = self.rows(table, **where)
        if len(found) != 1:
            shown = "".join(f"\n  {row!r}" for row in found[:5])
            raise AssertionError(
                f"expected one row of {table} with {where!r}, found {len(found)}{shown}"
            )
        return found[0]

    def text_forms(self, table: str, /) -> Mapping[str, str]:
        """What the texts of the stored rows are, by column: `uuid`, `hex` (of 32), `json`."""
        return arranging.text_forms(self._engine, table, self._arranging)

    def arrange(self, table: str, /, **columns: Any) -> Row:
        """Inserts a row that satisfies the schema, its foreign-key parents first; the row as stored."""
        return arranging.arrange(self._engine, table, columns, self._arranging)

    def update(self, table: str, row: Mapping[str, Any], /, **columns: Any) -> Row:
        """Gives an arranged row other values; the row as stored then."""
        return arranging.update(self._engine, table, row, columns)

    def select(self, sql: str, /, **parameters: Any) -> Found:
        """The rows that a SELECT finds; each `:name` in it is bound to the parameter, never pasted.

        The database refuses whatever would write. TargetError when it cannot run the SQL.
        """
        return select(self._engine, sql, parameters)

    def never(self, select: str) -> Check:
        """Holds when a SELECT finds no row: an invariant that nothing may break."""
        return arranging.finds_none(self._engine, select)

    def hash(self) -> Mapping[str, str]:
        """Table name to a digest of all its rows."""
        return self._engine.hash()

    # --- faults and races -------------------------------------------------------------------------

    @contextmanager
    def fault(
        self,
        write: str | Failure,
        *,
        nth: int = 1,
        error: str | None = None,
        times: int | None = None,
        where: Mapping[str, Any] | None = None,
        cut: bool = False,
    ) -> Iterator[Injected]:
        """Makes a write of the application fail inside its own transaction, or its COMMIT.

        write: `insert orders`, `update orders`, `delete orders` or `commit`, or a Failure, which says
        the rest as well; the rest: `fault.Fault`. Raises engine.Unsupported for what this engine
        cannot make fail.
        """
        if isinstance(write, Failure):
            error, cut, times = write.error, write.cut, write.times
        named = write.write if isinstance(write, Failure) else write
        parsed = Write.parse(named, self._engine.tables)
        fault = Fault(parsed, nth, error, times, where or {}, cut)
        fault.conditions(self._engine.tables)
        with self._telling():
            injected = Injected(fault, self._engine.arm(fault))
            self.observer(injected)
            with _ended_by(lambda: injected.disarm(self.freed)):
                yield injected
                injected.await_late()

    @contextmanager
    def hold(self, write: str, *, parties: int = 2, timeout: float = 10.0) -> Iterator[Gate]:
        """Transactions of the application that reach this write wait there, until the gate lets them go."""
        with self._telling():
            held = self._engine.hold(Write.parse(write, self._engine.tables), parties)
            gate = Gate(held, parties, timeout)
            with _ended_by(held.close):
                yield gate

    def race(
        self,
        *calls: Callable[[], T],
        on: str | None = None,
        together: bool = True,
        timeout: float = 10.0,
    ) -> list[Outcome[T]]:
        """Runs the calls in threads, all brought to the write `on`, then released together or in turn."""
        return race(self, calls, on=on, together=together, timeout=timeout)


def _noise(key: str, names: Collection[str], columns: Mapping[str, Collection[str]]) -> Noise:
    try:
        return Noise.parse(names, columns)
    except ValueError as error:
        raise TargetError(f"{key}: {error}") from None


@contextmanager
def _ended_by(end: Callable[[], object]) -> Iterator[None]:
    """Calls `end` after the block, also after an error, but not after an interrupt.

    That may have come in the middle of an answer of the database: whoever ends the run takes
    everything back over a new connection.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException:
        end()
        raise
    end()


class _Moment:
    """A mark of the facade: two marks at the same place in the log are still two marks."""

    __slots__ = ("__weakref__", "arranged", "position")

    def __init__(self, position: Mark, arranged: Counter[str]) -> None:
        self.position = position
        self.arranged = arranged  # how many rows of each table were arranged before


def _moment(mark: Mark) -> _Moment:
    assert isinstance(mark, _Moment)
    return mark


def _position(mark: Mark) -> Mark:
    return _moment(mark).position


def restore(url: str, *, discard: bool = False) -> Recovery:
    """Takes back and removes what a killed run left; `discard` keeps its rows and removes only the rest."""
    parsed = parse_url(url)
    engine = engine_module(parsed).connect(parsed, ())
    try:
        return engine.recover(discard=discard)
    finally:
        engine.close()


def clone(url: str, name: str) -> str:
    """A copy of the database named after it and `name`; its URL with the same driver, password included."""
    parsed = parse_url(url)
    return in_form_of(url, engine_module(parsed).clone(parsed, name))


def drop_clone(url: str) -> None:
    """Removes a copy that `clone` made; TargetError for anything else."""
    parsed = parse_url(url)
    engine_module(parsed).drop_clone(parsed)
