"""PostgreSQL: who else is connected, and waiting for the locks that they hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import psycopg

from ...errors import TargetError
from ...machine import Limit
from .postgresql_session import Session

T = TypeVar("T")
RETRY_SECONDS = 0.05
MOMENT_SECONDS = 0.5
LONGEST_WAIT = 1.0  # a waiting ALTER makes the application wait behind it: rather ask again

# The autovacuum belongs to nobody and writes no rows of the application.
CONNECTIONS = """
SELECT s.pid, s.usename, s.application_name, host(s.client_addr), s.state, s.xact_start, s.state_change,
       left(regexp_replace(s.query, '\\s+', ' ', 'g'), 200), clock_timestamp()
FROM pg_stat_activity s WHERE s.datname = current_database() AND s.pid <> pg_backend_pid()
  AND s.usesysid IS NOT NULL
"""
NEEDED_TO_SEE = "details are hidden: GRANT pg_read_all_stats TO the harness's role"


def described(row: Sequence[Any]) -> str:
    """One connection of CONNECTIONS in words."""
    pid, user, application, host, state, began, changed, query, now = row
    who = [f"user {user}", application and f"application {application!r}", host and f"from {host}"]
    text = f"connection {pid} ({', '.join(part for part in who if part)})"
    if state is None:
        return f"{text}; {NEEDED_TO_SEE}"
    since = changed if str(state).startswith("idle") else began
    text += f", {state}"
    if isinstance(since, datetime):
        text += f" since {since:%H:%M:%S} UTC ({(now - since).total_seconds():.1f} s)"
    return f"{text}, last statement: {query}" if query else text


WRITERS = f"""{CONNECTIONS} AND s.backend_xid IS NOT NULL ORDER BY s.xact_start"""
PREPARED = """
SELECT gid, owner, prepared FROM pg_prepared_xacts WHERE database = current_database()
"""


def writers(session: Session) -> list[str]:
    """Connections of this database with a write in flight, and prepared transactions, in words."""
    found = [described(row) for row in session.run(WRITERS)]
    for gid, owner, since in session.run(PREPARED):
        found.append(f"prepared transaction {gid!r} (user {owner}) since {since:%H:%M:%S} UTC")
    return found


def holders(session: Session, relations: Sequence[int], *, readers: bool) -> list[str]:
    """Connections that hold locks on these relations: any lock, or only those that a writer has."""
    mode = "" if readers else " AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')"
    return [
        described(row)
        for row in session.run(
            f"{CONNECTIONS} AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = s.pid AND l.granted"
            f" AND l.relation = ANY($1::oid[]){mode}) ORDER BY s.xact_start",
            list(relations),
        )
    ]


def patiently(
    session: Session,
    what: str,
    work: Callable[[], T],
    *,
    timeout: float,
    blockers: Callable[[], Sequence[str]],
) -> T:
    """Runs DDL in a transaction, again and again with short lock timeouts, until it is through.

    TargetError names who blocks when `timeout` seconds have passed.
    """
    limit = Limit(timeout)
    while True:
        try:
            with session.transaction():
                session.run("SET LOCAL client_min_messages = warning")
                session.run(
                    f"SET LOCAL lock_timeout = {int(min(timeout, LONGEST_WAIT) * 1000) + 1}"
                )
                return work()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            if limit.is_over:
                raise TargetError(
                    f"cannot {what}: a lock was not had within {timeout:g} s\n  "
                    + "\n  ".join(blockers() or ["who held it has ended meanwhile"]),
                    hint="end the open transaction of that connection (commit, roll back, close), "
                    "or do this while the application is idle",
                ) from None
            time.sleep(RETRY_SECONDS)


def when_free(session: Session, statements: str) -> bool:
    """Runs DDL if its locks are to be had within a moment; whether they were."""
    try:
        patiently(
            session, "", lambda: session.run(statements), timeout=MOMENT_SECONDS, blockers=list
        )
    except TargetError:
        return False
    return True
