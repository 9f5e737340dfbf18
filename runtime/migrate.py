"""Building the database of a suite: `target.migrate`, run where there is no database yet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import TargetError
from ..files import local_folder
from .secrets import mask_text

if TYPE_CHECKING:
    from filelock import FileLock

    from ..mapping.model import MappingFile


def one_at_a_time(mapping: MappingFile) -> FileLock:
    """Of several workers one builds the database or copies it, the others wait."""
    from filelock import FileLock

    return FileLock(local_folder(mapping.folder) / "build.lock")


def build_if_new(mapping: MappingFile, url: str) -> None:
    """Run `target.migrate` for an SQLite file that does not exist yet; nothing can be lost."""
    file = url.partition(":///")[2].partition("?")[0]
    is_new = url.startswith("sqlite") and file and not Path(file).exists()
    if mapping.target.migrate and is_new:
        run_migrate(mapping, url)


def run_migrate(mapping: MappingFile, url: str) -> None:
    """Run `target.migrate` on a database; TargetError with its last lines when it fails."""
    from .target import child_environment, command_words

    target = mapping.target
    values = {"python": sys.executable, "database_url": url, "port": "0"}
    env = child_environment(target.app.env if target.app else {}, values)
    words = command_words(target.migrate or "", values)
    done = subprocess.run(
        words, cwd=mapping.folder, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        tail = "\n".join(f"    {line}" for line in (done.stdout + done.stderr).splitlines()[-15:])
        raise TargetError(
            f"target.migrate ended with exit code {done.returncode}; its last lines:\n{mask_text(tail)}"
        )
