"""The values of a node that are neither objects nor arrays, as numberings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .faults import faults
from .node import Node
from .numbers import number_series
from .series import Series, series
from .text import text_series

SCALARS = frozenset({"string", "integer", "number", "boolean", "null"})
_BOTH = (False, True)


def scalar_series(node: Node, kind: str, *, wide: bool = False) -> Series | None:
    """The values of one scalar type; None for text whose pattern cannot be numbered."""
    if kind == "string":
        return text_series(node)
    if kind in ("integer", "number"):
        return number_series(node, kind, wide=wide)
    if kind == "boolean":
        return series(lambda number: _BOTH[number], 2)
    return series(lambda number: None, 1)


def enum_values(node: Node) -> tuple[Any, ...]:
    """The values of the node's enum that the rest of the node allows."""
    rest = replace(node, enum=None)
    return tuple(value for value in node.enum or () if not faults(rest, value))
