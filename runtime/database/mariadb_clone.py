"""MariaDB and MySQL: copies of a database on the same server, and their end.

Definitions are copied as the server words them (SHOW CREATE keeps foreign keys, which LIKE does not), rows
by INSERT ... SELECT. What belongs to a capture stays behind.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...errors import TargetError
from ...machine import Limit
from .connect import masked
from .mariadb_guard import GUARD, AppTrigger, app_triggers, create_as_written, from_json
from .mariadb_install import CLONE, lock_name, read_state
from .mariadb_session import Session, driver_error, errno, quoted, spoken
from .mariadb_survey import survey
from .names import OWN

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

MOST_LETTERS = 64
PATIENCE_SECONDS = 2.0
NO_TABLE, NO_ROUTINE = 1146, 1305


def clone(url: URL, name: str) -> URL:
    """A copy named after the database and `name`, which replaces an earlier copy of that name.

    TargetError naming who is connected to that one: a run that lives would lose it without a word.
    """
    if not re.fullmatch(r"\w+", name):
        raise TargetError(f"a clone's name is of letters, digits and _, not {name!r}")
    copy = f"{url.database}_{name}"
    if len(copy) > MOST_LETTERS:
        raise TargetError(f"the name {copy} has more than {MOST_LETTERS} letters")
    session = Session(url)
    try:
        with spoken(session, f"clone to {copy}"):
            if _exists(session, copy):
                _refuse_other(session, url, copy)
                _wait_until_unused(session, copy)
                session.run(f"DROP DATABASE {quoted(copy)}")
            _copy(session, copy)
    finally:
        session.close()
    return url.set(database=copy)


def drop_clone(url: URL) -> None:
    """Removes a copy that `clone` made; TargetError for anything else."""
    session = Session(url.set(database="information_schema"))
    try:
        with spoken(session, "drop a clone"):
            _refuse_other(session, url, url.database or "")
            session.run(f"DROP DATABASE {quoted(url.database or '')}")
    finally:
        session.close()


def _exists(session: Session, database: str) -> bool:
    found = session.value(
        f"SELECT 1 FROM information_schema.schemata WHERE schema_name = {session.literal(database)}"
    )
    return found is not None


def _refuse_other(session: Session, url: URL, database: str) -> None:
    marker = session.value(
        f"SELECT 1 FROM information_schema.tables WHERE table_name = '{CLONE}' AND table_schema ="
        f" {session.literal(database)}"
    )
    if marker is None:
        raise TargetError(
            f"{masked(url.set(database=database))} is no clone: it is left alone",
            hint="only databases that clone() made are replaced or dropped",
        )


def _wait_until_unused(session: Session, database: str) -> None:
    """Connections that were just closed take a moment to end."""
    limit = Limit(PATIENCE_SECONDS)
    while users := _users(session, database):
        if limit.is_over:
            raise TargetError(
                f"database {database} cannot be replaced while others use it\n  "
                + "\n  ".join(users),
                hint="another run has it, or a program was left connected: wait until it has ended",
            )
        time.sleep(0.02)


def _users(session: Session, database: str) -> list[str]:
    rows = session.rows(
        "SELECT id, user, host FROM information_schema.processlist WHERE db ="
        f" {session.literal(database)} ORDER BY id"
    )
    found = [f"connection {number} of {user} from {host}" for number, user, host in rows]
    lock = session.literal(lock_name(database))
    watcher = session.value(f"SELECT IS_USED_LOCK({lock})")
    return found if watcher is None else [f"connection {watcher} is watching it", *found]


def _copy(session: Session, copy: str) -> None:
    source = session.database
    charset, collation = session.rows(
        "SELECT default_character_set_name, default_collation_name FROM"
        f" information_schema.schemata WHERE schema_name = {session.literal(source)}"
    )[0]
    session.run(
        f"CREATE DATABASE {quoted(copy)} DEFAULT CHARACTER SET {charset} COLLATE {collation}"
    )
    session.run(f"CREATE TABLE {quoted(copy, CLONE)} (source VARCHAR(64)) ENGINE = InnoDB")
    session.run("SET SESSION unique_checks = 0")
    flavor = session.flavor()
    if flavor.mariadb:
        session.run("SET SESSION check_constraint_checks = 0")
    _sequences(session, copy)
    _tables(session, copy)
    for trigger in _triggers(session):
        create_as_written(session, trigger, copy)
    _routines(session, copy)
    _views(session, copy)


def _names(session: Session, kind: str) -> list[str]:
    found = session.rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema ="
        f" {session.literal(session.database)} AND table_type = '{kind}'"
        f" AND LEFT(table_name, {len(OWN)}) <> '{OWN}' ORDER BY table_name"
    )
    return [name for (name,) in found]


def _tables(session: Session, copy: str) -> None:
    source = session.database
    names = _names(session, "BASE TABLE") + _names(session, "SYSTEM VERSIONED")
    for name in names:
        statement = session.rows(f"SHOW CREATE TABLE {quoted(source, name)}")[0][1]
        session.run(f"USE {quoted(copy)}")
        session.run(statement)
        session.run(f"USE {quoted(source)}")
    found = survey(session, (source,))
    stored = {t.table: [quoted(c.name) for c in t.stored] for t in found.layouts}
    for name in names:
        columns = ", ".join(stored.get(name, ()))
        session.run(
            f"INSERT INTO {quoted(copy, name)} ({columns}) SELECT {columns} FROM {quoted(source, name)}"
            if columns
            else f"INSERT INTO {quoted(copy, name)} SELECT * FROM {quoted(source, name)}"
        )


def _sequences(session: Session, copy: str) -> None:
    for name in _names(session, "SEQUENCE"):
        statement = session.rows(f"SHOW CREATE SEQUENCE {quoted(session.database, name)}")[0][1]
        value = session.value(f"SELECT next_not_cached_value FROM {quoted(session.database, name)}")
        session.run(f"USE {quoted(copy)}")
        session.run(statement)
        session.rows(f"SELECT SETVAL({quoted(copy, name)}, {value}, FALSE)")
        session.run(f"USE {quoted(session.database)}")


def _triggers(session: Session) -> list[AppTrigger]:
    """The application's triggers; where they are guarded for a capture, as they were before."""
    state = read_state(session)
    originals = {t.name: t for t in from_json(state["triggers"])} if state else {}
    return [
        originals.get(trigger.name, trigger) if GUARD in trigger.statement else trigger
        for trigger in app_triggers(session, (session.database,))
    ]


def _routines(session: Session, copy: str) -> None:
    for name, kind in session.rows(
        "SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema ="
        f" {session.literal(session.database)} AND LEFT(routine_name, {len(OWN)}) <> '{OWN}'"
        " AND routine_type IN ('PROCEDURE', 'FUNCTION')"
    ):
        shown = session.rows(f"SHOW CREATE {kind} {quoted(session.database, name)}")[0]
        mode, statement, client, connection = shown[1:5]
        create_as_written(
            session,
            AppTrigger(copy, name, "", "", "", statement, mode, client, connection),
            copy,
        )


def _views(session: Session, copy: str) -> None:
    """Views may stand on views: one that lacks another is tried again after the others."""
    left = dict(_definitions(session, session.database, copy))
    session.run(f"USE {quoted(copy)}")
    while left:
        done = [name for name, statement in left.items() if _created(session, statement)]
        if not done:
            raise TargetError(f"these views cannot be cloned: {', '.join(left)}")
        left = {name: statement for name, statement in left.items() if name not in done}


def _created(session: Session, statement: str) -> bool:
    try:
        session.run(statement)
    except driver_error() as error:
        if errno(error) in (NO_TABLE, NO_ROUTINE):
            return False
        raise
    return True


def _definitions(session: Session, source: str, copy: str) -> Iterator[tuple[str, str]]:
    for name in _names(session, "VIEW"):
        statement = str(session.rows(f"SHOW CREATE VIEW {quoted(source, name)}")[0][1])
        # tables of the current database stand there without it, or with it on some servers
        yield name, statement.replace(f"{quoted(source)}.", f"{quoted(copy)}.")
