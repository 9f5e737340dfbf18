"""Columns as requests and answers show them: what an arranged row must hold so that it can be asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .expression import Expression, read_value
from .fields import steps_of
from .resolved import FieldPair, Resolved, Write
from .shapes import ELEMENT, Shapes
from .wire_form import Form, wire_form

Place = tuple[str, str]
"""A table and a column of it."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """The schema of a field or parameter that shows a column, and the form that it has there."""

    schema: Any
    form: Form = ""


@dataclass(frozen=True, slots=True)
class ColumnFields:
    """What the spec says of a column.

    `named`: a request cannot be made without its value, as it stands in a path or is referred to.
    `sent`: an update may change it. `shown`: an answer has it.
    """

    rules: tuple[FieldRule, ...] = ()
    named: bool = False
    sent: bool = False
    shown: bool = False


def column_fields(resolved: Resolved) -> Mapping[Place, ColumnFields]:
    """Every column that the operations of the mapping name, send or show."""
    rules: defaultdict[Place, list[FieldRule]] = defaultdict(list)
    named, sent, shown = set(), set(), set()
    shapes = Shapes(resolved.document)
    for write in resolved.operations.values():
        for place, schema in _named(write, resolved, shapes):
            named.add(place)
            rules[place].append(_rule(resolved, place, schema))
        for place, schema in _sent(write, shapes):
            rules[place].append(_rule(resolved, place, schema))
            if write.kind == "updates":
                sent.add(place)
        for place, schema in _shown(write, shapes):
            rules[place].append(_rule(resolved, place, schema))
            shown.add(place)
    for place in _in_expressions(resolved):
        named.add(place)
        rules[place] += []
    return {
        place: ColumnFields(_distinct(found), place in named, place in sent, place in shown)
        for place, found in rules.items()
    }


def _named(write: Write, resolved: Resolved, shapes: Shapes) -> Iterator[tuple[Place, Any]]:
    """Columns that paths and queries hold, keys, and what references hold."""
    parameters = {p.name: p.schema for p in write.operation.parameters}
    for binding in write.path:
        schema = None if binding.query else parameters.get(binding.parameter)
        yield (binding.table, binding.column), schema
        if binding.through and write.resource and write.kind != "creates":
            yield (write.resource.table, binding.through), schema
    for reference in write.references:
        schema = shapes.at(shapes.request(write.operation), reference.pointer.split("/")).schema
        yield (reference.table, reference.target_column), schema
    if write.resource is not None and write.kind in ("updates", "deletes"):
        yield from (((write.resource.table, column), None) for column in write.resource.key)


def _sent(write: Write, shapes: Shapes) -> Iterator[tuple[Place, Any]]:
    if write.resource is None or write.entry is None:
        return
    steps = steps_of(write.entry.sends, write.entry.for_each)
    body = shapes.at(shapes.request(write.operation), steps).schema
    yield from _fields(write.resource.table, write.fields, body, shapes)


def _shown(write: Write, shapes: Shapes) -> Iterator[tuple[Place, Any]]:
    if write.resource is None or write.entry is None:
        return
    schema = shapes.at(shapes.answer(write.operation), steps_of(write.entry.returns)).schema
    if write.entry.for_each and shapes.of(schema).is_array:
        schema = shapes.at(schema, (ELEMENT,)).schema
    yield from _fields(write.resource.table, write.claimed, schema, shapes)


def _fields(
    table: str, pairs: tuple[FieldPair, ...], schema: Any, shapes: Shapes
) -> Iterator[tuple[Place, Any]]:
    """A field that is stored in another form than it is sent says nothing of its column's values."""
    for pair in pairs:
        if pair.transform is None:
            yield (table, pair.column), shapes.at(schema, pair.wire.split("/")).schema


def _in_expressions(resolved: Resolved) -> Iterator[Place]:
    """Columns of rows that `fill` and `arrange` of the mapping name: `$wallet.code`."""
    stated = [
        value
        for write in resolved.operations.values()
        if write.entry is not None
        for columns in (write.entry.fill, *write.entry.arrange.values())
        for value in columns.values()
    ]
    stated += [v for resource in resolved.resources.values() for v in resource.arrange.values()]
    for value in stated:
        read = read_value(value)
        if isinstance(read, Expression) and read.source in resolved.resources:
            yield resolved.resources[read.source].table, read.name


def _rule(resolved: Resolved, place: Place, schema: Any) -> FieldRule:
    table = resolved.schema.table(place[0]) if resolved.schema else None
    column = table.columns.get(place[1]) if table else None
    return FieldRule(schema, wire_form(resolved.document, schema, column) if schema else "")


def _distinct(rules: list[FieldRule]) -> tuple[FieldRule, ...]:
    """Each schema once; operations share them."""
    found: dict[int, FieldRule] = {}
    for rule in rules:
        if rule.schema is not None:
            found.setdefault(id(rule.schema), rule)
    return tuple(found.values())
