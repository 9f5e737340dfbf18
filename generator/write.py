"""Rendered files -> the suite's folder, with a person's edits kept.

Beside the suite lies `.emitted/`: the text of each file as it was last emitted, and a manifest of its
parts. What nobody touched is replaced; layout is no touch. Where a person changed a module, what is
new is merged into it (three-way, line by line). Where both changed the same, the person's module stays
and the new one lies beside it, as `NAME.new`, until it is removed; `.emitted/NAME.kept` is then what
the person's module was made from. A folder that holds something else than a suite is not written to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum
from pathlib import Path

from ..errors import UsageError
from ..files import replace_text
from .fingerprint import Part, parts, same_code
from .formatting import formatted
from .lint import misnamed, uncompilable
from .manifest import Manifest, read_manifest, write_manifest
from .render import RenderedFile

BASE = ".emitted"
BESIDE = ".new"
_KEPT = ".kept"
_CLOSE = ("--config", "format.skip-magic-trailing-comma=true")
"""Of ruff: what was on several lines comes together, whoever had put it there."""


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
class Edits:
    """What a person made of an emitted file: names of its parts, and the lines; "" where none tells."""

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    diff: str = ""

    def __str__(self) -> str:
        verbs = {"changed": self.changed, "added": self.added, "removed": self.removed}
        said = [f"{verb} {', '.join(names)}" for verb, names in verbs.items() if names]
        return f"you {' and '.join(said) or 'changed it'}"


@dataclass(frozen=True, slots=True)
class FileChange:
    """What is to happen to one file; `before` and `after` are its text, None where it is missing.

    `beside` is the text of the new version that lies beside it afterwards, `beside_before` of what lies
    there now; `edits` are those of a person. One without `remembered` was not compared with what is
    emitted: an earlier new version, in which a person works, comes first.
    """

    path: str
    action: Action
    before: str | None
    after: str | None
    beside: str | None = None
    beside_before: str | None = None
    edits: Edits = Edits()
    kept: str | None = None
    remembered: bool = True

    @property
    def pending(self) -> bool:
        """Something is to be written, removed, or merged by a person."""
        moved = self.before != self.after or self.beside_before != self.beside
        return moved or self.action is Action.CONFLICT

    def diff(self) -> str:
        """The change as a unified diff; of a conflict from the person's file to the new one beside it."""
        if self.beside is not None:
            return _diff(self.before, self.beside, f"a/{self.path}", f"b/{self.path}{BESIDE}")
        return _diff(self.before, self.after, f"a/{self.path}", f"b/{self.path}")


def compare(rendered: Iterable[RenderedFile], folder: Path, *, whole: bool) -> list[FileChange]:
    """What writing would do; `whole` means that `rendered` is all of the suite.

    Raises UsageError for a folder that holds something else, or whose manifest cannot be used.
    """
    files = {file.path: file.text for file in rendered}
    _check_folder(folder)
    manifest = read_manifest(folder)
    changes = [_Emitted.read(path, folder, manifest).change(text) for path, text in files.items()]
    if whole:
        changes += _left_over(folder, files)
    return changes


def write(changes: Iterable[FileChange], rendered: Iterable[RenderedFile], folder: Path) -> None:
    """Carry the changes out, and remember what was emitted."""
    base = folder / BASE
    base.mkdir(parents=True, exist_ok=True)
    manifest = dict(read_manifest(folder))
    open_paths = set()
    for change in changes:
        if change.action is Action.REMOVED:
            manifest.pop(change.path, None)
        _carry_out(change, folder)
        if not change.remembered:
            open_paths.add(change.path)
    for file in rendered:
        if file.path in open_paths:
            continue
        remembered = base / f"{file.path}.txt"
        if _read(remembered) != file.text:
            replace_text(remembered, file.text)
        elif file.path in manifest:
            continue
        manifest[file.path] = parts(file.text)
    write_manifest(manifest, folder)


def _carry_out(change: FileChange, folder: Path) -> None:
    target, base = folder / change.path, folder / BASE
    beside, kept = folder / f"{change.path}{BESIDE}", base / f"{change.path}{_KEPT}"
    if change.action is Action.REMOVED:
        target.unlink()
        (base / f"{change.path}.txt").unlink()
    elif change.after is not None and change.after != change.before:
        replace_text(target, change.after)
    if change.kept is not None:
        replace_text(kept, change.kept)
    else:
        kept.unlink(missing_ok=True)
    if change.beside is None:
        beside.unlink(missing_ok=True)
    elif change.beside != change.beside_before:
        replace_text(beside, change.beside)


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


@dataclass(frozen=True, slots=True)
class _Emitted:
    """One file of a suite as it lies there.

    `before` is its text, `last` what was emitted for it last, `remembered` the parts of that; `beside`
    the new version that waits beside it, and `kept` what the file was made from if one waits.
    """

    path: str
    folder: Path
    before: str | None
    last: str | None
    remembered: Mapping[str, Part] | None
    beside: str | None
    kept: str | None

    @classmethod
    def read(cls, path: str, folder: Path, manifest: Manifest) -> _Emitted:
        base = folder / BASE
        beside = _read(folder / f"{path}{BESIDE}")
        return cls(
            path,
            folder,
            before=_read(folder / path),
            last=_read(base / f"{path}.txt"),
            remembered=manifest.get(path),
            beside=beside,
            kept=_read(base / f"{path}{_KEPT}") if beside is not None else None,
        )

    @property
    def base(self) -> str | None:
        """What was emitted when the person's file was made from it."""
        return self.last if self.kept is None else self.kept

    def change(self, text: str) -> FileChange:
        """What becomes of the file when this text is emitted for it."""
        if self.before is None:
            gone = self.last is not None or self.remembered is not None
            return self._done(Action.UNCHANGED, None) if gone else self._done(Action.NEW, text)
        if self.before == text:
            return self._done(Action.UNCHANGED, text)
        if self.base is None:
            return self._by_manifest(text)
        if same_code(self.base, text):
            return self._done(Action.UNCHANGED, self.before)
        if same_code(self.before, self.base):
            return self._done(Action.UPDATED, text)
        merged = _merge(self.base, self.before, text)
        if merged is not None:
            return self._done(Action.MERGED, merged)
        return self._conflict(text)

    def _by_manifest(self, text: str) -> FileChange:
        """The same where the text that was emitted last is gone, and its fingerprints are not."""
        if self.remembered is None:
            raise UsageError(
                f"{self.folder / self.path} was not emitted by gen-suite",
                hint="move it away, or name another folder: --output",
            )
        if parts(text) == self.remembered:
            return self._done(Action.UNCHANGED, self.before)
        if _parts(self.before) == self.remembered:
            return self._done(Action.UPDATED, text)
        return self._conflict(text)

    def _done(self, action: Action, after: str | None) -> FileChange:
        """A change that leaves nothing to a person, but a version in which one works already."""
        beside = None if self.beside == self.last else self.beside
        return FileChange(
            self.path, action, self.before, after, beside, self.beside, kept=self.kept
        )

    def _conflict(self, text: str) -> FileChange:
        works_there = self.beside is not None and self.beside != self.last
        return FileChange(
            self.path,
            Action.CONFLICT,
            self.before,
            self.before,
            beside=self.beside if works_there else text,
            beside_before=self.beside,
            edits=self._edits(),
            kept=self.base,
            remembered=not works_there,
        )

    def _edits(self) -> Edits:
        emitted = _parts(self.base) if self.base is not None else self.remembered
        mine = _parts(self.before)
        diff = ""
        if self.base is not None and self.before is not None:
            base, before = _in_one_layout(self.base, self.before)
            diff = _diff(base, before, f"{self.path}, as emitted", f"{self.path}, as you have it")
        if emitted is None or mine is None:
            return Edits(diff=diff)
        return Edits(
            tuple(name for name in emitted if name in mine and mine[name] != emitted[name]),
            tuple(name for name in mine if name not in emitted),
            tuple(name for name in emitted if name not in mine),
            diff,
        )


def _parts(text: str | None) -> Mapping[str, Part] | None:
    """The parts of a file of a person's; None where it is no Python at present."""
    try:
        return parts(text or "")
    except (SyntaxError, ValueError):
        return None


def _merge(base: str, mine: str, theirs: str) -> str | None:
    """What is new merged into a person's file; None where both changed the same, or it would not run."""
    from merge3 import Merge3

    texts = _in_one_layout(base, mine, theirs)
    base_lines, my_lines, their_lines = (text.splitlines(keepends=True) for text in texts)
    merge = Merge3(base_lines, my_lines, their_lines)
    if any(region[0] == "conflict" for region in merge.merge_regions()):
        return None
    merged = "".join(merge.merge_lines())
    if texts[1] != mine:
        merged = formatted({"merged.py": merged})["merged.py"]
    before, after = RenderedFile("mine.py", mine), RenderedFile("merged.py", merged)
    faults = uncompilable([before, after])
    faults |= misnamed(file for file in (before, after) if file.path not in faults)
    return None if after.path in faults and before.path not in faults else merged


def _in_one_layout(base: str, mine: str, *others: str) -> list[str]:
    """The texts as they are; in the layout of none of them if a person's has not that of the others."""
    texts = [base, mine, *others]
    if formatted({"mine.py": mine})["mine.py"] == mine:
        return texts
    files = {f"{number}.py": text for number, text in enumerate(texts)}
    return list(formatted(files, *_CLOSE).values())


def _left_over(folder: Path, files: dict[str, str]) -> Iterator[FileChange]:
    """Files of operations that are gone: removed, unless a person changed them."""
    for emitted in sorted((folder / BASE).glob("*.txt")):
        path = emitted.name.removesuffix(".txt")
        before = _read(folder / path)
        if path in files or before is None:
            continue
        if same_code(before, emitted.read_text(encoding="utf-8")):
            yield FileChange(path, Action.REMOVED, before, None)
        else:
            yield FileChange(path, Action.ORPHANED, before, before)


def _diff(before: str | None, after: str | None, name: str, other: str) -> str:
    lines, other_lines = ((text or "").splitlines(keepends=True) for text in (before, after))
    return "".join(unified_diff(lines, other_lines, name, other))


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise UsageError(f"{path} is no UTF-8: {error}", hint="save it as UTF-8") from None
