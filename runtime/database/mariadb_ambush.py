"""MariaDB and MySQL: real deadlocks, at a write and at COMMIT, that the application always loses.

A thread of the harness holds a lock that the transaction under attack will ask for, waits until that
transaction holds something in turn, and asks for it: a deadlock. InnoDB rolls back the lighter one, and a
transaction that has also written to a table without transactions is never the lighter.

COMMIT asks for no lock, with one exception. MariaDB writes a row to mysql.transaction_registry when a
transaction has touched a table that is versioned by transaction. The fault makes it touch one of ours,
and the harness holds the registry's end: the COMMIT waits there, and loses the deadlock, or has its
connection killed. Other transactions do not come that way.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ...errors import TargetError
from ...machine import patience
from .mariadb_capture import BAIT, COMMITTING, WEIGHT
from .mariadb_session import Session, Spares, driver_error, quoted
from .mariadb_wait import STALE_SECONDS

POLL_SECONDS = 0.001
START_SECONDS = 10.0
HITS_SECONDS = 0.2
LEAVE_SECONDS = 0.1
REGISTRY = "mysql.transaction_registry"


class Ambush(threading.Thread):
    """The harness's side of the deadlocks, from `lie_in_wait` to `leave`."""

    isolation = "REPEATABLE READ"

    def __init__(self, spares: Spares) -> None:
        super().__init__(daemon=True, name="gen-suite ambush")
        self._spares = spares
        self._scout = spares.take("READ UNCOMMITTED")  # sees rows that are not committed
        self._holder = spares.take(self.isolation)
        self._ready, self._over = threading.Event(), threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self.failed: BaseException | None = None
        self._hits = 0

    def lie_in_wait(self) -> None:
        """Returns when the locks are held."""
        for session in self._sessions():
            session.run("SET SESSION innodb_lock_wait_timeout = 60")
        self.start()
        if not self._ready.wait(patience(START_SECONDS)) or self.failed:
            self.leave()
            raise TargetError(f"cannot prepare a deadlock: {self.failed or 'no lock in time'}")

    def leave(self) -> None:
        """Ends the thread; whoever still waits for its locks gets them."""
        self._over.set()
        self.join(LEAVE_SECONDS)
        clean = not self.is_alive() and not self.failed
        if self.is_alive():  # it waits for a transaction that has not ended
            for session in self._sessions()[1:]:
                self._spares.session.run(f"KILL QUERY {session.id}")
            self.join(patience(START_SECONDS))
        for session in self._sessions():
            if clean:
                self._spares.give(session)
            else:
                session.close()

    @property
    def hits(self) -> int:
        """How many transactions were lost; the server answers the loser before the winner."""
        self._idle.wait(patience(HITS_SECONDS))
        return self._hits

    def run(self) -> None:
        try:
            with self._held():
                self._ready.set()
                while not self._over.wait(POLL_SECONDS):
                    self._look()
        except driver_error() as error:
            if not self._over.is_set():
                self.failed = error
            self._ready.set()

    def _sessions(self) -> list[Session]:
        return [self._scout, self._holder]

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Holds the locks that the application will wait for."""
        raise NotImplementedError
        yield

    def _look(self) -> None:
        """Springs the trap when somebody is in it."""
        raise NotImplementedError

    def _outweigh(self, session: Session) -> None:
        session.run(f"INSERT INTO {quoted(session.database, WEIGHT)} VALUES (1)")


class WriteAmbush(Ambush):
    """For a transaction that has inserted a row of its own as bait and now asks for row 1."""

    isolation = "READ COMMITTED"  # no gap locks

    def __init__(self, spares: Spares) -> None:
        super().__init__(spares)
        self._bait = quoted(self._holder.database, BAIT)

    @contextmanager
    def _held(self) -> Iterator[None]:
        with self._holder.transaction():
            self._outweigh(self._holder)
            self._holder.rows(f"SELECT id FROM {self._bait} WHERE id = 1 FOR UPDATE")
            yield

    def _look(self) -> None:
        for (row,) in self._scout.rows(f"SELECT id FROM {self._bait} WHERE id > 1"):
            self._holder.rows(f"SELECT id FROM {self._bait} WHERE id = {row} FOR UPDATE")


class CommitAmbush(Ambush):
    """For transactions that are marked by a row in our table versioned by transaction."""

    def __init__(self, spares: Spares, *, cut: bool) -> None:
        self._relief = spares.take(self.isolation)
        super().__init__(spares)
        self._cut = cut
        self._marked = quoted(self._holder.database, COMMITTING)
        self._seen: set[int] = set()

    def _sessions(self) -> list[Session]:
        return [*super()._sessions(), self._relief]

    @contextmanager
    def _held(self) -> Iterator[None]:
        self._lock(self._holder)
        try:
            yield
        finally:
            self._holder.roll_back()
            self._relief.roll_back()

    def _lock(self, session: Session) -> None:
        session.run("START TRANSACTION")
        self._outweigh(session)
        session.rows(
            f"SELECT transaction_id FROM {REGISTRY} WHERE transaction_id >"
            f" (SELECT COALESCE(MAX(transaction_id), 0) FROM {REGISTRY}) LOCK IN SHARE MODE"
        )

    def _look(self) -> None:
        rows = self._scout.rows(f"SELECT id, conn FROM {self._marked}")
        for row, connection in rows:
            if row in self._seen:
                continue
            self._seen.add(row)
            self._idle.clear()
            if self._cut:
                self._kill(row, connection)
            else:
                self._deadlock(row)
            self._idle.set()

    def _deadlock(self, row: int) -> None:
        self._lock(self._relief)  # the registry stays shut while the holder lets go
        before = self._deadlocks()
        self._holder.rows(f"SELECT id FROM {self._marked} WHERE id = {row} FOR UPDATE")
        self._hits += self._deadlocks() > before  # else the application rolled back by itself
        self._holder.roll_back()
        self._holder, self._relief = self._relief, self._holder

    def _deadlocks(self) -> int:
        ((_, count),) = self._scout.rows("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")
        return int(count)

    def _kill(self, row: int, connection: int) -> None:
        """Waits until the COMMIT is waiting, then cuts the connection."""
        while not self._over.wait(STALE_SECONDS):
            if not self._scout.rows(f"SELECT 1 FROM {self._marked} WHERE id = {row}"):
                return  # rolled back by itself
            waiting = self._scout.rows(
                "SELECT 1 FROM information_schema.innodb_trx t JOIN information_schema.innodb_locks l"
                " ON l.lock_id = t.trx_requested_lock_id WHERE l.lock_table ="
                f" '`mysql`.`transaction_registry`' AND t.trx_mysql_thread_id = {connection}"
            )
            if waiting:
                self._hits += 1
                self._scout.run(f"KILL {connection}")
                return
