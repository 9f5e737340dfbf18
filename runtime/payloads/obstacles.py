"""Why a node has no value: the place and the reason, in words."""

from __future__ import annotations

from .node import Node
from .schemas import ENDLESS, Schemas


def obstacle(schemas: Schemas, node: Node, pointer: str = "", open_: tuple[Node, ...] = ()) -> str:
    """What stands in the way of every value of the node, "" if nothing is seen."""
    where = f"{pointer}: " if pointer else ""
    if node in open_:
        return f"{where}it contains itself without end"
    inner = (*open_, node)
    if node.enum is not None:
        return "" if node.enum else f"{where}no enum value is left"
    if node.choices:
        count = len(node.choices[0].branches)
        told = (obstacle(schemas, branch, pointer, inner) for branch in schemas.branches(node))
        reason = next(filter(None, told), f"{where}they exclude each other")
        return f"none of {count} alternatives can be made: {reason}"
    if node.types == ():
        return f"{where}its schema allows nothing"
    for kind in node.kinds():
        reason = _of_kind(schemas, node, kind, pointer, inner)
        if reason:
            return reason
    return ""


def _of_kind(schemas: Schemas, node: Node, kind: str, pointer: str, open_: tuple[Node, ...]) -> str:
    where = f"{pointer}: " if pointer else ""
    start = f"{pointer}/" if pointer else ""
    if kind == "object":
        wanted = schemas.required(node)
        if node.max_properties is not None and len(wanted) > node.max_properties:
            return f"{where}{len(wanted)} properties are required, {node.max_properties} allowed"
        children = [(name, schemas.property(node, name)) for name in wanted]
    elif kind == "array":
        if node.max_items is not None and node.min_items > node.max_items:
            return f"{where}minItems {node.min_items} is above maxItems {node.max_items}"
        children = [(str(i), schemas.item(node, i)) for i in range(min(node.min_items, 1))]
    else:
        longest = node.max_length
        if kind == "string" and longest is not None and longest < node.min_length:
            return f"{where}minLength {node.min_length} is above maxLength {longest}"
        return ""
    for name, child in children:
        if child in open_ or schemas.height(child) == ENDLESS:
            return obstacle(schemas, child, start + name, open_)
    return ""
