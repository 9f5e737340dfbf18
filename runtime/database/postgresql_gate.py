"""PostgreSQL: a pause point. Requests wait for an advisory lock, each transaction for one of its own.

The harness holds one lock per slot. A transaction that comes to the write takes the first free slot
and waits for its lock, so `pg_locks` tells who has arrived, one can be let go while the others
stay, and when the harness dies its locks go and all go on.

The trigger is a statement's, before it: both of two requests that are to update the same row get
there. A row trigger would stop the second one only after the first has let the row go.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence

from ...machine import Limit
from .fault import Write
from .names import OWN
from .postgresql_capture import LOG
from .postgresql_install import PAUSE
from .postgresql_layout import GATE, Layout
from .postgresql_others import holders, patiently, when_free
from .postgresql_session import OWN_ROLE, Session, literal, quoted

TAKEN, WAIT = 0x67656E74, 0x67656E75  # classes of advisory locks
SPARE = 32  # slots beyond those asked for; whoever comes later waits until all are released
STRIDE = 1000
LOCK_SECONDS = 5.0
STRAGGLER_SECONDS = 0.3
POLL_SECONDS = 0.003
_numbers = itertools.count(1)


class Gate:
    """A pause point in place; see `engine.Held`."""

    def __init__(
        self, write: Write, parties: int, layouts: Sequence[Layout], session: Session
    ) -> None:
        self._write = write
        self._session = session
        number = next(_numbers)
        self._name = f"{PAUSE}{number}"
        self._first = number * STRIDE % 2**30  # its lock stands for the gate as a whole
        self._slots = [self._first + n for n in range(1, min(parties + SPARE, STRIDE))]
        self._held: set[int] = set()
        self._there = True
        self._members = [layout for layout in layouts if layout.name == write.table]
        self._hold([self._first, *self._slots])
        try:
            self._locking(f"hold {write}", "; ".join(self._statements()))
        except BaseException:
            self.release()
            raise

    def _hold(self, slots: Sequence[int]) -> None:
        self._session.run(
            "SELECT pg_advisory_lock($1::int, n) FROM unnest($2::int[]) n", WAIT, slots
        )
        self._held.update(slots)

    def _locking(self, what: str, statements: str) -> None:
        session = self._session
        names = [layout.sql for layout in self._members] or [LOG]

        def blockers() -> list[str]:
            rows = session.run("SELECT n::regclass::oid FROM unnest($1::text[]) n", names)
            return holders(session, [oid for (oid,) in rows], readers=True)

        patiently(
            session, what, lambda: session.run(statements), timeout=LOCK_SECONDS, blockers=blockers
        )

    def _statements(self) -> Iterator[str]:
        yield (
            f"CREATE FUNCTION {OWN}.{self._name}() RETURNS trigger LANGUAGE plpgsql"
            f" SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS {literal(self._body())}"
        )
        run = f"EXECUTE FUNCTION {OWN}.{self._name}()"
        if self._write.operation == "commit":
            yield (
                f"CREATE CONSTRAINT TRIGGER {self._name} AFTER INSERT ON {LOG}"
                f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT NEW.harness) {run}"
            )
            return
        for layout in self._members:
            yield (
                f"CREATE TRIGGER {quoted(f'{GATE}_{self._name}')} BEFORE"
                f" {self._write.operation.upper()} ON {layout.sql} FOR EACH STATEMENT {run}"
            )

    def _body(self) -> str:
        """Once per transaction: past an open gate, into the first slot that is free and shut."""
        setting = f"{OWN}.{self._name}"
        last = self._slots[-1]
        return f"""
BEGIN
  IF coalesce(current_setting({literal(OWN_ROLE)}, true), '') <> ''
     OR coalesce(current_setting('{setting}', true), '') <> '' THEN RETURN NULL; END IF;
  PERFORM set_config('{setting}', 'passed', true);
  IF pg_try_advisory_xact_lock_shared({WAIT}, {self._first}) THEN RETURN NULL; END IF;
  FOR slot IN {self._slots[0]} .. {last} LOOP
    IF pg_try_advisory_xact_lock({TAKEN}, slot) THEN
      IF NOT pg_try_advisory_xact_lock_shared({WAIT}, slot) THEN
        PERFORM pg_advisory_xact_lock_shared({WAIT}, slot);
        RETURN NULL;
      END IF;
    END IF;
  END LOOP;
  PERFORM pg_advisory_xact_lock_shared({WAIT}, {self._first});
  RETURN NULL;
END"""

    def _waiting(self) -> list[int]:
        """The locks that transactions wait for now."""
        rows = self._session.run(
            "SELECT l.objid::int FROM pg_locks l WHERE l.locktype = 'advisory' AND NOT l.granted"
            " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND l.classid = $1::int AND l.objid BETWEEN $2::int AND $3::int ORDER BY 1",
            WAIT,
            self._first,
            self._slots[-1],
        )
        return [slot for (slot,) in rows]

    def arrived(self) -> int | None:
        here = len(self._waiting())
        return here + self.behind() if here else 0

    def behind(self) -> int:
        """Requests that cannot come nearer: they wait for a lock that one who stands here holds."""
        (count,) = self._session.one(
            "SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE NOT l.granted AND a.datname = current_database()"
            " AND NOT (l.locktype = 'advisory' AND l.classid IN ($1::int, $2::int))",
            WAIT,
            TAKEN,
        )
        return int(count)

    def _let_go(self, slots: Sequence[int]) -> None:
        self._session.run(
            "SELECT pg_advisory_unlock($1::int, n) FROM unnest($2::int[]) n", WAIT, slots
        )
        self._held.difference_update(slots)

    def release(self) -> None:
        self._let_go(sorted(self._held))

    def release_one(self) -> None:
        """Slots are taken in order: the lowest one waits longest. A straggler gets a moment to come."""
        limit = Limit(STRAGGLER_SECONDS)
        while True:
            waiting = [slot for slot in self._waiting() if slot in self._held]
            single = [slot for slot in waiting if slot != self._first]
            if waiting:
                self._let_go(single[:1] or waiting)
                return
            if limit.is_over:
                return
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        if not self._there:
            return
        self._there = False
        self.release()
        # An open gate stops nobody: when a transaction is still in the way it stays until uninstall.
        when_free(self._session, f"DROP FUNCTION {OWN}.{self._name}() CASCADE")
