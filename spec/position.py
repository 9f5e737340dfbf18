"""Line and column of a JSON pointer's node, read again when a message needs them.

JSON is scanned along the pointer: what the pointer passes by is skipped by the C scanner. YAML is
narrowed down to a few lines by indentation where it is long, then composed with positions.
"""

from __future__ import annotations

import json.decoder
import re
from collections.abc import Callable, Sequence
from json import JSONDecodeError
from json.decoder import JSONDecoder
from typing import Any, Protocol

from .pointer import split
from .text import starts_as_json

Place = Any
"""Where a node stands, in a finder's own terms."""
Child = tuple[int, int, Place]
"""A member of a node: line and column of its key (of the element in lists), and its place."""

# Untyped in the standard library's stubs, though public in its source: the C scanner's two halves.
_scan_text: Callable[[str, int], tuple[str, int]] = vars(json.decoder)["scanstring"]
_scan_value: Callable[[str, int], tuple[Any, int]] = vars(JSONDecoder())["scan_once"]

_BLANK = re.compile(r"[ \t\n]*")


class Finder(Protocol):
    root: Place

    def children(self, place: Place) -> dict[str, Child]:
        """The members below a place by pointer token; empty for scalars and what cannot be read."""


class Locator:
    """Finds places in one text; what it has learned on the way is kept for the next question."""

    def __init__(self, text: str) -> None:
        self._finder: Finder = _JsonFinder(text) if _is_json(text) else _yaml_finder(text)
        self._known: dict[tuple[str, ...], dict[str, Child]] = {}

    def find(self, pointer: str) -> tuple[int, int]:
        """Line and column of the node, from 1; (0, 0) if there is none."""
        line, column, left = self._walk(pointer)
        return (0, 0) if left else (line, column)

    def nearest(self, pointer: str) -> tuple[int, int]:
        """As `find`, but the nearest node above it where the node itself does not exist."""
        return self._walk(pointer)[:2]

    def _walk(self, pointer: str) -> tuple[int, int, int]:
        tokens = split(pointer)
        line, column, place = 1, 1, self._finder.root
        for depth, token in enumerate(tokens):
            path = tuple(tokens[:depth])
            if path not in self._known:
                self._known[path] = self._finder.children(place)
            child = self._known[path].get(token)
            if child is None:
                return line, column, len(tokens) - depth
            line, column, place = child
        return line, column, 0


def locate(text: str, pointer: str) -> tuple[int, int]:
    """Line and column of the node that `pointer` names in JSON or YAML `text`; (0, 0) if not found.

    For a member of a mapping this is the place of its key.
    """
    return Locator(text).find(pointer)


def _is_json(text: str) -> bool:
    if not starts_as_json(text):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _yaml_finder(text: str) -> Finder:
    from .position_yaml import YamlFinder

    return YamlFinder(text)


class _JsonFinder:
    """Places are offsets of values in the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.root = self._blank(0)

    def children(self, place: Place) -> dict[str, Child]:
        try:
            if self._text[place] == "{":
                return self._members(place + 1)
            if self._text[place] == "[":
                return self._elements(place + 1)
        except (IndexError, StopIteration, JSONDecodeError, RecursionError):
            return {}
        return {}

    def _members(self, at: int) -> dict[str, Child]:
        found: list[tuple[str, int, int]] = []
        at = self._blank(at)
        while self._text[at] == '"':
            key, after = _scan_text(self._text, at + 1)
            value = self._blank(self._blank(after) + 1)
            found.append((key, at, value))
            at = self._next(value)
        return self._placed(found)

    def _elements(self, at: int) -> dict[str, Child]:
        found: list[tuple[str, int, int]] = []
        at = self._blank(at)
        while self._text[at] != "]":
            found.append((str(len(found)), at, at))
            at = self._next(at)
        return self._placed(found)

    def _next(self, value: int) -> int:
        """Where the next member or the closing bracket begins."""
        at = self._blank(_scan_value(self._text, value)[1])
        return self._blank(at + 1) if self._text[at] == "," else at

    def _blank(self, at: int) -> int:
        found = _BLANK.match(self._text, at)
        return found.end() if found else at

    def _placed(self, members: Sequence[tuple[str, int, int]]) -> dict[str, Child]:
        """Offsets to lines and columns in one pass: the members stand in order."""
        found: dict[str, Child] = {}
        line, before = 1, 0
        for key, at, value in members:
            line += self._text.count("\n", before, at)
            before = at
            found[key] = (line, at - self._text.rfind("\n", 0, at), value)
        return found
