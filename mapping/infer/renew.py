"""An entry that somebody changed, key by key: what they left as it was written is kept up to date."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .carry import says_seen
from .spots import Spot

VERBS = frozenset(["creates", "updates", "deletes"])
"""Keys of which an entry has one: a better guess may replace one by another."""
_VERB = "creates, updates or deletes"
_EVIDENCE = re.compile(r"\s*# (\d\.\d\d |seen)")
_SUGGESTION = re.compile(r"\s*# \w+:( |$)")

Renewal = tuple[int, int, list[str]]
"""(start, end, lines): lines of the file that become others."""


@dataclass(frozen=True)
class Entry:
    """An entry and the lines of the text that it stands in."""

    lines: Sequence[str]
    spot: Spot

    def keys(self) -> dict[str, Spot]:
        """Its keys, whichever the verb is under one name."""
        return {_VERB if key in VERBS else key: one for key, one in self.spot.children.items()}

    def start(self, key: Spot) -> int:
        """Where a key begins, with what it rests on where that stands above it."""
        at = key.start
        while at - 1 > self.spot.start and _is_evidence(self.lines[at - 1], key.indent):
            at -= 1
        return at

    def text(self, key: Spot) -> list[str]:
        return list(self.lines[self.start(key) : key.end])

    def loose(self) -> list[int]:
        """The lines behind the opening that belong to no key."""
        kept = {at for one in self.spot.children.values() for at in range(one.start, one.end)}
        return [at for at in range(self.spot.start + 1, self.spot.end) if at not in kept]

    def notes(self) -> list[str]:
        """The remarks beside its keys: neither evidence nor suggested keys."""
        indent = min((one.indent for one in self.spot.children.values()), default=0)
        return [
            line
            for line in (self.lines[at] for at in self.loose())
            if _is_comment(line, indent)
            and not _EVIDENCE.match(line)
            and not _SUGGESTION.match(line)
        ]


def renewals(here: Entry, base: Entry, wanted: Entry, *, seen: bool) -> Iterator[Renewal]:
    """The untouched keys of an entry as they are wanted now, and its remarks.

    `base` is the entry as an earlier run wrote it. What was seen then stays unless it was seen now.
    """
    if here.lines[here.spot.start] != base.lines[base.spot.start]:
        return  # an anchor: other entries say the same by it
    before, now = base.keys(), wanted.keys()
    for name, key in here.keys().items():
        mine = here.text(key)
        if name not in before or mine != base.text(before[name]):
            continue
        new = wanted.text(now[name]) if name in now else []
        if new != mine and (seen or not says_seen(mine)):
            yield here.start(key), key.end, new
    told, written = wanted.notes(), base.notes()
    loose = here.loose()
    for at in loose:
        if here.lines[at] in written and here.lines[at] not in told:
            yield at, at + 1, []
    stand = {here.lines[at] for at in loose}
    fresh = [line for line in told if line not in written and line not in stand]
    if fresh:
        yield here.spot.start + 1, here.spot.start + 1, fresh


def _is_comment(line: str, indent: int) -> bool:
    return line.lstrip().startswith("#") and len(line) - len(line.lstrip()) == indent


def _is_evidence(line: str, indent: int) -> bool:
    return _is_comment(line, indent) and _EVIDENCE.match(line) is not None
