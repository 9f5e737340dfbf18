"""SQLite: copies of a database file, made with the online backup: the application may go on meanwhile."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import TargetError
from ...machine import patience
from .connect import masked, sqlite_file
from .names import CLONE
from .sqlite_capture import STATE
from .sqlite_file import open_file, spoken
from .sqlite_install import clean_up, process_name, refuse_live_owner

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

BUSY_SECONDS = 5.0
SUFFIXES = ("", "-wal", "-shm", "-journal")


def clone(url: URL, name: str) -> URL:
    """The copy `shop.<name>.db` beside `shop.db`, without what the harness has in the original.

    What a run has changed so far is taken back in the copy. A copy of that name is replaced, unless
    it is watched or another live process made it; any other file of that name is refused.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise TargetError(f"a clone's name is letters, digits, - and _; found {name!r}")
    source = sqlite_file(url)
    if (url.database or "").startswith("file:"):
        raise TargetError(f"cannot clone {masked(url)}", hint="write the path without file:")
    target = source.with_name(f"{source.stem}.{name}{source.suffix}")
    if target.exists():
        _refuse_used(target)
        _remove(target)
    copy = url.set(database=str(target))
    with (
        spoken(source, "clone"),
        closing(open_file(url, patience(BUSY_SECONDS))) as original,
        closing(open_file(copy, patience(BUSY_SECONDS))) as connection,
    ):
        original.backup(connection)
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        clean_up(connection, triggers_off=False, ask_owner=False)
        connection.execute(f"DROP TABLE IF EXISTS {CLONE}")  # of a copy that was copied
        connection.execute(f"CREATE TABLE {CLONE}(origin, maker)")
        connection.execute(f"INSERT INTO {CLONE} VALUES (?, ?)", (str(source), process_name()))
        connection.execute("COMMIT")
    return copy


def drop_clone(url: URL) -> None:
    """Deletes the file and what SQLite keeps beside it."""
    _remove(sqlite_file(url))


def _refuse_used(path: Path) -> None:
    """TargetError when a run that lives has this copy: it would go on with a file that nobody sees."""
    with closing(sqlite3.connect(path)) as connection, spoken(path, "look who uses the clone"):
        maker = _value(connection, CLONE, "SELECT maker FROM {table}")
        watcher = _value(connection, STATE, "SELECT value FROM {table} WHERE name = 'owner'")
    if watcher and watcher == process_name():
        raise TargetError(
            f"{path} cannot be replaced: this process is watching it",
            hint="uninstall and close its Database first",
        )
    refuse_live_owner(watcher, f"is watching {path}")
    refuse_live_owner(maker, f"has the copy {path}")


def _value(connection: sqlite3.Connection, table: str, query: str) -> str:
    """The value that a query of a harness table finds, "" where there is none."""
    try:
        found = connection.execute(query.format(table=table)).fetchone()
    except sqlite3.OperationalError as error:
        if "no such" in str(error):
            return ""
        raise
    return str(found[0] or "") if found else ""


def _remove(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, spoken(path, "look for the clone's mark"):
        mark = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (CLONE,)).fetchone()
    if not mark:
        raise TargetError(f"{path} is no clone: it will not be deleted")
    for suffix in SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
