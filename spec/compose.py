"""A patient YAML reader, for what the quick one cannot read and what needs positions.

ruamel.yaml composes the text into nodes with positions; plain scalars are then resolved by the core
schema of YAML 1.2 here, so that dates and `no` stay text, as the quick reader has them.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .bounds import MAX_NODES
from .text import line_and_column

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


class YamlError(Exception):
    """No YAML, or it stands for too much; line and column count from 1, 0 where unknown."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


def compose(text: str) -> Node | None:
    """The first document as nodes with positions, or None if there is none. Raises YamlError."""
    reader = YAML(typ="safe", pure=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            return next(iter(reader.compose_all(text)), None)
    except MarkedYAMLError as failure:
        mark = failure.problem_mark or failure.context_mark
        parts = [part for part in (failure.context, failure.problem) if part]
        message = ", ".join(parts) or "not readable as YAML"
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise YamlError(message, line, column) from None
    except YAMLError as failure:
        position = getattr(failure, "position", None)
        line, column = line_and_column(text, position) if position is not None else (0, 0)
        raise YamlError(str(failure).splitlines()[0], line, column) from None
    except RecursionError:
        raise YamlError("nested too deeply") from None


def construct(root: Node) -> Any:
    """The data that nodes stand for; aliases share it. Raises YamlError for cycles and bombs.

    Every node is built after its children, without recursion; `sizes` counts what a copy without
    sharing would hold.
    """
    values: dict[int, Any] = {}
    sizes: dict[int, int] = {}
    building: set[int] = set()
    stack = [root]
    while stack:
        node = stack[-1]
        key = id(node)
        if key in values:
            stack.pop()
            continue
        children = _children(node)
        if key not in building:
            building.add(key)
            stack.extend(child for child in children if id(child) not in values)
            # All that is begun and not finished are ancestors of this node.
            for child in children:
                if id(child) in building and id(child) not in values:
                    raise YamlError("an alias inside its own anchor", *_mark(child))
            continue
        stack.pop()
        sizes[key] = 1 + sum(sizes[id(child)] for child in children)
        if sizes[key] > MAX_NODES:
            message = f"its aliases stand for more than {MAX_NODES:,} values"
            raise YamlError(message, *_mark(node))
        values[key] = _value(node, values)
    return values[id(root)]


def _mark(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    if isinstance(node, SequenceNode):
        return list(node.value)
    return []


def _value(node: Node, values: dict[int, Any]) -> Any:
    if isinstance(node, SequenceNode):
        return [values[id(child)] for child in node.value]
    if isinstance(node, MappingNode):
        return {_key(values[id(key)]): values[id(value)] for key, value in node.value}
    assert isinstance(node, ScalarNode)
    if node.style is not None or (node.tag or "").endswith(":str"):
        return node.value  # quoted, a block, tagged !!str, or plain text anyway
    return scalar(node.value)


def _key(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return str(value)
    return value


def scalar(text: str) -> Any:
    """A plain scalar by YAML 1.2's core schema."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if first not in "-+.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 4000 else float(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(text[2:], 16)
    if infinite := _INFINITE.fullmatch(text):
        return float(infinite[1] + "inf")
    return float(text) if _FLOAT.fullmatch(text) else text
