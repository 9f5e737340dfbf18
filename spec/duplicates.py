"""Keys that stand twice in one mapping: parsers keep the last one and say nothing.

A path written twice would lose its operations, and nobody would miss their tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .compose import YamlError, compose
from .pointer import join
from .text import starts_as_json

_JSON_LIMIT = (
    2_000_000  # characters; larger files are written by programs, which do not repeat keys
)
_YAML_LIMIT = 600_000  # what the patient reader composes in a second
_LINE = re.compile(r"^( *)((?:- +)*)([^\s#&*!|>%@`{\[,-][^#\n]*?) *:(?: +(.*))?$", re.MULTILINE)
_IN_BRACES = re.compile(
    r"""(?P<brace>[{}])
    | (?<=[{,]) \s* (?P<key>"(?:[^"\\]|\\.)*" | '[^']*' | [^\s"'{}\[\],:#][^{}\[\],:]*?) \s* :""",
    re.VERBOSE,
)
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(#.*)?$")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The second of two equal keys; `first_line` is that of the first, 0 where unknown."""

    pointer: str
    key: str
    first_line: int = 0


def find_duplicates(text: str, *, braces: bool = False) -> list[Duplicate]:
    """The repeated keys of JSON or YAML text; none for texts of megabytes.

    With `braces` those of `{a: 1, a: 2}` in YAML too, which takes longer where braces span lines.
    """
    if starts_as_json(text) and len(text) <= _JSON_LIMIT:
        try:
            return list(_in_json(text))
        except ValueError:
            pass  # YAML in flow style
    suspicious = _may_repeat(text) or (braces and _may_repeat_in_braces(text))
    if suspicious and len(text) <= _YAML_LIMIT:
        try:
            root = compose(text)
        except YamlError:
            return []
        return list(_in_nodes(root)) if root is not None else []
    return []


class _Repeating(dict[str, Any]):
    """A JSON object in which keys were repeated."""

    repeated: tuple[str, ...] = ()


def _in_json(text: str) -> Iterator[Duplicate]:
    found = False

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        plain = dict(members)
        if len(plain) == len(members):
            return plain
        found = True
        repeating = _Repeating(plain)
        names = [name for name, _ in members]
        repeating.repeated = tuple(name for name in plain if names.count(name) > 1)
        return repeating

    data = json.loads(text, object_pairs_hook=pairs)
    stack: list[tuple[tuple[str, ...], Any]] = [((), data)] if found else []
    while stack:
        path, node = stack.pop()
        if isinstance(node, _Repeating):
            yield from (Duplicate(join(*path, key), key) for key in node.repeated)
        if isinstance(node, dict | list):
            items = node.items() if isinstance(node, dict) else enumerate(node)
            stack.extend(((*path, str(key)), child) for key, child in items)


def _may_repeat(text: str) -> bool:
    """Whether lines look as if a key stood twice; quick, and too suspicious rather than not.

    Keys in flow style are not looked at.
    """
    open_mappings: list[tuple[int, set[str]]] = []
    block = -1  # the indentation of a key whose value is a block of text
    for line in _LINE.finditer(text):
        spaces, dashes, key, value = line.groups()
        if 0 <= block < len(spaces):
            continue
        indent = len(spaces) + len(dashes)
        block = len(spaces) if value and _BLOCK.match(value) else -1
        while open_mappings and open_mappings[-1][0] > (len(spaces) if dashes else indent):
            open_mappings.pop()
        if dashes or not open_mappings or open_mappings[-1][0] < indent:
            if dashes and open_mappings and open_mappings[-1][0] == indent:
                open_mappings.pop()
            open_mappings.append((indent, set()))
        keys = open_mappings[-1][1]
        if key in keys:
            return True
        keys.add(key)
    return False


def _may_repeat_in_braces(text: str) -> bool:
    """The same for flow style: a line that names a key twice in one pair, or leaves one open."""
    for line in text.split("\n"):
        levels: list[set[str]] = []
        for found in _IN_BRACES.finditer(line):
            if found["brace"] == "{":
                levels.append(set())
            elif not levels:
                return True
            elif found["brace"]:
                levels.pop()
            elif (key := found["key"].strip("\"'")) in levels[-1]:
                return True
            else:
                levels[-1].add(key)
        if levels:
            return True
    return False


def _in_nodes(root: Node) -> Iterator[Duplicate]:
    seen: set[int] = set()
    stack: list[tuple[tuple[str, ...], Node]] = [((), root)]
    while stack:
        path, node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, MappingNode):
            lines: dict[str, int] = {}
            for key, value in node.value:
                name = key.value if isinstance(key, ScalarNode) else ""
                if name in lines and name != "<<":
                    yield Duplicate(join(*path, name), name, lines[name])
                lines.setdefault(name, key.start_mark.line + 1)
                stack.append(((*path, name), value))
        elif isinstance(node, SequenceNode):
            stack.extend(((*path, str(i)), item) for i, item in enumerate(node.value))
