"""Objects whose property names are free, as labels and translations are."""

from __future__ import annotations

from dataclasses import replace

from .node import Node
from .scalars import scalar_series
from .schemas import Schemas
from .series import MISSING
from .words import WORDS


def is_map(node: Node) -> bool:
    """Whether nothing but free names is declared."""
    if node.max_properties == 0 or node.properties:
        return False
    return node.additional not in (True, False) or bool(node.pattern_properties)


def free_name(schemas: Schemas, node: Node, number: int) -> str | None:
    """The number-th name for a property that is not declared; None where none can be made."""
    patterns = tuple(node.pattern_properties) if node.additional is False else ()
    names = [schemas.node(raw) for raw in node.names]
    if not names and not patterns:
        return WORDS[number % len(WORDS)] + ("" if number < len(WORDS) else str(number))
    base = names[0] if names else Node()
    if base.enum:
        return str(base.enum[number % len(base.enum)])
    wanted = replace(base, types=("string",), patterns=(*base.patterns, *patterns[:1]))
    found = scalar_series(wanted, "string")
    name = found.first(number) if found else MISSING
    return None if name is MISSING else str(name)
