"""Where the parts of a YAML file stand, to the line: for adding to it without touching the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import Location, MappingError

Commas = frozenset[tuple[int, int]]


@dataclass(frozen=True)
class Spot:
    """A key of a mapping and what is below it; lines count from 0, `end` is behind the last one.

    `flow` is the position of the closing brace, (line, column), where the value stands in braces,
    `comma` whether a comma stands before it; `empty` says that nothing stands behind the key. What
    an alias stands for is elsewhere: it counts as a scalar, and merged keys as those of the `<<`.
    """

    start: int
    end: int
    indent: int
    children: Mapping[str, Spot]
    flow: tuple[int, int] | None = None
    empty: bool = False
    scalar: bool = False
    comma: bool = False

    @property
    def is_block(self) -> bool:
        return self.flow is None and not self.scalar


def spots(text: str, file: Any) -> Mapping[str, Spot]:
    """The top-level keys of a YAML file with all below them, found by ruamel.yaml.

    Raises MappingError when it cannot be read.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.nodes import MappingNode

    try:
        root = YAML().compose(text)
        commas = _commas(YAML().scan(text)) if root is not None else frozenset()
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = Location(file, mark.line + 1, mark.column + 1) if mark else Location(file)
        raise MappingError(str(error.problem or "this is no YAML"), where=where) from error
    if root is None:
        return {}
    if not isinstance(root, MappingNode):
        raise MappingError("the file has no keys at its top", where=Location(file, 1, 1))
    lines = text.splitlines()
    return _children(root, lines, commas)


def _commas(tokens: Any) -> frozenset[tuple[int, int]]:
    """The closing braces that stand behind a comma, by line and column."""
    from ruamel.yaml.tokens import FlowEntryToken, FlowMappingEndToken

    found = set()
    before: Any = None
    for token in tokens:
        if isinstance(token, FlowMappingEndToken) and isinstance(before, FlowEntryToken):
            found.add((token.start_mark.line, token.start_mark.column))
        before = token
    return frozenset(found)


def _children(node: Any, lines: list[str], commas: Commas) -> dict[str, Spot]:
    found: dict[str, Spot] = {}
    for key, value in node.value:
        spot = _spot(key, value, lines, commas)
        if key.value == "<<":
            found |= dict.fromkeys(_merged(value), spot)
        found[str(key.value)] = spot
    return found


def _merged(value: Any) -> Iterator[str]:
    """The keys that `<<` brings in."""
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    if isinstance(value, SequenceNode):
        for one in value.value:
            yield from _merged(one)
    elif isinstance(value, MappingNode):
        yield from (str(key.value) for key, _ in value.value)


def _spot(key: Any, value: Any, lines: list[str], commas: Commas) -> Spot:
    from ruamel.yaml.nodes import MappingNode, ScalarNode

    start, indent = key.start_mark.line, key.start_mark.column
    if value.start_mark.index < key.end_mark.index:
        return Spot(start, _with_comments(start + 1, indent, lines), indent, {}, scalar=True)
    empty = isinstance(value, ScalarNode) and value.value == "" and value.style is None
    if isinstance(value, MappingNode):
        flow = (value.end_mark.line, value.end_mark.column - 1) if value.flow_style else None
        children = _children(value, lines, commas)
        last = (
            value.end_mark.line + 1
            if flow
            else max((child.end for child in children.values()), default=start + 1)
        )
        end = _with_comments(last, indent, lines)
        return Spot(start, end, indent, children, flow, comma=flow in commas)
    last = start + 1 if empty else _last_line(value) + 1
    end = _with_comments(max(last, start + 1), indent, lines)
    return Spot(start, end, indent, {}, None, empty, scalar=not empty)


def _last_line(value: Any) -> int:
    """The last line with text of a scalar or a sequence."""
    from ruamel.yaml.nodes import ScalarNode, SequenceNode

    if isinstance(value, SequenceNode) and not value.flow_style and value.value:
        return max(_last_line(item) for item in value.value)
    if not isinstance(value, ScalarNode) and not value.flow_style:
        inner = [_last_line(one) for pair in value.value for one in pair]
        return max(inner, default=value.start_mark.line)
    mark = value.end_mark
    # A block scalar, or an empty one, ends where the next thing begins.
    return int(
        mark.line - 1 if mark.column == 0 and mark.line > value.start_mark.line else mark.line
    )


def _with_comments(end: int, indent: int, lines: list[str]) -> int:
    """The end moved behind comments that stand deeper than the key: they belong to it."""
    at = end
    while at < len(lines):
        line = lines[at]
        bare = line.lstrip()
        if bare and not (bare.startswith("#") and len(line) - len(bare) > indent):
            break
        at += 1
        if bare:
            end = at
    return end
