"""SQLite: opening the file, and saying who holds it when it is locked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import TargetError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL


def open_file(url: URL, timeout: float) -> sqlite3.Connection:
    """A connection in autocommit mode; text that is no UTF-8 is read with surrogate escapes."""
    connection = sqlite3.connect(
        url.database or "",
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,  # one thread at a time, but not always the same one
        cached_statements=512,
        uri=(url.database or "").startswith("file:"),
    )
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return connection


@contextmanager
def spoken(path: Path, what: str) -> Iterator[None]:
    """Turns SQLite's errors into a TargetError that says what was tried and who is in the way."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "locked" in text or "busy" in text:
            raise TargetError(
                f"cannot {what}: {path} is locked by {holders(path)}",
                hint="a transaction of the application is still open: commit or roll it back, "
                "or stop the program that holds it",
            ) from error
        if "readonly" in text:
            raise TargetError(
                f"cannot {what}: {path} is read-only for this user",
                hint=f"the harness must be able to write {path} and its folder {path.parent}",
            ) from error
        if "no such function" in text or "no such collation" in text:
            raise TargetError(
                f"cannot {what}: {text}, which only the application's own connections define",
                hint="SQLite functions of the application are not available to the harness",
            ) from error
        raise TargetError(f"cannot {what}: {path}: {text}") from error
    except sqlite3.DatabaseError as error:
        raise TargetError(f"cannot {what}: {path}: {error}") from error


def holders(path: Path) -> str:
    """The processes that hold a lock on the database, as far as the system tells (Linux does)."""
    try:
        table = Path("/proc/locks").read_text(encoding="ascii")
        inodes = {
            str(file.stat().st_ino)
            for file in (path, path.with_name(path.name + "-shm"))
            if file.exists()
        }
    except OSError:
        return "another connection (this system does not tell which)"
    found = []
    for line in table.splitlines():
        # 1: POSIX  ADVISORY  WRITE 1234 fd:01:789 1073741824 1073741825
        fields = line.split()
        if len(fields) >= 8 and "->" not in fields and fields[5].rpartition(":")[2] in inodes:
            found.append((fields[4], fields[3] == "WRITE"))
    writers = [pid for pid, writes in found if writes] or [pid for pid, _ in found]
    names = dict.fromkeys(_described(pid) for pid in writers)
    return ", ".join(names) or "another connection"


def _described(pid: str) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        command = ""
    return f"process {pid} ({command[:80]})" if command else f"process {pid}"
