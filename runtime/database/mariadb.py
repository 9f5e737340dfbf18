"""MariaDB and MySQL: the engine. `mariadb_capture` tells how rows are logged, `mariadb_undo` how they go
back.

The application has any number of connections and overlapping transactions. Its captured writes share a
lock that the harness takes alone for a moment (`mariadb_wait`): that is how it knows that nothing is in
flight, and what came before a mark and what after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...errors import TargetError
from . import mariadb_install as setup
from . import mariadb_schema as schema
from .changes import Captured
from .connect import masked, reached
from .engine import Armed, Capabilities, Held, Mark, Recovery, conflict_error
from .fault import ERRORS, Fault, Write
from .mariadb_clone import clone, drop_clone
from .mariadb_faults import ArmedFault, Faults
from .mariadb_hold import Hold
from .mariadb_log import hash_tables, last_numbers, read_steps
from .mariadb_mend import complete, may_be_needed
from .mariadb_session import LOCK_ERRORS, MINE, Session, Spares, driver_error, errno, quoted, spoken
from .mariadb_survey import Layout, Survey, survey
from .mariadb_types import reflected, sample
from .mariadb_undo import take_back
from .mariadb_wait import pass_gate, tell_transactions
from .tables import TableInfo, Tables, reflected_checks

__all__ = ["MariaDB", "clone", "connect", "drop_clone"]

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import URL, Connection

UNDO_ATTEMPTS = 5
NEVER = -1
SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"


@dataclass(frozen=True, slots=True)
class Moment:
    """A mark: what is logged later has a greater number. `sums` are those of tables that are not captured."""

    number: int
    sums: tuple[Any, ...] = ()


def connect(url: URL, schemas: Sequence[str]) -> MariaDB:
    """The engine for this database. TargetError when it cannot be reached."""
    if not url.database:
        raise TargetError(
            f"{masked(url)} names no database", hint="add it, as in mysql://user@host:3306/shop"
        )
    return MariaDB(url, schemas)


class MariaDB:
    """See `engine.Engine`; a mark is a `Moment`."""

    def __init__(self, url: URL, schemas: Sequence[str]) -> None:
        import sqlalchemy as sa

        self.url = url.update_query_dict({"charset": "utf8mb4"})
        self._session = Session(self.url)
        self._spares = Spares(self._session)
        self._flavor = self._session.flavor()
        self.name = self._flavor.name
        self._schemas = tuple(dict.fromkeys(schemas)) or (self._session.database,)
        self.sql: sa.Engine = sa.create_engine(self.url, pool_size=2)
        sa.event.listen(self.sql, "connect", _mark_as_own)
        with reached(self.url), self.sql.connect() as connection:
            self._tables = reflected(connection, schemas)
        self._installed: setup.Installed | None = None
        self._fingerprint = schema.Fingerprint(0, {})
        self._limits: tuple[str, ...] = ()
        self._faults: Faults
        self._last: dict[int, int] = {}
        self._as_of = NEVER  # what was logged up to this number is in `_last`
        self._tellers = 0  # how many blocks want to know which writes share a transaction
        self._told = False  # whether the triggers tell it

    @property
    def tables(self) -> Tables:
        return self._tables

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            transactions=self._flavor.mariadb,
            pause_points=True,
            errors=frozenset(ERRORS),
            proof=True,
            commit=self._flavor.mariadb,
            cut=True,
            limits=self._limits,
        )

    # --- installing -------------------------------------------------------------------------------

    def install(self, *, lock_timeout: float) -> Recovery:
        session = self._session
        setup.require(self._flavor)
        self._installed = None
        with spoken(session, "install"):
            setup.take_ownership(session)
            left = setup.clean_up(session, self._flavor)
            self._installed, self._fingerprint = setup.put_in_place(
                session, self._flavor, self._schemas, lock_timeout
            )
        self._faults = Faults(self._spares, self._flavor, self._installed)
        self._limits = self._installed.survey.limits
        self._last, self._as_of = {}, NEVER
        self._tellers, self._told = 0, False
        with self.sql.connect() as connection:
            self._tables = reflected(connection, self._schemas)
        return left

    def uninstall(self) -> None:
        with spoken(self._session, "uninstall"):
            setup.take_ownership(self._session)
            setup.take_down(self._session)
            setup.give_up_ownership(self._session)
        self._installed = None

    def recover(self, *, discard: bool = False) -> Recovery:
        with spoken(self._session, "restore"):
            setup.take_ownership(self._session)
            left = setup.clean_up(self._session, self._flavor, discard=discard)
            setup.give_up_ownership(self._session)
        self._installed = None
        return left

    # --- watching and undoing ---------------------------------------------------------------------

    def _watched(self) -> setup.Installed:
        if self._installed is None:
            raise TargetError(
                f"{masked(self.url)} is not being watched", hint="call database.install() first"
            )
        return self._installed

    def _unchanged(self, installed: setup.Installed) -> None:
        self._fingerprint = schema.check(
            self._session, self._flavor, installed.schemas, self._fingerprint
        )

    def _pass_gate(self, installed: setup.Installed) -> int:
        number, armed = pass_gate(self._session, installed.base)
        if not armed:
            raise TargetError(
                f"the capture of {masked(self.url)} has been switched off by somebody else",
                hint="call database.install() again",
            )
        return number

    def _touched(self, installed: setup.Installed, number: int, since: int) -> list[Layout]:
        """The tables with log rows after `since`; free when nobody took a number after the last look."""
        layouts = installed.survey.layouts
        if number != self._as_of + 2:
            self._last = last_numbers(self._session, layouts)
        self._as_of = number
        return self._after(installed.survey, since)

    def _after(self, found: Survey, since: int) -> list[Layout]:
        """The tables with log rows after `since`, as last seen."""
        return [layout for layout in found.layouts if self._last.get(layout.number, 0) > since]

    def _sums(self, found: Survey) -> tuple[Any, ...]:
        """Checksums of the tables that cannot be captured: costs reading them."""
        if not found.uncaptured:
            return ()
        names = ", ".join(quoted(where, table) for where, table, _, _ in found.uncaptured)
        return tuple(self._session.rows(f"CHECKSUM TABLE {names} EXTENDED"))

    def _refuse_unseen(self, found: Survey, since: Moment) -> None:
        for before, now in zip(since.sums, self._sums(found), strict=True):
            if before != now:
                raise TargetError(
                    f"{now[0]} changed, and it is a table whose changes cannot be captured",
                    hint="; ".join(why for why in found.limits if "noticed" in why),
                )

    def mark(self) -> Mark:
        installed = self._watched()
        with spoken(self._session, "mark"):
            number = self._pass_gate(installed)
            self._unchanged(installed)
            self._touched(installed, number, number)
            if self._told and not self._tellers:
                self._tell(installed, telling=False)
            return Mark(Moment(number, self._sums(installed.survey)))

    def tell_transactions(self, on: bool) -> None:
        """Switched off again only by the next mark: at the end of a block a write may be in flight."""
        self._tellers += 1 if on else -1
        if on and not self._told and self._flavor.mariadb:
            with spoken(self._session, "ask for transactions"):
                self._tell(self._watched(), telling=True)

    def _tell(self, installed: setup.Installed, *, telling: bool) -> None:
        with self._session.transaction():
            self._pass_gate(installed)
            tell_transactions(self._session, telling)
        self._told = telling

    def changes(self, since: Mark, *, settle: bool) -> Captured:
        installed = self._watched()
        assert isinstance(since, Moment)
        session, found = self._session, installed.survey
        with spoken(session, "watch"):
            self._unchanged(installed)
            self._refuse_unseen(found, since)
            if settle:
                captured = self._settled(installed, since.number)
            else:
                with session.transaction(SNAPSHOT):
                    self._last, self._as_of = last_numbers(session, found.layouts), NEVER
                    touched = self._after(found, since.number)
                    captured = read_steps(session, found, touched, self._tables, since.number)
            return replace(captured, asked=self._told or not self._flavor.mariadb)

    def _settled(self, installed: setup.Installed, since: int) -> Captured:
        """What came since a mark, no write being in flight; held up only where the log needs mending."""
        session, found = self._session, installed.survey
        number = self._pass_gate(installed)
        touched = self._touched(installed, number, since)
        if not may_be_needed(found, touched):
            return read_steps(session, found, touched, self._tables, since, number)
        with session.transaction():
            touched = self._touched(installed, self._pass_gate(installed), since)
            complete(session, found, installed.base, since, touched)
            return read_steps(session, found, touched, self._tables, since)

    def undo(self, since: Mark) -> int:
        installed = self._watched()
        assert isinstance(since, Moment)
        with spoken(self._session, "undo"):
            self._unchanged(installed)
            self._refuse_unseen(installed.survey, since)
            if not self._after(
                installed.survey, since.number
            ):  # a look is cheaper than a transaction
                number = self._pass_gate(installed)
                if not self._touched(installed, number, since.number):
                    return 0
            for attempt in range(UNDO_ATTEMPTS):
                try:
                    return self._take_back(installed, since)
                except driver_error() as error:
                    # a writer that came meanwhile holds a row and waits for the gate: let it go first
                    if errno(error) not in (*LOCK_ERRORS, 1213) or attempt + 1 == UNDO_ATTEMPTS:
                        raise
            raise AssertionError("unreachable")

    def _take_back(self, installed: setup.Installed, since: Moment) -> int:
        session, found = self._session, installed.survey
        with session.transaction():
            touched = self._touched(installed, self._pass_gate(installed), since.number)
            count, conflicts = take_back(
                session, self._flavor, found, installed.base, since.number, touched
            )
            if conflicts:
                raise conflict_error(conflicts)
        self._as_of = NEVER
        return count

    # --- own connections --------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self._unchanged(self._watched())
        with self.sql.begin() as connection:
            connection.exec_driver_sql("SET SESSION foreign_key_checks = 1")  # see `defer`
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.sql.connect() as connection:
            yield connection

    def settled(self) -> None:
        with spoken(self._session, "wait for writers"):
            self._pass_gate(self._watched())

    def hash(self) -> Mapping[str, str]:
        with spoken(self._session, "hash"):
            found = survey(self._session, self._schemas, everything=True)
            with self._session.transaction(SNAPSHOT):
                return hash_tables(self._session, found.layouts)

    def sample(self, column: sa.Column[Any]) -> Any:
        table = column.table
        where = getattr(table, "schema", None) or self._session.database
        declared = self._session.value(
            "SELECT column_type FROM information_schema.columns WHERE table_schema ="
            f" {self._session.literal(where)} AND table_name = {self._session.literal(table.name)}"
            f" AND column_name = {self._session.literal(column.name)}"
        )
        return sample(column, str(declared or ""))

    def checks(self, table: TableInfo) -> Sequence[str]:
        with self.reading() as connection:
            return reflected_checks(connection, table)

    def defer(self, connection: Connection) -> None:
        connection.exec_driver_sql("SET SESSION foreign_key_checks = 0")

    def close(self) -> None:
        self.sql.dispose()
        self._spares.close()
        self._session.close()

    # --- faults -----------------------------------------------------------------------------------

    def arm(self, fault: Fault) -> Armed:
        self._watched()
        with spoken(self._session, f"arm {fault}"):
            return ArmedFault(self._faults, fault, self._tables)

    def hold(self, write: Write, parties: int) -> Held:
        installed = self._watched()
        with spoken(self._session, f"hold {write}"):
            return Hold(self._spares, self._flavor, installed, write, parties)


def _mark_as_own(raw: Any, _: Any) -> None:
    with raw.cursor() as cursor:
        cursor.execute(f"SET {MINE} = 1")
