"""SQLite: copies of a database file, made with the online backup: the application may go on meanwhile."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import TargetError
from .connect import masked, sqlite_file
from .names import CLONE
from .sqlite_file import open_file, spoken
from .sqlite_install import clean_up

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

BUSY_SECONDS = 5.0
SUFFIXES = ("", "-wal", "-shm", "-journal")


def clone(url: URL, name: str) -> URL:
    """The copy `shop.<name>.db` beside `shop.db`, without what the harness has in the original.

    What a run has changed so far is taken back in the copy. A copy of that name is replaced; any
    other file of that name is refused.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise TargetError(f"a clone's name is letters, digits, - and _; found {name!r}")
    source = sqlite_file(url)
    if (url.database or "").startswith("file:"):
        raise TargetError(f"cannot clone {masked(url)}", hint="write the path without file:")
    target = source.with_name(f"{source.stem}.{name}{source.suffix}")
    if target.exists():
        _remove(target)
    copy = url.set(database=str(target))
    with (
        spoken(source, "clone"),
        closing(open_file(url, BUSY_SECONDS)) as original,
        closing(open_file(copy, BUSY_SECONDS)) as connection,
    ):
        original.backup(connection)
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        clean_up(connection, triggers_off=False, ask_owner=False)
        connection.execute(f"CREATE TABLE IF NOT EXISTS {CLONE}(origin)")
        connection.execute(f"INSERT INTO {CLONE} VALUES (?)", (str(source),))
        connection.execute("COMMIT")
    return copy


def drop_clone(url: URL) -> None:
    """Deletes the file and what SQLite keeps beside it."""
    _remove(sqlite_file(url))


def _remove(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, spoken(path, "look for the clone's mark"):
        mark = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (CLONE,)).fetchone()
    if not mark:
        raise TargetError(f"{path} is no clone: it will not be deleted")
    for suffix in SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)
