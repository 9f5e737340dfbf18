"""A proposal added to a file that people write in: what is theirs stays, to the letter.

What an earlier proposal wrote and nobody changed since (`base` is its text) is brought up to date;
what somebody deleted is not added again; of an entry that somebody changed that holds for each key.
Comments and order stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...errors import MappingError
from .guess import THRESHOLD, Guess, Proposal, certainty, is_seen, plain
from .renew import VERBS, Entry, renewals
from .spots import Spot, spots
from .write import STEP, entry_lines, flow, key_text, section


@dataclass(frozen=True)
class Merged:
    """The merged text; places as (section, entry): what came, what was renewed, what was left alone
    though the proposal says otherwise."""

    text: str
    added: tuple[tuple[str, str], ...] = ()
    renewed: tuple[tuple[str, str], ...] = ()
    kept: tuple[tuple[str, str], ...] = ()


@dataclass
class _Edit:
    """Lines that replace `start:end` of the file."""

    start: int
    end: int
    lines: list[str]


@dataclass
class _Merge:
    """One merge in the making."""

    proposal: Proposal
    lines: list[str]
    base_lines: list[str]
    threshold: float
    edits: list[_Edit] = field(default_factory=list)
    insertions: list[tuple[int, int, str]] = field(default_factory=list)
    added: list[tuple[str, str]] = field(default_factory=list)
    renewed: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)

    def section(self, key: str, node: Any, here: Spot, base: Spot | None) -> None:
        """One top-level section that the file has."""
        if isinstance(node, Guess):
            return
        before = base.children if base else {}
        self._drop_notes(key, here, base)
        self._drop_lone_notes(key, node, here)
        new: list[tuple[str, Any]] = []
        for name, entry in node.items():
            if name in here.children:
                self._known((key, name), entry, here.children[name], before.get(name))
            elif name in before:
                self.kept.append((key, name))  # somebody deleted it
            elif self._alive(entry) or not self._was_suggested((key, name), entry):
                new.append((name, entry))
        self._add(key, new, here)

    def _drop_notes(self, key: str, here: Spot, base: Spot | None) -> None:
        """Remarks at the head of a section that the proposal makes no more."""
        if base is None or (key,) in self.proposal.notes:
            return
        first = min((child.start for child in base.children.values()), default=base.start + 1)
        notes = self.base_lines[base.start + 1 : first]
        after = here.start + 1
        if notes and self.lines[after : after + len(notes)] == notes:
            self.edits.append(_Edit(after, after + len(notes), []))

    def _drop_lone_notes(self, key: str, node: Any, here: Spot) -> None:
        """Remarks about operations that had no entry, of those that have one now."""
        inside = {at for one in here.children.values() for at in range(one.start, one.end)}
        openings = tuple(f"{' ' * STEP}# {name}: " for name in node if name not in here.children)
        for at in range(here.start + 1, here.end):
            line = self.lines[at]
            ours = at not in inside and line.startswith(openings) and line in self.base_lines
            if ours and not any(edit.start <= at < edit.end for edit in self.edits):
                self.edits.append(_Edit(at, at + 1, []))

    def _known(self, place: tuple[str, str], entry: Any, here: Spot, base: Spot | None) -> None:
        """An entry that stands in the file: ours if nobody changed it, else theirs."""
        now = self.lines[here.start : here.end]
        wanted = entry_lines(self.proposal, place, entry, self.threshold)
        if now == wanted:
            return
        if base is None:
            if not isinstance(entry, Guess):
                self.kept.append(place)
            return
        if now == self.base_lines[base.start : base.end]:
            if self._alive(entry):
                self.edits.append(_Edit(here.start, here.end, wanted))
                self.renewed.append(place)
            return
        self.kept.append(place)
        if not isinstance(entry, Guess) and here.is_block:
            self._renew(place, entry, here, base, wanted)
            self._new_keys(place, entry, here, base)

    def _renew(
        self, place: tuple[str, str], entry: Any, here: Spot, base: Spot, wanted: list[str]
    ) -> None:
        """What nobody touched of an entry that somebody changed."""
        if not (base.is_block and self._alive(entry)):
            return
        lines = [f"{place[0]}:", *wanted]
        now = spots("\n".join(lines), Path(place[1]))[place[0]].children[place[1]]
        made = renewals(
            Entry(self.lines, here),
            Entry(self.base_lines, base),
            Entry(lines, now),
            seen=is_seen(entry),
        )
        edits = [_Edit(*one) for one in made]
        self.edits += edits
        self.renewed += [place] if edits else []

    def _new_keys(self, place: tuple[str, str], entry: Any, here: Spot, base: Spot) -> None:
        known = {*here.children, *base.children}
        if known & VERBS:
            known |= VERBS
        fresh = {name: node for name, node in entry.items() if name not in known}
        if fresh:
            silent = replace(self.proposal, notes={})
            lines = entry_lines(silent, place, fresh, self.threshold)[1:]
            self.edits.append(_Edit(here.end, here.end, lines))
            self.added.append(place)

    def _add(self, key: str, new: list[tuple[str, Any]], here: Spot) -> None:
        if not new:
            return
        self.added += [(key, name) for name, entry in new if self._alive(entry)]
        if here.flow is not None and not here.empty:
            self._add_in_braces(new, here)
            return
        if here.scalar:
            raise MappingError(f"`{key}:` holds a text where entries belong", hint="clear it")
        lines: list[str] = []
        for name, entry in new:
            lines += entry_lines(self.proposal, (key, name), entry, self.threshold)
        lines = _indented(lines, here)
        self.edits.append(_Edit(here.end, here.end, lines))

    def _add_in_braces(self, new: list[tuple[str, Any]], here: Spot) -> None:
        assert here.flow is not None
        told = []
        for name, entry in new:
            value = entry.value if isinstance(entry, Guess) else plain(entry, self.threshold)
            if self._alive(entry):
                told.append(f"{key_text(name)}: {flow(value)}")
        if told:
            comma = "" if not here.children else " " if here.comma else ", "
            self.insertions.append((*here.flow, comma + ", ".join(told)))

    def _alive(self, entry: Any) -> bool:
        if isinstance(entry, Guess):
            return entry.confidence >= self.threshold
        return certainty(entry) >= self.threshold and bool(plain(entry, self.threshold))

    def _was_suggested(self, place: tuple[str, str], entry: Any) -> bool:
        """The comment that the suggestion is stands in the file, or somebody removed it."""
        wanted = entry_lines(self.proposal, place, entry, self.threshold)
        return _find(self.lines, wanted) >= 0 or _find(self.base_lines, wanted) >= 0

    def drop_suggestions(self, places: Iterator[tuple[str, list[str]]]) -> None:
        """Comments of an earlier proposal that have become entries."""
        for _, lines in places:
            at = _find(self.lines, lines)
            if at >= 0:
                self.edits.append(_Edit(at, at + len(lines), []))

    def text(self, whole: str) -> str:
        """The edited text; `whole` itself, to the letter, where there is nothing to edit."""
        if not (self.edits or self.insertions):
            return whole
        lines = list(self.lines)
        for line, column, told in sorted(self.insertions, reverse=True):
            lines[line] = lines[line][:column] + told + lines[line][column:]
        for edit in sorted(self.edits, key=lambda one: (one.start, one.end), reverse=True):
            lines[edit.start : edit.end] = edit.lines
        return "\n".join(lines) + "\n"


def merge(
    text: str,
    proposal: Proposal,
    *,
    base: str = "",
    file: Path = Path("gen-suite.yaml"),
    threshold: float = THRESHOLD,
) -> Merged:
    """The file's text with the proposal in it. Raises MappingError for a text that is no mapping."""
    here, before = spots(text, file), spots(base, file) if base else {}
    made = _Merge(proposal, text.splitlines(), base.splitlines(), threshold)
    missing = []
    above: Spot | None = None
    for key, node in proposal.tree.items():
        if key in here:
            made.section(key, node, here[key], before.get(key))
            above = here[key]
        elif key in before:
            continue
        elif isinstance(node, Guess) and above is not None and (above.scalar or above.flow):
            made.edits.append(_Edit(above.end, above.end, section(proposal, key, node, threshold)))
            made.added.append((key, ""))
        else:
            missing.append(key)
    made.drop_suggestions(_outgrown(base, made.added))
    merged, closing = _open_end(made.text(text)) if missing else (made.text(text), "")
    for key in missing:
        node = proposal.tree[key]
        merged += "\n" if not isinstance(node, Guess) else ""
        merged += "\n".join(section(proposal, key, node, threshold)) + "\n"
        names = [] if isinstance(node, Guess) else [(key, name) for name in node]
        made.added += names
    merged += closing
    spots(merged, file)
    return Merged(merged, tuple(made.added), tuple(made.renewed), tuple(made.kept))


def _open_end(text: str) -> tuple[str, str]:
    """The text with a line break at its end, and the mark that ends a document, if it has one."""
    text = text if text.endswith("\n") or not text else text + "\n"
    body, mark, rest = text.rpartition("\n...")
    return (body + "\n", f"...{rest}") if mark and not rest.strip() else (text, "")


def _outgrown(base: str, added: list[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """The commented entries of a base text that have been added for good."""
    lines = base.splitlines()
    for _, name in added:
        opening = f"{' ' * STEP}# {key_text(name)}:"
        if opening not in lines:
            continue
        start = lines.index(opening)
        end = start + 1
        while end < len(lines) and lines[end].startswith(f"{' ' * 2 * STEP}# "):
            end += 1
        yield name, lines[start:end]


def _find(lines: list[str], wanted: list[str]) -> int:
    """Where some lines stand one after the other; -1 where they do not."""
    size = len(wanted)
    for at in range(len(lines) - size + 1) if wanted else ():
        if lines[at : at + size] == wanted:
            return at
    return -1


def _indented(lines: list[str], here: Spot) -> list[str]:
    """With the indentation that the entries of a section have in this file."""
    children: Mapping[str, Spot] = here.children
    own = next((child.indent for child in children.values()), STEP)
    if own == STEP:
        return lines
    return [" " * (own - STEP) + line if own > STEP else line[STEP - own :] for line in lines]
