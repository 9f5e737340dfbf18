"""Files that people own, written so that an interrupted run leaves the old text or the new one.

What belongs to one machine alone (results, locks, logs) lies in `.gen-suite`, beside the mapping file.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LOCAL = ".gen-suite"
_IGNORED = """\
# What a run leaves here belongs to this machine. These belong into the repository: commands that may
# not touch the database read schema.json, `init` reads what it proposed, editors gen-suite.schema.json.
*
!.gitignore
!schema.json
!proposed.yaml
!gen-suite.schema.json
"""


def local_folder(beside: Path) -> Path:
    """The folder `.gen-suite` beside the mapping file, made with a `.gitignore` where it is missing."""
    folder = beside / LOCAL
    folder.mkdir(parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text(_IGNORED, encoding="utf-8")
    return folder


def replace_text(path: Path, text: str) -> None:
    """Write a text file through a neighbour; its mode, its line ends and a link to it stay.

    `text` has `\\n` for every line end. A new file has these too.
    """
    if not os.path.lexists(path):
        _replace(path, text, newline="\n")
        return
    target = path.resolve()  # else a link would become a file of its own
    _replace(target, text, newline=_newline(target))


def _replace(target: Path, text: str, *, newline: str) -> None:
    partial = target.with_name(f".{target.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline=newline)
        if target.exists():
            shutil.copymode(target, partial)
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _newline(path: Path) -> str:
    """The line ends that a file has: what a person's editor made of them stays."""
    windows = path.is_file() and b"\r\n" in path.read_bytes()
    return "\r\n" if windows else "\n"
