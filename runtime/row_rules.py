"""What tables say of several fields of a body at once, as pointers that payloads understand."""

from __future__ import annotations

from ..mapping.checks import Order, orders
from ..mapping.element_keys import element_keys
from ..mapping.expression import parse
from ..mapping.resolved import Resolved, Write
from ..mapping.shapes import ELEMENT


def resource_at(write: Write) -> str:
    """Where the resource's fields stand in the body, as the pointer that payloads speak of."""
    entry = write.entry
    if entry is None:
        return ""
    if entry.for_each:
        return _pointer((*parse(entry.for_each).steps, ELEMENT))
    return _pointer(parse(entry.sends).steps) if entry.sends else ""


def field_orders(write: Write, resolved: Resolved) -> list[Order]:
    """Of which two fields CHECK constraints of the resource's table say that one comes first."""
    schema, resource = resolved.schema, write.resource
    table = schema.table(resource.table) if schema and resource else None
    if table is None:
        return []
    prefix = resource_at(write)
    wire = {pair.column: prefix + pair.wire for pair in write.fields if pair.transform is None}
    return [
        Order(wire[one.lower], wire[one.upper], one.strict)
        for one in orders(table.checks)
        if one.lower in wire and one.upper in wire
    ]


def distinct_fields(write: Write, resolved: Resolved) -> list[tuple[str, ...]]:
    """The fields in which elements of the request differ that become rows of one table.

    Fields that tests fill in keep nothing apart: what is drawn for them is not what is sent.
    """
    return [key.fields for key in element_keys(write, resolved) if key.fields]


def _pointer(steps: tuple[str, ...]) -> str:
    return "".join(f"{step}/" for step in steps)
