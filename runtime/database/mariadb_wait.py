"""MariaDB and MySQL: waiting until no writer is in flight, and naming the one that is.

Every captured write takes a shared lock on the one row of the gate table, inside its own transaction and
before its number. Whoever holds the exclusive lock therefore knows that no write is in flight, that none
can be logged meanwhile, and that every number given out later is greater than the one just read. The
harness asks without queueing (NOWAIT), so a writer never waits behind a harness that waits.
"""

from __future__ import annotations

import time
from typing import Any

from ...errors import TargetError
from ...machine import Limit
from .mariadb_session import LOCK_ERRORS, Session, driver_error, errno, quoted
from .names import OWN

GATE = f"{OWN}gate"
SETTLE_SECONDS = 5.0
# information_schema.innodb_trx is a cache that is renewed only after so long without a reader
STALE_SECONDS = 0.12


def number(base: int) -> str:
    """SQL for the next number: unique and growing on the whole server, even for the harness's two sides."""
    return f"(UUID_SHORT() - {base}) * 2"


def pass_gate(session: Session, base: int, *, seconds: float = SETTLE_SECONDS) -> tuple[int, bool]:
    """A number and whether the capture is on, once no writer is in flight.

    In autocommit mode the gate is free again at once; in a transaction it stays shut until its end.
    TargetError names the connection that still writes after `seconds`.
    """
    # not by its key: what is read as a constant is unlocked again before the number is drawn
    statement = f"SELECT {number(base)}, armed FROM {quoted(session.database, GATE)} FOR UPDATE"
    limit, half, pause = Limit(seconds), Limit(seconds / 2), 0.001
    while True:
        # under writers that overlap without end, asking alone is never lucky: then queue for a while
        queue = half.is_over
        try:
            ((found, armed),) = session.rows(statement if queue else f"{statement} NOWAIT")
            return int(found), bool(armed)
        except driver_error() as error:
            if errno(error) not in LOCK_ERRORS and errno(error) != 1213:
                raise
        if limit.is_over:
            raise TargetError(
                f"a write is still in flight after {seconds:.0f} s: {blockers(session, writers=True)}",
                hint="the application has answered but its transaction is open: it must commit or roll "
                "back before the answer, or a background task of it still writes",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)


def blockers(session: Session, *, writers: bool = False) -> str:
    """The other connections with an open transaction, since when, and what they last did."""
    time.sleep(STALE_SECONDS)
    try:
        rows = session.rows(
            "SELECT t.trx_mysql_thread_id, p.user, p.host, p.db, p.command, p.time, t.trx_started,"
            " t.trx_rows_modified, COALESCE(t.trx_query, p.info) FROM information_schema.innodb_trx t"
            " LEFT JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id"
            f" WHERE t.trx_mysql_thread_id NOT IN (0, {session.id}) ORDER BY t.trx_started"
        )
    except driver_error():
        return "another connection (GRANT PROCESS to the harness's account to see which)"
    if writers:
        rows = [row for row in rows if row[7]] or rows
    near = [row for row in rows if row[3] == session.database] or rows
    return "; ".join(_described(row) for row in near[:5]) or "another connection, gone meanwhile"


def _described(row: tuple[Any, ...]) -> str:
    thread, user, host, database, command, seconds, started, modified, statement = row
    doing = f"asleep for {seconds} s" if command == "Sleep" else f"{command or 'running'}".lower()
    last = f", running {str(statement)[:120]!r}" if statement else ""
    return (
        f"connection {thread} ({user or '?'}@{host or '?'}, database {database or '?'}, {doing}) with a "
        f"transaction open since {started}, {modified} row(s) changed{last}"
    )


def tell_transactions(session: Session, telling: bool) -> None:
    """Lets the triggers label each write with its transaction, or spares them the asking."""
    session.run(f"UPDATE {quoted(session.database, GATE)} SET telling = {int(telling)}")
