"""MariaDB and MySQL: putting the capture in place, taking it down, and mending what a killed run left.

Schema statements commit on their own, so everything is written down before it is done: the state table
comes first and goes last, and says in which phase the rest is. The capture starts and stops for all
tables at one moment, by one value in the gate.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import TargetError
from ...machine import patience
from . import mariadb_capture as capture
from . import mariadb_guard as guarding
from . import mariadb_schema as schema
from .engine import Recovery, Unsupported, conflict_error
from .mariadb_cascade import Cascades
from .mariadb_session import LOCK_ERRORS, Flavor, Session, driver_error, errno, quoted
from .mariadb_survey import Survey, survey
from .mariadb_undo import take_back
from .mariadb_wait import GATE, blockers, pass_gate
from .names import OWN

FORMAT = "1"
STATE, CLONE = f"{OWN}state", f"{OWN}clone"
OLDEST = {True: (10, 6), False: (8, 0, 1)}
OWNER_SECONDS = 2  # the server needs a moment to see that a killed run is gone


@dataclass(frozen=True, slots=True)
class Installed:
    """What a run knows of its capture; `base` is subtracted from UUID_SHORT() to keep numbers short."""

    survey: Survey
    base: int
    schemas: tuple[str, ...]


def take_ownership(session: Session) -> None:
    """Only one run at a time; the server forgets it when this connection ends, however it ends."""
    lock = session.literal(lock_name(session.database))
    if session.value(f"SELECT IS_USED_LOCK({lock})") == session.id:
        return
    if session.value(f"SELECT GET_LOCK({lock}, {round(patience(OWNER_SECONDS))})") == 1:
        return
    owner = read_state(session).get("owner", "another process")
    raise TargetError(
        f"another run ({owner}, connection {session.value(f'SELECT IS_USED_LOCK({lock})')}) is watching "
        "this database",
        hint="give each run a database of its own (isolation: worker), or wait until it has ended",
    )


def give_up_ownership(session: Session) -> None:
    session.value(f"SELECT RELEASE_LOCK({session.literal(lock_name(session.database))})")


def lock_name(database: str) -> str:
    """The lock that the run holds which watches a database."""
    return OWN + hashlib.sha256(database.encode()).hexdigest()[:40]


def require(flavor: Flavor) -> None:
    oldest = OLDEST[flavor.mariadb]
    if flavor.version < oldest:
        wanted = ".".join(map(str, oldest))
        raise Unsupported(
            f"{flavor} is too old to be watched", hint=f"needed: {wanted} or later of it"
        )


# --- putting it in place ------------------------------------------------------------------------------


def put_in_place(
    session: Session, flavor: Flavor, schemas: Sequence[str], lock_timeout: float
) -> tuple[Installed, schema.Fingerprint]:
    """Log, triggers and state; the capture is on at the end. Nothing stays when it fails."""
    found = survey(session, schemas)
    base = int(session.value("SELECT UUID_SHORT()"))
    installed = Installed(found, base, tuple(schemas))
    originals = guarding.app_triggers(session, schemas)
    cascades = Cascades(session.database, found, base)
    bodies = {(t.number, op): cascades.body(t, op) for t in found.layouts for op in "DU"}
    session.run(f"SET SESSION lock_wait_timeout = {max(1, round(lock_timeout))}")
    try:
        _write_state(session, installed, guarding.to_json(originals))
        _create(session, flavor, installed, originals, bodies)
        fingerprint = schema.take(session, flavor, schemas)
        _set_state(session, phase="armed", schema=fingerprint.to_json())
        session.run(f"UPDATE {quoted(session.database, GATE)} SET armed = 1")
    except driver_error() as error:
        who = blockers(session) if errno(error) in LOCK_ERRORS else ""
        _clear(session)
        if who:
            raise TargetError(
                f"cannot install within {lock_timeout:.3g} s: a table is in use by {who}",
                hint="a transaction of the application is still open, even a reading one counts: end it, "
                "or start the application after the tests have begun",
            ) from error
        raise
    return installed, fingerprint


def _write_state(session: Session, installed: Installed, originals: str) -> None:
    session.run(
        f"CREATE TABLE {quoted(session.database, STATE)} (name VARCHAR(20) PRIMARY KEY,"
        " value LONGTEXT CHARACTER SET utf8mb4 NOT NULL) ENGINE = InnoDB"
    )
    _set_state(
        session,
        format=FORMAT,
        phase="installing",
        owner=f"process {os.getpid()} on {socket.gethostname()}",
        survey=installed.survey.to_json(),
        base=str(installed.base),
        schemas="\n".join(installed.schemas),
        triggers=originals,
        schema="{}",
    )


def _set_state(session: Session, **values: str) -> None:
    rows = ", ".join(f"({session.literals(pair)})" for pair in values.items())
    session.run(f"REPLACE INTO {quoted(session.database, STATE)} VALUES {rows}")


def _create(
    session: Session,
    flavor: Flavor,
    installed: Installed,
    originals: Sequence[guarding.AppTrigger],
    bodies: dict[tuple[int, str], str],
) -> None:
    database, layouts = session.database, installed.survey.layouts
    for statement in (
        *capture.fixtures(database, flavor),
        *capture.procedures(database, flavor, installed.base),
    ):
        session.run(statement)
    for layout in layouts:
        capture.create_log(session, layout)
    if layouts:  # all tables at once: a writer in flight stops this before anything is half done
        session.run("LOCK TABLES " + ", ".join(f"{t.source} WRITE" for t in layouts))
    try:
        guarding.guard(session, originals)
        first: dict[tuple[str, str, str], str] = {}
        for trigger in originals:
            if trigger.timing == "AFTER":
                first.setdefault((trigger.schema, trigger.table, trigger.event), trigger.name)
        for layout in layouts:
            for op, event in capture.EVENTS.items():
                body = bodies.get((layout.number, op), "")
                if body:
                    session.run(capture.before_trigger(database, layout, op, body))
                before = first.get((layout.schema, layout.table, event), "")
                session.run(
                    capture.after_trigger(database, layout, op, cascades=bool(body), first=before)
                )
    finally:
        session.run("UNLOCK TABLES")


# --- taking it down -----------------------------------------------------------------------------------


def take_down(session: Session) -> None:
    """Removes everything of the harness; also what a half-done installation or removal left."""
    state = read_state(session)
    if state:
        _set_state(session, phase="leaving")
    _drop_triggers(session, OWN)
    if state.get("triggers"):
        guarding.unguard(session, guarding.from_json(state["triggers"]))
    database = session.literal(session.database)
    for (name,) in session.rows(
        f"SELECT routine_name FROM information_schema.routines WHERE routine_schema = {database}"
        f" AND LEFT(routine_name, {len(OWN)}) = '{OWN}'"
    ):
        session.run(f"DROP PROCEDURE {quoted(session.database, name)}")
    rows = session.rows(
        f"SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = {database}"
        f" AND LEFT(table_name, {len(OWN)}) = '{OWN}' AND table_name <> '{CLONE}'"
    )
    for name, kind in sorted(rows, key=lambda row: bool(row[0] == STATE)):  # the state goes last
        what = "SEQUENCE" if kind == "SEQUENCE" else "TABLE"
        session.run(f"DROP {what} {quoted(session.database, name)}")


def _clear(session: Session) -> None:
    """After a failed installation: what can be removed is, the rest is left to the next one."""
    try:
        take_down(session)
    except driver_error():
        return


def _drop_triggers(session: Session, prefix: str) -> int:
    state = read_state(session)
    schemas = state.get("schemas", session.database).split("\n")
    found = session.rows(
        "SELECT trigger_schema, trigger_name FROM information_schema.triggers WHERE trigger_schema IN"
        f" ({session.literals(schemas)}) AND LEFT(trigger_name, {len(prefix)}) = '{prefix}'"
    )
    for where, name in found:
        session.run(f"DROP TRIGGER {quoted(where, name)}")
    return len(found)


def read_state(session: Session) -> dict[str, str]:
    there = session.value(
        "SELECT 1 FROM information_schema.tables WHERE table_name ="
        f" '{STATE}' AND table_schema = {session.literal(session.database)}"
    )
    if not there:
        return {}
    return dict(session.rows(f"SELECT name, value FROM {quoted(session.database, STATE)}"))


# --- after a crash ------------------------------------------------------------------------------------


def clean_up(session: Session, flavor: Flavor, *, discard: bool = False) -> Recovery:
    """Takes back what the log holds and takes the capture down."""
    state = read_state(session)
    if not state:
        take_down(session)
        return Recovery()
    faults = _drop_triggers(session, schema.HOLD) + _disarm(session, flavor)
    rows, notes = 0, tuple[str, ...]()
    if state["phase"] == "armed":
        found = Survey.from_json(state["survey"])
        logged = _logged(session, found)
        if discard:
            notes = (f"left {sum(logged.values())} row change(s) in place: the log was discarded",)
        elif logged:
            schemas = state["schemas"].split("\n")
            _refuse_changed(session, flavor, schemas, json.loads(state["schema"]), logged)
            with session.transaction():
                base = int(state["base"])
                pass_gate(session, base)
                rows, conflicts = take_back(session, flavor, found, base, 0, found.layouts)
                if conflicts:
                    raise conflict_error(conflicts)
    take_down(session)
    return Recovery(rows, faults, notes)


def _disarm(session: Session, flavor: Flavor) -> int:
    """Empties the procedure that faults live in; how many there were."""
    where = (
        f"routine_name = '{capture.HOOK}' AND routine_schema = {session.literal(session.database)}"
    )
    comment = session.value(
        f"SELECT routine_comment FROM information_schema.routines WHERE {where}"
    )
    if not comment:
        return 0
    replace_hook(session, flavor, "", 0)
    return int(comment)


def replace_hook(session: Session, flavor: Flavor, body: str, faults: int) -> None:
    """Gives the triggers another procedure to call; its comment says how many faults it holds."""
    statement = capture.hook(session.database, body, str(faults) if faults else "")
    if flavor.mariadb:
        session.run(statement.replace("CREATE", "CREATE OR REPLACE", 1))
        return
    session.run(f"DROP PROCEDURE IF EXISTS {quoted(session.database, capture.HOOK)}")
    session.run(statement)


def _logged(session: Session, found: Survey) -> dict[str, int]:
    """Table name to how many steps are in its log."""
    counts = {}
    for layout in found.layouts:
        log = capture.log(session.database, layout)
        count = session.value(f"SELECT COUNT(DISTINCT {capture.meta('v')} DIV 2) FROM {log}")
        if count:
            counts[layout.name] = int(count)
    return counts


def _refuse_changed(
    session: Session,
    flavor: Flavor,
    schemas: Sequence[str],
    installed: dict[str, str],
    logged: dict[str, int],
) -> None:
    now = schema.take(session, flavor, schemas).objects
    for name, count in logged.items():
        for label in (schema.TABLE + name, schema.CONTENTS + name):
            if now.get(label) != installed.get(label):
                raise TargetError(
                    f"a killed run left {count} row change(s) in {name}, which has been changed or "
                    "truncated since: they cannot be taken back",
                    hint="restore the database from its source, or keep the rows as they are: "
                    "gen-suite restore --discard",
                )
