"""Files that people own, written so that an interrupted run leaves the old text or the new one."""

from __future__ import annotations

import shutil
from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Write a text file through a neighbour; its mode, its line ends and a link to it stay.

    `text` has `\\n` for every line end. A new file has these too.
    """
    target = path.resolve()  # else a link would become a file of its own
    partial = target.with_name(f".{target.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline=_newline(target))
        if target.exists():
            shutil.copymode(target, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _newline(path: Path) -> str:
    """The line ends that a file has: what a person's editor made of them stays."""
    windows = path.is_file() and b"\r\n" in path.read_bytes()
    return "\r\n" if windows else "\n"
