"""Request fields that must name rows which exist: foreign keys, wherever in the body they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .entry import Change, OperationEntry
from .expression import Expression, read_value
from .fields import Fields, steps_of
from .names import snake
from .resolved import Reference
from .schema import Table
from .scope import Scope, stem
from .shapes import ELEMENT
from .wire_form import wire_form

Steps = tuple[str, ...]


@dataclass(frozen=True)
class References:
    """Finds the references in the request body of one operation."""

    scope: Scope
    fields: Fields
    entry: OperationEntry
    body: Any
    """The schema of the request body, None when there is none."""

    def find(self) -> tuple[Reference, ...]:
        """Each field once, the resource's own first, then those of the expected changes."""
        found: dict[str, Reference] = {}
        if self.body is None:
            return ()
        for reference in (*self._of_resource(), *self._of_changes()):
            found.setdefault(reference.pointer, reference)
        return tuple(
            replace(one, resource=None, fixed=True) if self._is_fixed(one.pointer) else one
            for one in found.values()
        )

    def _is_fixed(self, pointer: str) -> bool:
        """`fill` states the field, by itself or inside a list or an object."""
        steps = tuple(pointer.split("/"))
        for name, value in self.entry.fill.items():
            stated = tuple(name.strip("/").split("/"))
            if steps[: len(stated)] == stated and _states(value, steps[len(stated) :]):
                return True
        return False

    def _of_resource(self) -> Iterator[Reference]:
        name = self.entry.resource
        if name is None or name not in self.scope.mapping.resources:
            return
        before = steps_of(self.entry.sends, self.entry.for_each)
        schema = self.scope.shapes.at(self.body, before).schema
        table = self.scope.mapping.resources[name].table
        for pair in self.fields.sent(name, schema) if schema is not None else ():
            steps = (*before, *pair.wire.split("/"))
            yield from self._to_row(table, pair.column, steps)

    def _of_changes(self) -> Iterator[Reference]:
        for change in self.entry.changes:
            each = _body_steps(change.for_each)
            if change.for_each is not None and each is None:
                continue  # the elements are the answer's, not the request's
            element = (*each, ELEMENT) if each is not None else None
            if change.kind == "inserts":
                if element is not None:
                    yield from self._of_elements(change, element)
                for column, steps in self._stated(change.values, element):
                    yield from self._to_row(change.table, column, steps)
            else:
                yield from self._of_where(change, element)

    def _of_elements(self, change: Change, element: Steps) -> Iterator[Reference]:
        """Fields of the elements that are columns of the rows inserted for them."""
        schema = self.scope.shapes.at(self.body, element).schema
        if schema is None:
            return
        resource = self.scope.resource_of(change.table)
        if resource is not None:
            for pair in self.fields.sent(resource, schema):
                yield from self._to_row(change.table, pair.column, (*element, pair.wire))
            return
        table = self.scope.table(change.table)
        for wire, inner in self.scope.shapes.of(schema).properties.items():
            column = self.fields.of_table(table, wire, inner)
            if column is not None:
                yield from self._to_row(change.table, column, (*element, wire))

    def _of_where(self, change: Change, element: Steps | None) -> Iterator[Reference]:
        """A row that is looked up by a field of the request must be there."""
        for column, steps in self._stated(change.where, element):
            if tuple(self._to_row(change.table, column, steps)):
                yield from self._to_row(change.table, column, steps)
            else:
                yield self._reference(steps, column, change.table, column)

    def _stated(
        self, values: Mapping[str, Any], element: Steps | None
    ) -> Iterator[tuple[str, Steps]]:
        """(column, steps) of the values that are fields of the request body."""
        for column, value in values.items():
            read = read_value(value)
            if not isinstance(read, Expression):
                continue
            if read.source == "request.body" and read.steps:
                yield column, read.steps
            elif read.source == "item" and element is not None:
                yield column, (*element, *read.steps)

    def _to_row(self, table_name: str, column: str, steps: Steps) -> Iterator[Reference]:
        """The reference that a column is, if it is one."""
        table = self.scope.table(table_name)
        key = table.foreign_key(column) if table else None
        if key is not None:
            yield self._reference(steps, column, key.table, key.target_of(column))
            return
        thing = self.scope.thing(stem(column)) if _names_an_id(column) else None
        if thing and thing.resource and thing.table != table_name and not _is_key(table, column):
            yield self._reference(steps, column, thing.table, thing.key[0])

    def _reference(self, steps: Steps, column: str, table: str, target: str) -> Reference:
        field = self.scope.shapes.at(self.body, steps)
        known = self.scope.table(table)
        return Reference(
            pointer="/".join(steps),
            column=column,
            table=table,
            target_column=target,
            resource=self.scope.resource_of(table),
            required=field.required,
            form=wire_form(
                self.scope.shapes.document,
                field.schema,
                known.columns.get(target) if known else None,
            ),
        )


def holds_a_reference(pointer: str, references: Iterable[Reference]) -> bool:
    """Whether a place of the body that `fill` states has one of the references inside it."""
    start = tuple(pointer.strip("/").split("/"))
    for reference in references:
        steps = tuple(reference.pointer.split("/"))
        if len(start) < len(steps) and steps[: len(start)] == start:
            return True
    return False


def _names_an_id(column: str) -> bool:
    """`customer_id` names a row even where no foreign key says so; `id` is the row's own."""
    return snake(column).endswith("_id")


def _is_key(table: Table | None, column: str) -> bool:
    return table is not None and table.primary_key == (column,)


def _states(value: Any, steps: Steps) -> bool:
    """Whether a literal has what the steps lead to, in some element of a list at least."""
    if not steps:
        return True
    if isinstance(value, list) and steps[0] == ELEMENT:
        return any(_states(element, steps[1:]) for element in value)
    return isinstance(value, Mapping) and steps[0] in value and _states(value[steps[0]], steps[1:])


def _body_steps(text: str | None) -> Steps | None:
    """The steps that a `for_each` takes into the request body; None when it goes elsewhere."""
    read = read_value(text)
    if isinstance(read, Expression) and read.source == "request.body":
        return read.steps
    return None
