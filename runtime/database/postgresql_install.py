"""PostgreSQL: putting the capture in place, taking it down, and mending what a killed run left.

Everything of the harness lives in one schema, and dropping it takes the triggers along, also those
on tables that our role does not own. What is in place is told by that schema alone, so any process
can mend it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...errors import Refused, TargetError
from . import postgresql_log as log
from . import postgresql_moment as moment
from . import postgresql_undo as undo
from .connect import masked
from .engine import Recovery, Unsupported, conflict_error
from .names import OWN
from .postgresql_capture import EVERYTHING, LOG, STATE, objects, triggers
from .postgresql_layout import Layout, from_json, survey, to_json
from .postgresql_moment import Window
from .postgresql_others import CONNECTIONS, described
from .postgresql_session import Session, literal, quoted
from .postgresql_undo import DisturbedError, conflicts, take_back, unexplained

FORMAT = "1"
LOCK = (0x67656E73, 1)  # advisory lock of the run that watches this database
FAULT, PAUSE = "fault_", "gate_"  # functions of faults and pause points are named so


@dataclass(frozen=True, slots=True)
class Scope:
    """Which schemas are watched, and which of them goes without a name."""

    schemas: tuple[str, ...]
    default: str | None


def claim(session: Session) -> None:
    """Makes this the one run that watches the database, for as long as its connection lives."""
    (mine,) = session.one("SELECT pg_try_advisory_lock($1::int, $2::int)", *LOCK)
    if mine:
        return
    others = session.run(
        f"{CONNECTIONS} AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = s.pid AND l.granted"
        " AND l.locktype = 'advisory' AND l.classid = $1::int AND l.objid = $2::int)",
        *LOCK,
    )
    who = described(others[0]) if others else "a connection that has just ended"
    raise TargetError(
        f"another run is watching this database: {who}",
        hint="give each run a database of its own (isolation: worker), or wait until it has ended",
    )


def release(session: Session) -> None:
    session.run("SELECT pg_advisory_unlock($1::int, $2::int)", *LOCK)


def refuse_read_only(session: Session) -> None:
    """A database that is marked read-only is not ours to write to, whatever our rights."""
    setting, standby = session.one(
        "SELECT current_setting('default_transaction_read_only'), pg_is_in_recovery()"
    )
    if standby:
        raise Refused(f"{masked(session.url)} is a standby: it cannot be written to")
    if setting == "on":
        raise Refused(
            f"{masked(session.url)} is marked read-only (default_transaction_read_only = on)",
            hint="name a test database; or take the mark off: ALTER DATABASE ... RESET "
            "default_transaction_read_only",
        )


# --- rights ---------------------------------------------------------------------------------------

RIGHTS = """
SELECT has_database_privilege(current_database(), 'CREATE'), current_user, current_database(),
       current_setting('server_version_num')::int, pg_has_role('pg_read_all_stats', 'USAGE')
"""
TABLE_RIGHTS = """
SELECT array_remove(ARRAY[
    CASE WHEN NOT has_table_privilege(r.oid, 'TRIGGER') THEN 'TRIGGER' END,
    CASE WHEN NOT has_table_privilege(r.oid, 'SELECT') THEN 'SELECT' END,
    CASE WHEN NOT has_table_privilege(r.oid, 'INSERT') THEN 'INSERT' END,
    CASE WHEN NOT has_table_privilege(r.oid, 'DELETE') THEN 'DELETE' END], NULL),
  row_security_active(r.oid)
FROM unnest($1::oid[]) WITH ORDINALITY AS r(oid, place) ORDER BY r.place
"""


def check_rights(session: Session, layouts: Sequence[Layout], cannot_take_back: str) -> list[str]:
    """Unsupported naming every right that is missing, as the statements that give it.

    Returns the degraded modes that the rights leave.
    """
    create, role, database, version, sees = session.one(RIGHTS)
    who = quoted(role)
    wanted = [] if create else [f"GRANT CREATE ON DATABASE {quoted(database)} TO {who};"]
    for schema in sorted({layout.schema for layout in layouts}):
        (usage,) = session.one("SELECT has_schema_privilege($1::text, 'USAGE')", schema)
        if not usage:
            wanted.append(f"GRANT USAGE ON SCHEMA {quoted(schema)} TO {who};")
    rows = session.run(TABLE_RIGHTS, [layout.oid for layout in layouts])
    hidden = []
    for layout, (missing, secured) in zip(layouts, rows, strict=True):
        if missing:
            wanted.append(f"GRANT {', '.join(missing)} ON {layout.sql} TO {who};")
        if secured:
            hidden.append(layout.name)
        if layout.loud and not layout.owned:
            wanted.append(f"-- own {layout.sql}: {layout.loud[0][0]} fires for replicas too")
    if cannot_take_back:
        wanted.append(
            f"GRANT SET ON PARAMETER session_replication_role TO {who};"
            if version >= 150000
            else f"ALTER ROLE {who} SUPERUSER;  -- before PostgreSQL 15 nothing less will do"
        )
    if hidden:
        wanted.append(f"ALTER ROLE {who} BYPASSRLS;  -- row security hides rows of {hidden[0]}")
    if wanted:
        raise Unsupported(
            f"role {role} may not watch and take back: {len(wanted)} right(s) are missing",
            hint="as a superuser, run\n    " + "\n    ".join(wanted),
        )
    return _degraded(layouts, role, sees)


def _degraded(layouts: Sequence[Layout], role: str, sees: bool) -> list[str]:
    found = []
    foreign = sorted({layout.name for layout in layouts if not layout.owned})
    if foreign:
        found.append(
            f"role {role} does not own {', '.join(foreign)}: writes of sessions with"
            " session_replication_role = replica are not seen there"
        )
    if not sees:
        found.append(
            f"who blocks is told by process number only: GRANT pg_read_all_stats TO {quoted(role)}"
        )
    return found


# --- in place and down ----------------------------------------------------------------------------


def put_in_place(session: Session, layouts: Sequence[Layout], scope: Scope) -> list[Layout]:
    """Schema, log, functions and triggers, within the open transaction; the layouts as installed."""
    functions = [*moment.functions(layouts), log.function(layouts), undo.function(layouts)]
    session.run("; ".join([*objects(), *functions, *triggers(layouts)]))
    installed = survey(session, scope.schemas, scope.default)
    state = {"format": FORMAT, "layouts": to_json(installed)}
    session.run(
        f"INSERT INTO {STATE} SELECT * FROM unnest($1::text[], $2::text[])",
        list(state),
        list(state.values()),
    )
    return installed


def take_down(session: Session) -> None:
    """Drops everything of the harness, triggers on the application's tables included."""
    session.run(f"DROP SCHEMA IF EXISTS {OWN} CASCADE")


def is_there(session: Session) -> bool:
    (found,) = session.one("SELECT to_regnamespace($1::text) IS NOT NULL", OWN)
    return bool(found)


def drop_faults(session: Session) -> int:
    """Drops what makes writes fail or wait; how many faults and pause points that were."""
    found = session.run(
        "SELECT p.proname FROM pg_proc p WHERE p.pronamespace = $1::text::regnamespace"
        f" AND p.proname ~ '^({FAULT}|{PAUSE})'",
        OWN,
    )
    for (name,) in found:
        session.run(f"DROP FUNCTION {OWN}.{quoted(name)} CASCADE")
    return len(found)


def watched(session: Session) -> list[int]:
    """The relations that installing and taking down lock."""
    rows = session.run(
        "SELECT DISTINCT t.tgrelid FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        f" WHERE p.pronamespace = to_regnamespace({literal(OWN)})"
    )
    return [oid for (oid,) in rows]


def _keep_writers_out(session: Session) -> None:
    """Locks the watched tables until the transaction ends: an application may still be running."""
    names = session.run(
        "SELECT oid::regclass::text FROM pg_class WHERE oid = ANY($1)", watched(session)
    )
    if names:
        listed = ", ".join(f"ONLY {name}" for (name,) in names)
        session.run(f"LOCK TABLE {listed} IN SHARE ROW EXCLUSIVE MODE")


def clean_up(session: Session, *, discard: bool = False) -> Recovery:
    """Takes back what the log holds and takes the capture down, within the open transaction."""
    if not is_there(session):
        return Recovery()
    _keep_writers_out(session)
    (complete,) = session.one("SELECT to_regclass($1::text) IS NOT NULL", STATE)
    if not complete:
        take_down(session)
        return Recovery()
    state = dict(session.run(f"SELECT name, value FROM {STATE}"))
    faults, rows, notes = drop_faults(session), 0, tuple[str, ...]()
    if discard:
        (left,) = session.one(f"SELECT count(*) FROM {LOG}")
        notes = (f"left {left} row change(s) in place: the log was discarded",) if left else ()
    else:
        rows = _take_all_back(session, state)
    take_down(session)
    return Recovery(rows, faults, notes)


def _take_all_back(session: Session, state: Mapping[str, str]) -> int:
    touched, emptied, until = session.one(
        f"SELECT array_agg(DISTINCT rel), bool_or(op = 'S'), pg_current_snapshot()::text FROM {LOG}"
    )
    if not touched:
        return 0
    logged = {layout.oid: layout for layout in from_json(state["layouts"])}
    schemas = sorted({layout.schema for layout in logged.values()})
    now = {layout.oid: layout for layout in survey(session, schemas, None)}
    _refuse_changed_tables(session, logged, now, touched)
    window = Window(EVERYTHING, until, tuple(touched), tuple(touched), emptied)
    try:
        return take_back(session, now, window)
    except DisturbedError as error:
        found = conflicts(session, now, window)
        raise (conflict_error(found) if found else unexplained(str(error))) from None


def _refuse_changed_tables(
    session: Session,
    logged: Mapping[int, Layout],
    now: Mapping[int, Layout],
    touched: Sequence[int],
) -> None:
    for oid in touched:
        if oid in now and oid in logged and now[oid].shape == logged[oid].shape:
            continue
        name = logged[oid].name if oid in logged else f"the relation of number {oid}"
        (count,) = session.one(f"SELECT count(*) FROM {LOG} WHERE rel = $1", oid)
        raise TargetError(
            f"a killed run left {count} row change(s) in {name}, whose definition has changed since: "
            f"they cannot be taken back ({masked(session.url)})",
            hint="restore the database from its source, or keep the rows as they are: "
            "gen-suite restore --discard",
        )
