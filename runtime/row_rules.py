"""What tables say of several fields of a body at once, as pointers that payloads understand."""

from __future__ import annotations

from collections.abc import Iterator

from ..mapping.checks import Order, orders
from ..mapping.entry import Change
from ..mapping.expression import Expression, parse, read_value
from ..mapping.names import snake
from ..mapping.resolved import Resolved, Write
from ..mapping.shapes import ELEMENT, Shapes


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

    Rows of one request share their parent and whatever else no element says.
    """
    found = []
    for change in write.changes:
        table = resolved.schema.table(change.table) if resolved.schema else None
        each = read_value(change.for_each)
        sent = isinstance(each, Expression) and each.source == "request.body"
        if table is None or change.kind != "inserts" or not sent:
            continue
        steps = (*each.steps, ELEMENT)
        wire = dict(_fields_by_column(write, resolved, change, steps))
        for columns in (table.primary_key, *table.unique):
            names = tuple(_pointer(steps) + wire[one] for one in columns if one in wire)
            found += [names] if names else []
    return found


def _fields_by_column(
    write: Write, resolved: Resolved, change: Change, steps: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """(column, field of the element): by names, by the resource, by what the change states."""
    shapes = Shapes(resolved.document)
    element = shapes.at(shapes.request(write.operation), steps).schema
    if element is not None:
        yield from ((snake(name), name) for name in shapes.of(element).properties)
    yield from ((pair.column, pair.wire) for pair in write.elements.get(change.table, ()))
    for column, value in change.values.items():
        read = read_value(value)
        if isinstance(read, Expression) and read.source == "item" and len(read.steps) == 1:
            yield column, read.steps[0]


def _pointer(steps: tuple[str, ...]) -> str:
    return "".join(f"{step}/" for step in steps)
