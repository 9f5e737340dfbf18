"""What keeps the elements of one request apart: each becomes a row, and no two rows share a key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .entry import Change
from .expression import Expression, parse, read_value
from .names import snake
from .resolved import Resolved, Write
from .shapes import ELEMENT, Shapes

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ElementKey:
    """A key of the rows that the elements of a list become, as pointers into the body.

    `fields` have values of their own, `references` name other rows. Whatever else belongs to the key
    (the parent, the tenant) all rows of one request share.
    """

    fields: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


def element_keys(write: Write, resolved: Resolved) -> tuple[ElementKey, ...]:
    """The keys of which elements of the request hold a part."""
    filled = {reference.pointer for reference in write.references if not reference.fixed}
    stated = {pointer.strip("/") for pointer in write.entry.fill} if write.entry else set()
    found = []
    for table_name, steps, change in _lists(write):
        table = resolved.schema.table(table_name) if resolved.schema else None
        if table is None:
            continue
        place = "".join(f"{step}/" for step in steps)
        wire = dict(_fields_by_column(write, resolved, table_name, change, steps))
        for columns in (table.primary_key, *table.unique):
            names = [place + wire[one] for one in columns if one in wire]
            own = tuple(name for name in names if name not in filled and name not in stated)
            named = tuple(name for name in names if name in filled)
            found += [ElementKey(own, named)] if own or named else []
    return tuple(dict.fromkeys(found))


def lone_references(write: Write, resolved: Resolved) -> frozenset[str]:
    """The references of elements that must each name another row: no field keeps the elements apart."""
    keys = element_keys(write, resolved)
    return frozenset(key.references[-1] for key in keys if key.references and not key.fields)


def _lists(write: Write) -> Iterator[tuple[str, Steps, Change | None]]:
    """(table, steps to an element, change): the lists of the request each element of which is a row."""
    entry = write.entry
    if entry and entry.for_each and write.kind == "creates" and write.resource:
        yield write.resource.table, (*parse(entry.for_each).steps, ELEMENT), None
    for change in write.changes:
        each = read_value(change.for_each)
        sent = isinstance(each, Expression) and each.source == "request.body"
        if change.kind == "inserts" and sent:
            yield change.table, (*each.steps, ELEMENT), change


def _fields_by_column(
    write: Write, resolved: Resolved, table: str, change: Change | None, steps: Steps
) -> Iterator[tuple[str, str]]:
    """(column, field of the element): by names, by the resource, by what the change states."""
    shapes = Shapes(resolved.document)
    element = shapes.at(shapes.request(write.operation), steps).schema
    if element is not None:
        yield from ((snake(name), name) for name in shapes.of(element).properties)
    pairs = write.fields if change is None else write.elements.get(table, ())
    yield from ((pair.column, pair.wire) for pair in pairs)
    for column, value in (change.values if change else {}).items():
        read = read_value(value)
        if isinstance(read, Expression) and read.source == "item" and len(read.steps) == 1:
            yield column, read.steps[0]
