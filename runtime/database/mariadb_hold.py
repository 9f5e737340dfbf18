"""MariaDB and MySQL: pause points, by a BEFORE trigger that waits for a user lock.

Each transaction that comes takes the first free place 1, 2, 3 ... (a user lock that says "taken") and
waits for the lock of that place, which the harness holds. Places are never used twice, so letting one go
is opening the lowest place that is still shut, also before anybody stands there.

The trigger is created and dropped with the pause point. It waits before the write: an INSERT has then
checked nothing yet, so two requests that both saw "not there" meet. An UPDATE or DELETE has already locked
its row; whoever wants the same row cannot come nearer than to wait for it, and counts as arrived.
"""

from __future__ import annotations

import itertools
import os
import time

from .engine import Unsupported
from .fault import Write
from .mariadb_capture import TRX, WRITE
from .mariadb_install import Installed
from .mariadb_schema import HOLD
from .mariadb_session import MINE, OFF, Flavor, Spares, driver_error, quoted
from .mariadb_wait import STALE_SECONDS
from .names import OWN

WAIT_SECONDS = 120  # nobody waits longer, whatever becomes of the harness
_serial = itertools.count(1)


class Hold:
    """A pause point in place; its connection holds the locks of the places that are still shut."""

    def __init__(
        self, spares: Spares, flavor: Flavor, installed: Installed, write: Write, parties: int
    ) -> None:
        layouts = {layout.name: layout for layout in installed.survey.layouts}
        if write.operation == "commit":
            raise Unsupported(
                "no pause point at COMMIT: there is no trigger before it",
                hint="hold the last write of the request, as in 'insert audit_log'",
                elsewhere=("postgresql",),
            )
        if write.table not in layouts:
            raise Unsupported(f"{write.table} is not captured: no write to it can be held")
        self._session = spares.session
        self._spares = spares
        self._mariadb = flavor.mariadb
        self._keeper = spares.take()
        self._layout = layouts[write.table]
        self._places = range(1, max(16, 4 * parties) + 1)
        number = next(_serial)
        self._lock = f"{OWN}{os.getpid()}_{self._keeper.id}_{number}"  # unique on the server
        self._trigger = quoted(self._layout.schema, f"{HOLD}_{self._layout.number}_{number}")
        self._open = 0  # the last place that may pass
        self._closed = False
        self._looked, self._behind = 0.0, 0
        self._get("wait", self._places)
        try:
            self._session.run(self._statement(write.operation))
        except BaseException:
            self._let_go()
            raise

    def _names(self, kind: str) -> str:
        return f"CONCAT('{self._lock}_{kind}_', place)"

    def _statement(self, operation: str) -> str:
        passed = f"@{self._lock}_passed"
        per_transaction = TRX if self._mariadb else "CONNECTION_ID()"
        return (
            f"CREATE TRIGGER {self._trigger} BEFORE {operation.upper()} ON {self._layout.source}"
            f" FOR EACH ROW BEGIN DECLARE place INT DEFAULT 1; DECLARE taken INT DEFAULT 0;"
            f" IF {OFF} IS NULL AND {MINE} IS NULL THEN"
            f" CALL {quoted(self._session.database, WRITE)}();"
            f" IF NOT ({passed} <=> {per_transaction}) THEN SET {passed} = {per_transaction};"
            f" WHILE taken = 0 AND place <= {len(self._places)} DO"
            f" IF IS_FREE_LOCK({self._names('past')}) = 1 THEN"
            f" SET taken = COALESCE(GET_LOCK({self._names('here')}, 0), 0); END IF;"
            " IF taken = 0 THEN SET place = place + 1; END IF; END WHILE;"
            f" IF taken THEN DO GET_LOCK({self._names('wait')}, {WAIT_SECONDS});"
            f" DO RELEASE_LOCK({self._names('wait')}); DO RELEASE_LOCK({self._names('here')});"
            " END IF; END IF; END IF; END"
        )

    def _name(self, kind: str, place: int) -> str:
        return f"'{self._lock}_{kind}_{place}'"

    def _get(self, kind: str, places: range) -> None:
        if places:
            calls = ", ".join(f"GET_LOCK({self._name(kind, place)}, 0)" for place in places)
            self._keeper.rows(f"SELECT {calls}")

    def arrived(self) -> int | None:
        shut = [place for place in self._places if place > self._open]
        if not shut:
            return 0
        calls = ", ".join(f"IS_USED_LOCK({self._name('here', place)})" for place in shut)
        here = [connection for connection in self._session.rows(f"SELECT {calls}")[0] if connection]
        return len(here) + (self._waiting_behind(here) if here and self._mariadb else 0)

    def _waiting_behind(self, here: list[int]) -> int:
        """Transactions that wait for a row of one that stands here; asked as often as that is renewed."""
        if time.monotonic() - self._looked > STALE_SECONDS:
            self._looked = time.monotonic()
            try:
                rows = self._session.rows(
                    "SELECT COUNT(DISTINCT w.requesting_trx_id) FROM"
                    " information_schema.innodb_lock_waits w JOIN information_schema.innodb_trx b ON"
                    " b.trx_id = w.blocking_trx_id WHERE b.trx_mysql_thread_id IN"
                    f" ({', '.join(map(str, here))})"
                )
            except driver_error():
                return 0
            self._behind = int(rows[0][0])
        return self._behind

    def release(self) -> None:
        self._pass(range(self._open + 1, self._places.stop))

    def release_one(self) -> None:
        self._pass(range(self._open + 1, self._open + 2))

    def _pass(self, places: range) -> None:
        places = range(places.start, min(places.stop, self._places.stop))
        if not places:
            return
        self._get("past", places)
        calls = ", ".join(f"RELEASE_LOCK({self._name('wait', place)})" for place in places)
        self._keeper.rows(f"SELECT {calls}")
        self._open = places.stop - 1

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self.release()
        try:
            self._session.run(f"DROP TRIGGER IF EXISTS {self._trigger}")
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self._keeper.rows("SELECT RELEASE_ALL_LOCKS()")
        self._spares.give(self._keeper)
