"""Places in YAML text: long block collections are split by indentation, short ones composed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .compose import YamlError, compose

_COMPOSABLE = 60_000  # characters, about a tenth of a second
_KEY = re.compile(
    r"""(?: "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^']|'')*)'
        | (?P<plain>[^\s\#'"\[\]{}&*!|>%@`,?-][^\#]*? | [-?]\S[^\#]*?) )
        \s* : (?:\s+(?P<rest>.*))?$""",
    re.VERBOSE,
)
_DASH = re.compile(r"-(?:\s+(?P<rest>.*))?$")
_SKIP = re.compile(r"\s*(?:#.*)?$")


@dataclass(frozen=True, slots=True)
class _Region:
    """Lines [start, end) that hold one node; `first` stands for the first line where it was cut."""

    start: int
    end: int
    first: str


@dataclass(frozen=True, slots=True)
class _Composed:
    """A composed node and the number of lines that stand above its text."""

    node: Node
    above: int


class YamlFinder:
    """Places are `_Region`s of lines while the text is long, `_Composed` nodes below that."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self.root = _Region(0, len(self._lines), self._lines[0])

    def children(self, place: Any) -> dict[str, tuple[int, int, Any]]:
        if isinstance(place, _Composed):
            return _members(place)
        # Flow collections cannot be split, and an alias whose anchor stands elsewhere not composed.
        by_lines = self._split(place) if self._is_long(place) else {}
        return by_lines or self._compose(place) or self._split(place)

    def _is_long(self, region: _Region) -> bool:
        size = 0
        for number in range(region.start, region.end):
            size += len(self._lines[number])
            if size > _COMPOSABLE:
                return True
        return False

    def _compose(self, region: _Region) -> dict[str, tuple[int, int, Any]]:
        lines = [region.first, *self._lines[region.start + 1 : region.end]]
        try:
            node = compose("\n".join(lines))
        except YamlError:
            return {}
        return {} if node is None else _members(_Composed(node, region.start))

    def _split(self, region: _Region) -> dict[str, tuple[int, int, Any]]:
        """The members of a block collection: what begins at the indentation of its first line."""
        starts: list[tuple[str, int, int]] = []
        indent = -1
        for number in range(region.start, region.end):
            line = region.first if number == region.start else self._lines[number]
            content = line.lstrip(" ")
            column = len(line) - len(content)
            if _SKIP.match(content) or (indent >= 0 and column > indent):
                continue
            if indent < 0 and content.startswith(("---", "%")) and column == 0:
                continue
            if column < indent:
                break
            indent = column
            starts.append((content, number, column))
        return self._between(region, starts)

    def _between(
        self, region: _Region, starts: list[tuple[str, int, int]]
    ) -> dict[str, tuple[int, int, Any]]:
        is_list = bool(starts) and _DASH.match(starts[0][0]) is not None
        # Dashes may stand at the indentation of their own key: they are no members beside it.
        own = [start for start in starts if (_DASH.match(start[0]) is not None) == is_list]
        ends = [number for _, number, _ in own[1:]] + [region.end]
        found: dict[str, tuple[int, int, Any]] = {}
        for index, ((content, number, column), end) in enumerate(zip(own, ends, strict=True)):
            token = str(index) if is_list else _key(content)
            line = region.first if number == region.start else self._lines[number]
            if token is not None:
                found[token] = (number + 1, column + 1, _below(line, column, number, end))
        return found


def _key(content: str) -> str | None:
    """The text of the key that a line begins with."""
    key = _KEY.match(content)
    if key is None:
        return None
    if key["double"] is not None:
        return re.sub(r"\\(.)", r"\1", key["double"])
    if key["single"] is not None:
        return key["single"].replace("''", "'")
    return str(key["plain"])


def _below(line: str, column: int, number: int, end: int) -> _Region:
    """The lines of a member's value, columns kept: what stands before it becomes blank."""
    content = line[column:]
    matched = _DASH.match(content) or _KEY.match(content)
    rest = (matched["rest"] or "") if matched else ""
    return _Region(number, end, " " * (len(line) - len(rest)) + rest)


def _members(place: _Composed) -> dict[str, tuple[int, int, Any]]:
    node = place.node
    found: dict[str, tuple[int, int, Any]] = {}
    if isinstance(node, MappingNode):
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else ""
            found[name] = (*_mark(key, place), _Composed(value, place.above))
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            found[str(index)] = (*_mark(item, place), _Composed(item, place.above))
    return found


def _mark(node: Node, place: _Composed) -> tuple[int, int]:
    return node.start_mark.line + 1 + place.above, node.start_mark.column + 1
