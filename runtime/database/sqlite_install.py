"""SQLite: putting the capture in place, taking it down, and mending what a killed run left."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from ...errors import TargetError
from . import sqlite_shadow as shadow
from .engine import Recovery, Unsupported, conflict_error
from .names import CLONE, OWN
from .sqlite_capture import (
    LOG,
    STATE,
    Layout,
    Survey,
    digest,
    from_json,
    log_tables,
    quoted,
    survey,
    to_json,
    triggers,
)
from .sqlite_undo import take_back

FORMAT = "1"
FAULT = f"{OWN}fault"  # fault triggers and tables begin so


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The schema as installed: SQLite's own counter of schema changes, and what stood in it."""

    cookie: int
    objects: dict[str, str]  # "table orders" -> digest of its SQL
    capture: int  # how many capture triggers


def fingerprint(connection: sqlite3.Connection) -> Fingerprint:
    (cookie,) = connection.execute("PRAGMA schema_version").fetchone()
    rows = connection.execute(
        "SELECT type || ' ' || name, sql FROM sqlite_schema"
        f" WHERE name NOT GLOB 'sqlite_*' AND name NOT GLOB '{OWN}*'"
    )
    capture = connection.execute(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"
        f" AND name GLOB '{OWN}*' AND name NOT GLOB '{FAULT}*'"
    ).fetchone()[0]
    return Fingerprint(cookie, {name: digest(sql) for name, sql in rows}, capture)


def check(connection: sqlite3.Connection, installed: Fingerprint) -> Fingerprint:
    """The fingerprint to go on with; TargetError naming what changed since install."""
    (cookie,) = connection.execute("PRAGMA schema_version").fetchone()
    if cookie == installed.cookie:
        return installed
    now = fingerprint(connection)
    before, after = installed.objects, now.objects
    changed = [
        f"{name} {'was created' if name not in before else 'is gone' if name not in after else 'changed'}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    if changed or now.capture != installed.capture:
        raise TargetError(
            "the schema changed while it was being watched: "
            + ("; ".join(changed) or "capture triggers are gone"),
            hint="migrate first, then call database.install(); do not migrate during a run",
        )
    return now


def put_in_place(connection: sqlite3.Connection) -> Survey:
    """Log, state, triggers and copies. Unsupported for tables that can be watched in no way."""
    there = survey(connection)
    if there.refused:
        raise Unsupported("; ".join(there.refused.values()))
    for statement in log_tables(there.captured):
        connection.execute(statement)
    for layout in there.captured:
        for statement in triggers(connection, layout):
            connection.execute(statement)
    shadow.store(connection, there.copied)
    state = {
        "format": FORMAT,
        "layouts": to_json(there.captured),
        "copied": to_json(there.copied),
        "owner": process_name(),
    }
    connection.executemany(f"INSERT INTO {STATE} VALUES (?, ?)", state.items())
    return there


def take_down(connection: sqlite3.Connection) -> None:
    """Drops everything of the harness."""
    drop_faults(connection)
    for kind in ("trigger", "table"):
        for name in _own(connection, kind, OWN):
            if name != CLONE:
                connection.execute(f"DROP {kind} {quoted(name)}")


def drop_faults(connection: sqlite3.Connection) -> int:
    """Drops what made writes fail; how many triggers that were."""
    names = _own(connection, "trigger", FAULT)
    for name in names:
        connection.execute(f"DROP TRIGGER {quoted(name)}")
    for name in _own(connection, "table", FAULT):
        connection.execute(f"DROP TABLE {quoted(name)}")
    return len(names)


def _own(connection: sqlite3.Connection, kind: str, prefix: str) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = ? AND name GLOB ?", (kind, f"{prefix}*")
    )
    return [name for (name,) in rows]


def clean_up(
    connection: sqlite3.Connection,
    *,
    triggers_off: bool,
    discard: bool = False,
    ask_owner: bool = True,
) -> Recovery:
    """Takes back what the log holds and takes the capture down, in the caller's transaction."""
    there = connection.execute(
        "SELECT count(*) FROM sqlite_schema WHERE name IN (?, ?)", (LOG, STATE)
    ).fetchone()[0]
    if there < 2:
        take_down(connection)
        return Recovery()
    state = dict(connection.execute(f"SELECT name, value FROM {STATE}").fetchall())
    if ask_owner:
        refuse_live_owner(str(state.get("owner", "")))
    rows, notes = 0, tuple[str, ...]()
    faults = drop_faults(connection)  # first: they would fail the undo itself
    if not discard:
        layouts = from_json(state["layouts"])
        _refuse_changed_tables(connection, layouts)
        rows, conflicts = take_back(connection, layouts, 0, triggers_off=triggers_off, faults=False)
        if conflicts:
            raise conflict_error(conflicts)
        copied = from_json(state["copied"])
        rows += shadow.put_back(connection, copied, shadow.load(connection, copied))
    else:
        (left,) = connection.execute(f"SELECT count(*) FROM {LOG} WHERE op <> 'P'").fetchone()
        notes = (f"left {left} row change(s) in place: the log was discarded",)
    take_down(connection)
    return Recovery(rows, faults, notes)


def _refuse_changed_tables(connection: sqlite3.Connection, layouts: list[Layout]) -> None:
    now = {layout.name: layout for layout in survey(connection).captured}
    seen = connection.execute(f"SELECT tbl, count(*) FROM {LOG} GROUP BY tbl").fetchall()
    for number, count in seen:
        layout = layouts[number]
        if layout.name not in now or now[layout.name].definition != layout.definition:
            raise TargetError(
                f"a killed run left {count} row change(s) in {layout.name}, whose definition has "
                "changed since: they cannot be taken back",
                hint="restore the database from its source, or keep the rows as they are: "
                "gen-suite restore --discard",
            )


def process_name() -> str:
    """This process as `pid start`; the start time tells a reused number apart, where the system has it."""
    return f"{os.getpid()} {_started(os.getpid())}"


def _started(pid: int) -> str:
    try:
        # field 22 of /proc/<pid>/stat; the command in field 2 may hold blanks and brackets
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return stat.rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def refuse_live_owner(owner: str, does: str = "is watching this database") -> None:
    """TargetError when the process of `process_name` is another one and lives."""
    pid, _, started = owner.partition(" ")
    if not pid.isdigit() or int(pid) == os.getpid() or os.name == "nt":
        return  # on Windows os.kill would do more than ask
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return
    except OSError:
        pass  # it lives, and belongs to somebody else
    if started == _started(int(pid)):
        raise TargetError(
            f"another run (process {pid}) {does}",
            hint="give each run a database of its own (isolation: worker), or wait until it has ended",
        )
