"""Which fields of requests and answers are which columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .expression import Expression, parse
from .model import Resource
from .names import same_thing, singular, snake, squashed
from .resolved import FieldPair
from .schema import Table
from .scope import Scope, bare
from .shapes import ELEMENT

ENVELOPES = frozenset({"data", "result", "item", "payload", "attributes", "resource"})
"""Names of wrappers that say nothing of what is inside."""

_HOLDS_NESTED = frozenset({"json", "other"})


@dataclass(frozen=True)
class Fields:
    """Finds the columns of fields; a schema that many operations share is looked at once."""

    scope: Scope
    _known: dict[tuple[str, int, str], tuple[Any, tuple[FieldPair, ...]]] = field(
        default_factory=dict
    )
    _letters: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def pairs(self, name: str, schema: Any) -> tuple[FieldPair, ...]:
        """The stored fields of an object schema, for the resource `name`."""
        return self._once(name, schema, "")

    def sent(self, name: str, schema: Any) -> tuple[FieldPair, ...]:
        """Without fields that the spec calls readOnly: they are not sent."""
        return self._once(name, schema, "readOnly")

    def claimed(self, name: str, schema: Any) -> tuple[FieldPair, ...]:
        """Without fields that the spec calls writeOnly: they are not answered."""
        return self._once(name, schema, "writeOnly")

    def _once(self, name: str, schema: Any, without: str) -> tuple[FieldPair, ...]:
        if schema is None:
            return ()
        known = self._known.get((name, id(schema), without))
        if known is None:
            resource = self.scope.mapping.resources[name]
            pairs = self._pairs(name, resource, schema)
            kept = self._without(self.pairs(name, schema), schema, without) if without else pairs
            known = self._known[name, id(schema), without] = (schema, tuple(kept))
        return known[1]

    def of_table(self, table: Table | None, wire: str, schema: Any) -> str | None:
        """The column that a field of this name is stored in, told by the name alone."""
        nested = self.scope.shapes.of(schema).is_nested
        name = snake(wire)
        if table is None:
            return None if nested else name
        for choice in (wire, name, self._by_letters(table).get(squashed(wire), "")):
            if choice in table.columns:
                holds = not nested or table.columns[choice].type in _HOLDS_NESTED
                return choice if holds else None
        return f"{name}_id" if not nested and f"{name}_id" in table.columns else None

    def envelope(self, name: str, schema: Any) -> str | None:
        """The one field that wraps the resource, where the root itself has none of its columns."""
        if schema is None or self.pairs(name, schema):
            return None
        resource = self.scope.mapping.resources[name]
        wrappers = [
            wire
            for wire, inner in self.scope.shapes.of(schema).properties.items()
            if (wire in ENVELOPES or same_thing(wire, name) or same_thing(wire, resource.table))
            and self.pairs(name, inner)
        ]
        return wrappers[0] if len(wrappers) == 1 else None

    def _without(self, pairs: Iterable[FieldPair], schema: Any, flag: str) -> Iterator[FieldPair]:
        shapes = self.scope.shapes
        for pair in pairs:
            found = shapes.at(schema, pair.wire.split("/")).schema
            if not shapes.flag(found, flag):
                yield pair

    def _pairs(self, name: str, resource: Resource, schema: Any) -> Iterator[FieldPair]:
        table = self.scope.table(resource.table)
        own = self._own_keys(name, resource, table)
        for wire, inner in self.scope.shapes.of(schema).properties.items():
            if wire in resource.fields_:
                told = resource.fields_[wire]
                if told is not None:
                    yield FieldPair(wire, told.column, told.as_)
                continue
            column = own.get(snake(wire)) or self.of_table(table, wire, inner)
            if column is not None:
                yield FieldPair(wire, column)
        for wire, told in resource.fields_.items():
            if told and "/" in wire and self.scope.shapes.at(schema, wire.split("/")).schema:
                yield FieldPair(wire, told.column, told.as_)

    def _own_keys(self, name: str, resource: Resource, table: Table | None) -> Mapping[str, str]:
        """`orderId` in an order is its key, unless a column has that very name."""
        key = self.scope.key_of(resource)
        names = {f"{singular(bare(one))}_id" for one in (name, resource.table)}
        taken = table.columns if table else ()
        return {one: key[0] for one in names if one not in taken} if len(key) == 1 else {}

    def _by_letters(self, table: Table) -> Mapping[str, str]:
        """Columns by their letters and digits, where that is not ambiguous."""
        if table.qualified not in self._letters:
            found: dict[str, str] = {}
            for column in table.columns:
                found[squashed(column)] = "" if squashed(column) in found else column
            self._letters[table.qualified] = found
        return self._letters[table.qualified]


def steps_of(text: str | None, each: str | None = None) -> tuple[str, ...]:
    """The steps into a body that `sends`, `returns` or `for_each` names; `*` for each element."""
    before = (*steps_of(each), ELEMENT) if each is not None else ()
    if text is None:
        return before
    expression: Expression = parse(text)
    inside = expression.source == "item"
    return (*before, *expression.steps) if inside else expression.steps
