"""Which column of which row a path parameter holds, or a query parameter that picks the row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..spec.model import Operation, Parameter
from .entry import OperationEntry
from .names import singular, snake
from .resolved import Kind, PathBinding
from .schema import Table
from .scope import Scope, Thing, bare, stem

_PARAMETER = re.compile(r"\{([^{}]+)\}")


def parameters(path: str) -> tuple[str, ...]:
    """The names of the parameters of a path template, in order."""
    return tuple(_PARAMETER.findall(path))


def operator(parameter: Parameter) -> str:
    """What stands before the value in a filter such as `eq.7`, told by example or pattern."""
    schema = parameter.schema if isinstance(parameter.schema, Mapping) else {}
    told = [*parameter.examples.values(), schema.get("example"), str(schema.get("pattern", ""))]
    for text in told:
        if isinstance(text, str) and text.lstrip("^").replace("\\", "").startswith("eq."):
            return "eq."
    return ""


@dataclass(frozen=True)
class Paths:
    """Binds the path parameters of one operation."""

    scope: Scope
    operation: Operation
    entry: OperationEntry
    kind: Kind | None
    own: Thing | None
    """What the operation creates, updates or deletes."""

    def bind(self) -> tuple[PathBinding, ...]:
        """Parameters in the path's order; those that nothing explains are left out.

        Behind them those of the query that pick the row, where the path names none.
        """
        found = tuple(self._bindings())
        return (*found, *self._picked(found))

    def new_key(self, bindings: tuple[PathBinding, ...]) -> PathBinding | None:
        """The one at the end of the path of an operation that creates: no row has that key yet."""
        names = parameters(self.operation.path)
        if self.kind != "creates" or self.own is None or not self.operation.path.endswith("}"):
            return None
        last = next((one for one in bindings if one.parameter == names[-1]), None)
        return last if last and last.query is None and last.table == self.own.table else None

    def _picked(self, named: tuple[PathBinding, ...]) -> Iterator[PathBinding]:
        """The query parameters that the mapping names, or that hold the key of the own row."""
        asked = {one.name: one for one in self.operation.parameters if one.location == "query"}
        stated = [name for name in asked if name in self.entry.path]
        for name in stated:
            found = self._stated(self.entry.path[name])
            if found is not None:
                yield self._query(asked[name], *found)
        own = self.own
        if stated or own is None or self.kind == "creates":
            return
        key = {name: column for name in asked if (column := snake(name)) in own.key}
        if any(one.table == own.table for one in named) or set(key.values()) != {*own.key}:
            return
        for name, column in key.items():
            yield self._query(asked[name], own, column)

    def _query(self, parameter: Parameter, thing: Thing, column: str) -> PathBinding:
        bound = PathBinding(parameter.name, thing.resource, thing.table, column)
        return replace(bound, query=operator(parameter))

    def _bindings(self) -> Iterator[PathBinding]:
        names = parameters(self.operation.path)
        addressed = names[-1] if names and self.kind in ("updates", "deletes") else None
        for name in names:
            if name in self.entry.path:
                found = self._stated(self.entry.path[name])
            elif self.own and name == addressed:
                found = self.own, self._own_column(self.own, name)
            else:
                found = self._own_key_part(name) or self._parent(name)
            if found is None:
                continue
            thing, column = found
            itself = name == addressed and self.own is not None and thing.table == self.own.table
            through = None if itself else self._through(name, thing, column)
            yield PathBinding(name, thing.resource, thing.table, column, through)

    def _stated(self, text: str) -> tuple[Thing, str] | None:
        """`resource.column` or `table.column`, as the mapping says it."""
        owner, _, column = text.removeprefix("$").rpartition(".")
        resource = self.scope.mapping.resources.get(owner)
        if resource is not None:
            return Thing(owner, resource.table, self.scope.key_of(resource)), column
        if owner and (self.scope.schema is None or self.scope.table(owner)):
            return Thing(self.scope.resource_of(owner), owner), column
        return None

    def _own_column(self, own: Thing, name: str) -> str:
        """The key of the addressed row, or the column that the parameter is named for."""
        table = self.scope.table(own.table)
        named = self._column(own, table, name)
        if named is not None:
            return named
        bound = {snake(other) for other in parameters(self.operation.path) if other != name}
        left = [column for column in own.key if column not in bound]
        return (left or list(own.key))[-1]

    def _own_key_part(self, name: str) -> tuple[Thing, str] | None:
        """A part of the composite key of the addressed row, which is no reference itself."""
        own = self.own
        if own is None or self.kind == "creates" or snake(name) not in own.key:
            return None
        table = self.scope.table(own.table)
        if len(own.key) < 2 or (table and table.foreign_key(snake(name))):
            return None
        return own, snake(name)

    def _parent(self, name: str) -> tuple[Thing, str] | None:
        """The row that a parameter names by its own name or by the segment before it."""
        thing = self.scope.thing(stem(name)) if stem(name) else None
        if thing is None:
            referred = self._referred(name)
            if referred is not None:
                return referred
            thing = self.scope.thing(self._segment_before(name))
        if thing is None:
            return self._unique(name)
        column = self._column(thing, self.scope.table(thing.table), name)
        return thing, column or thing.key[0]

    def _unique(self, name: str) -> tuple[Thing, str] | None:
        """The only table with a unique column of that name: `{username}` of `/profiles/{username}`."""
        column = snake(name)
        tables = self.scope.schema.tables if self.scope.schema else {}
        named = [
            Thing(self.scope.resource_of(key), key, table.primary_key or ("id",))
            for key, table in tables.items()
            if column != "id" and (column,) in (*table.unique, table.primary_key)
        ]
        return (named[0], column) if len(named) == 1 else None

    def _referred(self, name: str) -> tuple[Thing, str] | None:
        """The target of a foreign key of the operation's own table, named as the parameter."""
        table = self.scope.table(self.own.table) if self.own else None
        for column in (snake(name), f"{snake(name)}_id"):
            key = table.foreign_key(column) if table else None
            if key is not None and snake(name) != "id":
                thing = Thing(self.scope.resource_of(key.table), key.table)
                return thing, key.target_of(column)
        return None

    def _segment_before(self, name: str) -> str:
        segments = self.operation.path.split("/")
        at = next((n for n, one in enumerate(segments) if f"{{{name}}}" in one), 0)
        words = [one for one in segments[:at] if one and not _PARAMETER.search(one)]
        return words[-1] if words else ""

    def _column(self, thing: Thing, table: Table | None, name: str) -> str | None:
        """The column that a parameter is named for: `slug`, or `order_slug` of an order."""
        words = snake(name)
        resource = self.scope.mapping.resources.get(thing.resource or "")
        told = resource.fields_.get(name) if resource else None
        if told is not None:
            return told.column
        own = stem(name) in (thing.resource, singular(bare(thing.table)))
        if table is None:
            # Nobody looked: a name that speaks of no row must be that of a column.
            return None if own or words.endswith("_id") or words == "id" else words
        choices = [words, words.rpartition("_")[2]] if own else [words]
        # `folder_id` of a folder names its parent: in a path the parameter names the folder itself.
        parents = {c for key in table.foreign_keys if key.table == table.name for c in key.columns}
        # An `id` is the key, whatever the key's column is called.
        known = {*table.columns} - {"id"} - (parents if own else set())
        return next((one for one in choices if one in known), None)

    def _through(self, name: str, thing: Thing, column: str) -> str | None:
        """The foreign key by which the operation's own row belongs to the one in the path."""
        table = self.scope.table(self.own.table) if self.own else None
        if table is None:
            return None
        keys = [
            own
            for key in table.foreign_keys
            if key.table == thing.table
            for own, target in zip(key.columns, key.target_columns, strict=True)
            if target == column
        ]
        named = [own for own in keys if own in (snake(name), f"{stem(name)}_id")]
        return next(iter(named or keys), None)
