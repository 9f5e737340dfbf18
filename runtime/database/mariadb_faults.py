"""MariaDB and MySQL: writes that fail inside the application's own transaction.

Every capture trigger calls one procedure after it has logged a write, normally an empty one. A fault is
that procedure with something in it: arming touches no table of the application and costs one statement.
Conditions are asked of the logged rows, so rows that foreign keys change on their own are hit too.

That a fault fired is counted by a sequence, which no rollback takes back (MySQL: by a MyISAM table). A
deadlock is a real one (`mariadb_ambush`): the server rolls the whole transaction back, which an error
that is merely raised would not. A failing COMMIT is one, too.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import TargetError
from .engine import Unsupported
from .fault import Fault
from .mariadb_ambush import Ambush, CommitAmbush, WriteAmbush
from .mariadb_capture import BAIT, COMMITTING, FIRED, TRX, log, meta
from .mariadb_install import Installed, replace_hook
from .mariadb_session import LOCK_ERRORS, MINE, Flavor, Spares, driver_error, errno, quoted
from .mariadb_survey import Layout
from .names import OWN
from .tables import Tables

OPS = {"insert": "I", "update": "U", "delete": "D"}
ALWAYS, OVER = 2**40, 2**50  # more often than any counter counts; where a spent counter stands
# SQLSTATE, error number, the server's own words
ERRORS = {
    None: ("45000", 1644, "injected failure: {fault}"),
    "unique": ("23000", 1062, "Duplicate entry 'injected' for key '{key}'"),
    "disk full": ("HY000", 1114, "The table '{table}' is full"),
}
# what remains when nobody sprang the trap
DEADLOCK = (
    "SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213,"
    " MESSAGE_TEXT = 'Deadlock found when trying to get lock; try restarting transaction';"
)
_serial = itertools.count(1)


class Faults:
    """The faults in place on one database; they share the procedure."""

    def __init__(self, spares: Spares, flavor: Flavor, installed: Installed) -> None:
        self.session = spares.session
        self.spares = spares
        self.flavor = flavor
        self.installed = installed
        self._active: dict[str, str] = {}  # counter -> its part of the procedure
        self._free: list[str] = []
        self._made = 0

    def counter(self) -> str:
        """A counter that no other fault uses; it counts on from wherever it stands."""
        if self._free:
            return self._free.pop()
        self._made += 1
        name = f"{FIRED}_{self._made}"
        own = quoted(self.session.database, name)
        if self.flavor.mariadb:
            self.session.run(f"CREATE SEQUENCE IF NOT EXISTS {own} NOCACHE")
        else:
            self.session.run(
                f"CREATE TABLE IF NOT EXISTS {own} (n BIGINT NOT NULL) ENGINE = MyISAM"
            )
            self.session.run(f"INSERT INTO {own} VALUES (0)")
        return name

    def count(self, counter: str) -> int:
        """The last number that it gave."""
        own = quoted(self.session.database, counter)
        if self.flavor.mariadb:
            return int(self.session.value(f"SELECT next_not_cached_value FROM {own}")) - 1
        return int(self.session.value(f"SELECT n FROM {own}"))

    def next_number(self, counter: str, into: str) -> str:
        """SQL that counts one more."""
        own = quoted(self.session.database, counter)
        if self.flavor.mariadb:
            return f"SET {into} = NEXTVAL({own});"
        return f"UPDATE {own} SET n = n + 1; SELECT n INTO {into} FROM {own};"

    def put(self, counter: str, body: str) -> None:
        self._active[counter] = body
        try:
            self._replace()
        except BaseException:
            del self._active[counter]
            self._free.append(counter)
            raise

    def remove(self, counter: str) -> None:
        """Out of the procedure; when a transaction holds that, spent at once and out later."""
        del self._active[counter]
        session = self.session
        session.run(f"SET SESSION lock_wait_timeout = {0 if self.flavor.mariadb else 1}")
        try:
            self._replace()
            self._free.append(counter)
        except driver_error() as error:
            if errno(error) not in LOCK_ERRORS:
                raise
            own = quoted(session.database, counter)
            if self.flavor.mariadb:
                session.rows(f"SELECT SETVAL({own}, {OVER})")
            else:
                session.run(f"UPDATE {own} SET n = {OVER}")
        finally:
            session.run("SET SESSION lock_wait_timeout = 5")

    def _replace(self) -> None:
        parts = " ".join(self._active.values())
        body = f"DECLARE k, fired BIGINT DEFAULT 0; IF {MINE} IS NULL THEN {parts} END IF;"
        replace_hook(self.session, self.flavor, body if parts else "", len(self._active))


@dataclass(frozen=True, slots=True)
class Condition:
    """A log row that must be there: of this table, holding these values."""

    layout: Layout
    columns: tuple[tuple[str, str], ...]  # name, value as SQL

    def equal(self, row: str) -> str:
        return "".join(f" AND {row}.{quoted(c)} <=> {value}" for c, value in self.columns)


class ArmedFault:
    """A fault in place."""

    def __init__(self, faults: Faults, fault: Fault, tables: Tables) -> None:
        _refuse(fault, faults.flavor)
        self._faults = faults
        self._fault = fault
        self._database = faults.session.database
        self._layouts = {layout.name: layout for layout in faults.installed.survey.layouts}
        self._mark = f"@{OWN}f{next(_serial)}"
        self._counter = faults.counter()
        self._start = faults.count(self._counter)
        self._most = ALWAYS if fault.times is None else fault.times
        self._hits: int | None = None
        self._ambush: Ambush | None = None
        wanted = self._conditions(tables)
        if fault.write.operation == "commit":
            body = self._commit(wanted)
            self._ambush = CommitAmbush(faults.spares, cut=fault.cut)
        else:
            body = self._write(wanted)
            if fault.error in ("deadlock", "serialization") and not fault.cut:
                self._ambush = WriteAmbush(faults.spares)
        if self._ambush:
            self._ambush.lie_in_wait()
        try:
            faults.put(self._counter, body)
        except BaseException:
            self._end_ambush()
            raise

    def _conditions(self, tables: Tables) -> dict[str, Condition]:
        found: dict[str, list[tuple[str, str]]] = {}
        for table, column, value in self._fault.conditions(tables):
            text = self._faults.session.literal(tables[table].native(column, value))
            found.setdefault(table, []).append((column, text))
        names = {*found, self._fault.write.table} - {""}
        for name in names - set(self._layouts):
            raise Unsupported(f"{name} is not captured: no write to it can be made to fail")
        return {n: Condition(self._layouts[n], tuple(found.get(n, ()))) for n in names}

    # --- the procedure's part ---------------------------------------------------------------------

    def _write(self, wanted: dict[str, Condition]) -> str:
        own = wanted[self._fault.write.table]
        op, v = OPS[self._fault.write.operation], meta("v")
        source = f"{log(self._database, own.layout)} l"
        rest = "".join(f" AND {text}" for text in self._elsewhere(wanted))
        counted = f"SELECT COUNT(DISTINCT l.{v} DIV 2) INTO k FROM {source} WHERE"
        nth, mine, n = self._fault.nth, f"{self._mark}_trx", f"{self._mark}_n"
        return (
            f"IF n = {own.layout.number} AND op = '{op}' THEN"
            f" IF step IS NULL THEN {counted} l.{v} > caused AND l.{meta('cause')} = caused"
            f" AND l.{meta('op')} = '{op}'{own.equal('l')}{rest};"
            f" ELSE {counted} l.{v} BETWEEN step AND step + 1{own.equal('l')}{rest}; END IF;"
            f" IF NOT ({mine} <=> {TRX}) OR {n} IS NULL THEN SET {mine} = {TRX}, {n} = 0; END IF;"
            f" SET {n} = {n} + k;"
            f" IF {n} >= {nth} AND {n} - k < {nth} THEN {self._fire(self._failure(own.layout))}"
            " END IF; END IF;"
        )

    def _commit(self, wanted: dict[str, Condition]) -> str:
        """Marks the transaction, once: its COMMIT will wait in the ambush."""
        mine = f"{self._mark}_trx"
        conditions = "".join(f" AND {text}" for text in self._elsewhere(wanted))
        insert = (
            f"INSERT INTO {quoted(self._database, COMMITTING)} (conn) VALUES (CONNECTION_ID());"
        )
        return (
            f"IF NOT ({mine} <=> {TRX}){conditions} THEN SET {mine} = {TRX};"
            f" {self._fire(insert)} END IF;"
        )

    def _elsewhere(self, wanted: dict[str, Condition]) -> Iterator[str]:
        """Rows of other tables that the same transaction wrote."""
        for name, condition in wanted.items():
            if name == self._fault.write.table:
                continue
            same = f"o.{meta('conn')} = CONNECTION_ID()"
            if self._faults.flavor.mariadb:
                same += f" AND o.{meta('trx')} = {TRX}"
            source = log(self._database, condition.layout)
            yield f"EXISTS (SELECT 1 FROM {source} o WHERE {same}{condition.equal('o')})"

    def _fire(self, failure: str) -> str:
        count = self._faults.next_number(self._counter, "fired")
        commit = self._fault.write.operation == "commit"  # counted there: the Nth transaction
        first = self._start + (self._fault.nth - 1 if commit else 0)
        return (
            f"{count} IF fired > {first} AND fired <= {first + self._most} THEN {failure} END IF;"
        )

    def _failure(self, layout: Layout) -> str:
        if self._fault.cut:
            return "KILL CONNECTION_ID();"
        if self._fault.error in ("deadlock", "serialization"):
            bait = quoted(self._database, BAIT)
            return (
                f"INSERT INTO {bait} VALUES ();"
                f" SELECT id INTO k FROM {bait} WHERE id = 1 FOR UPDATE; {DEADLOCK}"
            )
        state, number, text = ERRORS[self._fault.error]
        key = (layout.primary and "PRIMARY") or "key"
        message = text.format(fault=self._fault, table=layout.table, key=key)
        return (
            f"SIGNAL SQLSTATE '{state}' SET MYSQL_ERRNO = {number},"
            f" MESSAGE_TEXT = {self._faults.session.literal(message[:120])};"
        )

    # --- afterwards -------------------------------------------------------------------------------

    def hits(self) -> int | None:
        if self._hits is not None:
            return self._hits
        if isinstance(self._ambush, CommitAmbush):
            return self._ambush.hits
        return min(self._faults.count(self._counter) - self._start, self._most)

    def reached(self) -> bool:
        return False  # hits() tells

    def disarm(self) -> None:
        if self._hits is not None:
            return
        self._hits = self.hits()
        try:
            self._faults.remove(self._counter)
        finally:
            self._end_ambush()
        if self._ambush and self._ambush.failed:
            raise TargetError(f"{self._fault}: {self._ambush.failed}, so it could not fire")

    def _end_ambush(self) -> None:
        if self._ambush:
            self._ambush.leave()


def _refuse(fault: Fault, flavor: Flavor) -> None:
    if fault.write.operation != "commit":
        return
    if not flavor.mariadb:
        raise Unsupported(
            f"{flavor} offers nothing that could make one COMMIT fail",
            hint="fail the last write of the request instead",
            elsewhere=("postgresql", "mariadb", "sqlite"),
        )
    if fault.error not in (None, "deadlock", "serialization"):
        raise Unsupported(
            f"{flavor} can fail a COMMIT by a deadlock only, not by {fault.error!r}",
            hint="leave error out, or use error='deadlock'",
            elsewhere=("postgresql",),
        )
