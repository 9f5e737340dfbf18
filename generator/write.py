"""Rendered files -> the suite's folder, with a person's edits kept.

Beside the suite lies `.emitted/`, the text of each file as it was last emitted. When a template or
the spec moves on, what is new is merged into what the person made of it (three-way, line by line);
where both changed the same lines, both stand in the file between conflict markers and the command
says so. A folder that holds something else than a suite is not written to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum
from pathlib import Path

from ..errors import UsageError
from ..files import replace_text
from .render import RenderedFile

BASE = ".emitted"


class Action(StrEnum):
    """What writing does to one file."""

    NEW = "new"
    UPDATED = "updated"
    MERGED = "merged"
    CONFLICT = "conflict"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    ORPHANED = "orphaned"


@dataclass(frozen=True, slots=True)
class FileChange:
    """What is to happen to one file; `before` and `after` are its text, None where it is missing."""

    path: str
    action: Action
    before: str | None
    after: str | None

    def diff(self) -> str:
        """The change as a unified diff."""
        lines = unified_diff(
            (self.before or "").splitlines(keepends=True),
            (self.after or "").splitlines(keepends=True),
            f"a/{self.path}",
            f"b/{self.path}",
        )
        return "".join(lines)


def compare(rendered: Iterable[RenderedFile], folder: Path, *, whole: bool) -> list[FileChange]:
    """What writing would do; `whole` means that `rendered` is all of the suite.

    Raises UsageError for a folder that holds something else.
    """
    files = {file.path: file.text for file in rendered}
    _check_folder(folder)
    changes = [_compare(path, text, folder) for path, text in files.items()]
    if whole:
        changes += _left_over(folder, files)
    return changes


def write(changes: Iterable[FileChange], rendered: Iterable[RenderedFile], folder: Path) -> None:
    """Carry the changes out, and remember what was emitted."""
    base = folder / BASE
    base.mkdir(parents=True, exist_ok=True)
    for change in changes:
        target = folder / change.path
        if change.action is Action.REMOVED:
            target.unlink()
            (base / f"{change.path}.txt").unlink()
        elif change.after is not None and change.after != change.before:
            replace_text(target, change.after)
    for file in rendered:
        replace_text(base / f"{file.path}.txt", file.text)


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="name a folder for the suite: --output")
    if not folder.exists() or (folder / BASE).is_dir():
        return
    held = sorted(entry.name for entry in folder.iterdir() if entry.name != "__pycache__")
    if held:
        shown = ", ".join(held[:4]) + (", ..." if len(held) > 4 else "")
        raise UsageError(
            f"{folder} holds something else: {shown}",
            hint="name an empty or a new folder: --output, or `suite:` in the mapping",
        )


def _compare(path: str, text: str, folder: Path) -> FileChange:
    before = _read(folder / path)
    base = _read(folder / BASE / f"{path}.txt")
    if before is None:
        if base is not None:
            return FileChange(path, Action.UNCHANGED, None, None)
        return FileChange(path, Action.NEW, None, text)
    if before == text:
        return FileChange(path, Action.UNCHANGED, before, before)
    if base is None:
        raise UsageError(
            f"{folder / path} was not emitted by gen-suite",
            hint="move it away, or name another folder: --output",
        )
    if base == text:
        return FileChange(path, Action.UNCHANGED, before, before)
    if before == base:
        return FileChange(path, Action.UPDATED, before, text)
    merged, conflict = _merge(base, before, text)
    return FileChange(path, Action.CONFLICT if conflict else Action.MERGED, before, merged)


def _merge(base: str, mine: str, theirs: str) -> tuple[str, bool]:
    from merge3 import Merge3

    base_lines, my_lines, their_lines = (
        text.splitlines(keepends=True) for text in (base, mine, theirs)
    )
    merge = Merge3(base_lines, my_lines, their_lines)
    conflict = any(region[0] == "conflict" for region in merge.merge_regions())
    lines = merge.merge_lines(name_a="yours", name_b="newly emitted")
    return "".join(lines), conflict


def _left_over(folder: Path, files: dict[str, str]) -> Iterator[FileChange]:
    """Files of operations that are gone: removed, unless a person changed them."""
    for kept in sorted((folder / BASE).glob("*.txt")):
        path = kept.name.removesuffix(".txt")
        before = _read(folder / path)
        if path in files or before is None:
            continue
        edited = before != kept.read_text(encoding="utf-8")
        if edited:
            yield FileChange(path, Action.ORPHANED, before, before)
        else:
            yield FileChange(path, Action.REMOVED, before, None)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
