"""PostgreSQL 13 and later: the engine. How rows are captured is in `postgresql_capture`, how they are
taken back in `postgresql_undo`.

The application goes on with connections of its own; nothing that the harness does between install
and uninstall locks its tables. A mark is a snapshot (`pg_current_snapshot()`), taken when no
transaction is in flight. Undo runs against a window of two snapshots; when a writer comes in
between, its rows do not fit the window, nothing is changed, and undo tries again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import psycopg

from ...errors import TargetError
from ...machine import Limit
from . import postgresql_install as setup
from .changes import Captured
from .connect import masked, reached
from .engine import Armed, Capabilities, Held, Mark, Recovery, Unsupported, conflict_error
from .fault import ERRORS, Fault, Write
from .postgresql_capture import EVERYTHING
from .postgresql_clone import clone, drop_clone
from .postgresql_faults import ArmedTrigger
from .postgresql_gate import Gate
from .postgresql_layout import Layout, differences, left_alone, schemas_of, survey
from .postgresql_log import Read, Reader, hash_tables
from .postgresql_moment import Window, moment, quiet_snapshot
from .postgresql_others import holders as lock_holders
from .postgresql_others import patiently, writers
from .postgresql_sample import domain_checks, sample_of, without_domains
from .postgresql_session import HARNESS, Session, forgive, pin, spoken
from .postgresql_undo import (
    DisturbedError,
    Undone,
    conflicts,
    take_back,
    take_back_at_once,
    unexplained,
)
from .tables import TableInfo, Tables, reflect, reflected_checks

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import URL, Connection

__all__ = ["PostgreSQL", "clone", "connect", "drop_clone"]

T = TypeVar("T")
A = TypeVar("A", bound="Answer")
OLDEST = 130000  # pg_current_snapshot() and xid8
SETTLE_SECONDS = 5.0
POLL_SECONDS = 0.002
UNDO_ATTEMPTS = 5


def connect(url: URL, schemas: Sequence[str]) -> PostgreSQL:
    """The engine for this database. TargetError when it cannot be reached or is too old."""
    return PostgreSQL(url, schemas)


class Answer(Protocol):
    """What every answer of the server tells."""

    @property
    def catalog(self) -> str | None: ...
    @property
    def writing(self) -> int: ...


class PostgreSQL:
    """See `engine.Engine`; a mark is a snapshot as text."""

    name = "postgresql"

    def __init__(self, url: URL, schemas: Sequence[str]) -> None:
        import sqlalchemy as sa

        self.url = url
        self._layouts: dict[int, Layout] = {}
        self._limits: tuple[str, ...] = ()
        self._catalog: str | None = None  # as installed; None: not installed
        self.sql: sa.Engine = sa.create_engine(url, pool_size=2, max_overflow=2)
        sa.event.listen(self.sql, "connect", self._prepare)
        with reached(url):
            self._connection = self.sql.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            self._open(schemas)
        except BaseException:
            self.close()
            raise

    def _prepare(self, raw: Any, _record: Any) -> None:
        """Every connection of the harness: marked as such, without the role's timeouts."""
        with spoken(self.url, "connect"):
            Session(raw, self.url).set(HARNESS)
            raw.commit()
        forgive(raw)

    def _open(self, schemas: Sequence[str]) -> None:
        raw = self._connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        self._connection.detach()  # its settings must not come back through the pool
        self._session = Session(raw, self.url)
        self._reader = Reader(self._session)
        if raw.info.server_version < OLDEST:
            raise Unsupported(
                f"{masked(self.url)} is PostgreSQL {raw.info.server_version / 10000:.0f}; "
                "13 is the oldest that can be watched"
            )
        with spoken(self.url, "connect"):
            self._cannot_take_back = pin(self._session)
            (default,) = self._session.one("SELECT current_schema()")
            there = schemas_of(self._session)
            unknown = sorted(set(schemas) - set(there))
            if unknown:
                raise TargetError(f"no schema {unknown[0]!r}; there is: {', '.join(there)}")
            self._scope = setup.Scope(tuple(schemas or there), default)
            self._known = survey(self._session, self._scope.schemas, default)
        self._tables = self._reflect()

    def _reflect(self) -> Tables:
        """The tables by name; partitions are no tables of their own."""
        names = {layout.name for layout in self._known}
        found = reflect(self._connection, self._scope.schemas)
        wanted = [info for name, info in found.items() if name in names]
        without_domains([info.table for info in wanted], self._known, self._scope.default)
        return Tables(wanted)

    @property
    def tables(self) -> Tables:
        return self._tables

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            transactions=True,
            pause_points=True,
            errors=frozenset(ERRORS),
            proof=True,
            commit=True,
            cut=True,
            limits=self._limits,
        )

    # --- installing -------------------------------------------------------------------------------

    def install(self, *, lock_timeout: float) -> Recovery:
        session, scope = self._session, self._scope
        with spoken(self.url, "install"), self._claimed(keep=True):
            setup.refuse_read_only(session)
            left = self._locking("take back what an earlier run left", setup.clean_up, lock_timeout)
            self._catalog = None
            layouts = survey(session, scope.schemas, scope.default)
            limits = setup.check_rights(session, layouts, self._cannot_take_back)
            installed = self._locking(
                "install", lambda s: setup.put_in_place(s, layouts, scope), lock_timeout
            )
            self._limits = (*limits, *left_alone(session, scope.schemas))
            self._layouts = {layout.oid: layout for layout in installed}
            self._catalog = moment(session, EVERYTHING).catalog
        shapes = [[(each.oid, each.shape) for each in group] for group in (self._known, installed)]
        self._known = installed
        if shapes[0] != shapes[1]:
            self._tables = self._reflect()
        return left

    @contextmanager
    def _claimed(self, *, keep: bool) -> Iterator[None]:
        """This run is the one that may change the harness's objects; afterwards too when it installs."""
        if self._catalog is None:
            setup.claim(self._session)
        done = False
        try:
            yield
            done = True
        finally:
            if not (keep and done):
                self._catalog = None
                setup.release(self._session)

    def _locking(self, what: str, work: Callable[[Session], T], timeout: float) -> T:
        """DDL of the harness in a transaction; a lock that is not had is named with its holder."""
        session = self._session
        oids = [layout.oid for layout in self._known]

        def blockers() -> list[str]:
            return lock_holders(session, [*oids, *setup.watched(session)], readers=True)

        return patiently(session, what, lambda: work(session), timeout=timeout, blockers=blockers)

    def uninstall(self) -> None:
        with spoken(self.url, "uninstall"), self._claimed(keep=False):
            self._locking("uninstall", setup.take_down, SETTLE_SECONDS)

    def recover(self, *, discard: bool = False) -> Recovery:
        def work(session: Session) -> Recovery:
            return setup.clean_up(session, discard=discard)

        with spoken(self.url, "restore"), self._claimed(keep=False):
            return self._locking("restore", work, SETTLE_SECONDS)

    # --- watching and undoing ---------------------------------------------------------------------

    def _settled(self, what: str, ask: Callable[[str], A], *, wait: bool = True) -> A:
        """Asks until no write is in flight, on the schema as installed; `ask` is told its catalog."""
        known = self._installed()
        limit = Limit(SETTLE_SECONDS)
        while True:
            answer = ask(known)
            if wait and answer.writing:
                self._still_waiting(what, limit)
                continue
            if answer.catalog is None or answer.catalog == known:
                return answer
            self._check_schema()
            known = answer.catalog
            if not answer.writing:
                self._catalog = known

    def _installed(self) -> str:
        """The catalog as installed; TargetError before install()."""
        if self._catalog is None:
            raise TargetError(
                f"{masked(self.url)} is not being watched", hint="call database.install() first"
            )
        return self._catalog

    def _still_waiting(self, what: str, limit: Limit) -> None:
        if not limit.is_over:
            time.sleep(POLL_SECONDS)
            return
        found = writers(self._session)
        if found:
            raise TargetError(
                f"cannot {what}: a write is still in flight after {SETTLE_SECONDS:g} s\n  "
                + "\n  ".join(found),
                hint="the application did not commit or roll back that transaction: a leaked "
                "connection, a background job, or a request that still runs",
            )

    def _check_schema(self) -> None:
        now = survey(self._session, self._scope.schemas, self._scope.default)
        changed = differences(list(self._layouts.values()), now)
        if changed:
            raise TargetError(
                "the schema changed while it was being watched: " + "; ".join(changed),
                hint="migrate first, then call database.install(); do not migrate during a run",
            )
        self._layouts = {layout.oid: layout for layout in now}  # other triggers may be loud now

    def mark(self) -> Mark:
        self._installed()
        with spoken(self.url, "mark"):
            snapshot = quiet_snapshot(self._session)
            if snapshot is None:
                found = self._settled("mark", lambda _: moment(self._session, None))
                snapshot = found.window.until
            return Mark(snapshot)

    def tell_transactions(self, on: bool) -> None:
        """Always told: it costs nothing here."""

    def changes(self, since: Mark, *, settle: bool) -> Captured:
        assert isinstance(since, str)

        def ask(catalog: str) -> Read:
            return self._reader.read(
                self._layouts, self._tables, since, catalog=catalog, settle=settle
            )

        with spoken(self.url, "watch"):
            return self._settled("watch", ask, wait=settle).captured

    def undo(self, since: Mark) -> int:
        assert isinstance(since, str)

        def ask(catalog: str) -> Undone:
            return take_back_at_once(self._session, self._layouts, since, catalog)

        with spoken(self.url, "undo"):
            try:
                with suppress(DisturbedError, psycopg.errors.DeadlockDetected):
                    steps = self._settled("undo", ask).steps
                    if steps is not None:
                        return steps
                return self._undo_patiently(since)
            except psycopg.errors.LockNotAvailable:
                touched = moment(self._session, since).window.touched
                raise TargetError(
                    "cannot undo: the rows are locked\n  "
                    + "\n  ".join(lock_holders(self._session, touched, readers=False)),
                    hint="the application did not end the transaction that holds the lock",
                ) from None

    def _undo_patiently(self, since: str) -> int:
        """Step by step from here: for what the server's own function leaves, and for who gets in the way."""
        for attempt in range(UNDO_ATTEMPTS):
            window = self._settled("undo", lambda _: moment(self._session, since)).window
            if not window.touched:
                return 0
            try:
                return take_back(self._session, self._layouts, window)
            except (DisturbedError, psycopg.errors.DeadlockDetected) as error:
                if attempt + 1 < UNDO_ATTEMPTS and self._somebody_wrote(window):
                    continue
                found = conflicts(self._session, self._layouts, window)
                raise (conflict_error(found) if found else unexplained(str(error))) from None
        raise AssertionError("unreachable")

    def _somebody_wrote(self, window: Window) -> bool:
        """Whether it was a writer of just now that got in the way."""
        now = moment(self._session, window.until)
        return bool(now.writing or now.window.touched)

    # --- own connections --------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self._installed()
        with self.sql.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with spoken(self.url, "read"), self.sql.connect() as connection:
            yield connection

    def settled(self) -> None:
        with spoken(self.url, "wait for writers"):
            limit = Limit(SETTLE_SECONDS)
            while writers(self._session):
                self._still_waiting("settle", limit)

    def hash(self) -> Mapping[str, str]:
        with spoken(self.url, "hash"):
            return hash_tables(self._session, self._known)

    def checks(self, table: TableInfo) -> Sequence[str]:
        with self.reading() as connection:
            own = reflected_checks(connection, table)
            return [*own, *domain_checks(self._session, table.table)]

    def defer(self, connection: Connection) -> None:
        connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")

    def sample(self, column: sa.Column[Any]) -> Any:
        return sample_of(column, self._known, self._scope.default)

    def close(self) -> None:
        from sqlalchemy.exc import DBAPIError

        with suppress(DBAPIError):  # lost already
            self._connection.close()
        self.sql.dispose()

    # --- faults and races -------------------------------------------------------------------------

    def arm(self, fault: Fault) -> Armed:
        with spoken(self.url, f"arm {fault}"):
            return ArmedTrigger(fault, self._tables, list(self._layouts.values()), self._session)

    def hold(self, write: Write, parties: int) -> Held:
        with spoken(self.url, f"hold {write}"):
            return Gate(write, parties, list(self._layouts.values()), self._session)
