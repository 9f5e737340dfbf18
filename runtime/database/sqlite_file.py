"""SQLite: opening the file, and saying who holds it when it is locked."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import TargetError

if TYPE_CHECKING:
    from sqlalchemy.engine import URL


def open_file(url: URL, timeout: float) -> sqlite3.Connection:
    """A connection in autocommit mode; text that is no UTF-8 is read with surrogate escapes."""
    (name,), given = url.get_dialect()().create_connect_args(url)
    options: dict[str, Any] = {
        **given,
        "timeout": timeout,
        "isolation_level": None,
        "check_same_thread": False,  # one thread at a time, but not always the same one
        "cached_statements": 512,
    }
    connection: sqlite3.Connection = sqlite3.connect(name, **options)
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


_opened: dict[
    tuple[int, int], int
] = {}  # device and inode of a file -> a descriptor that stays open


def commit_counter(path: Path) -> int | None:
    """How many write transactions the file has seen, modulo some start; None where that is not told.

    SQLite counts them in the header of the file (rollback journal: bytes 24 to 27) and of the WAL index
    (bytes 8 to 11); https://sqlite.org/fileformat2.html and https://sqlite.org/walformat.html. The files
    are opened once and never closed: closing any descriptor drops the POSIX locks that this process's
    SQLite connections hold on the same file.
    """
    if os.name != "posix":
        return None
    try:
        index = path.with_name(path.name + "-shm")
        header = os.pread(_descriptor(path), 28, 0)
        if header[18:20] == b"\x02\x02":  # journal mode WAL
            return int.from_bytes(os.pread(_descriptor(index), 12, 0)[8:12], sys.byteorder)
        return int.from_bytes(header[24:28], "big")
    except OSError:
        return None


def _descriptor(path: Path) -> int:
    status = path.stat()
    identity = status.st_dev, status.st_ino
    if identity not in _opened:
        _opened[identity] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    return _opened[identity]


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
