"""The rows that a request of the learner needs: arranged as its caller's own, one of each resource."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ..mapping.expression import is_expression, parse
from ..mapping.likely import UUID_LENGTH, likely_format
from ..mapping.resolved import Resolved, ResolvedResource
from ..mapping.schema import Table

if TYPE_CHECKING:
    from .database import Database
    from .learn_members import Member

_PRIMES = (7, 11, 13, 17, 19, 23)
_HIGHEST = 2_000_000_000
_KEYS: Iterator[int] = accumulate(
    repeat(37), initial=1_000_000 + 100 * random.randrange(10_000_000)
)

State = Mapping[str, Mapping[str, Any]]
"""By resource: column values that its arranged rows get beyond the mapping's."""


@dataclass
class Rows:
    """Arranges rows for one request. `facts` are those of the caller whose rows they are.

    With `existing` the rows are not made but found: number `existing` of those that are there.
    """

    database: Database
    resolved: Resolved
    facts: Mapping[str, Any]
    state: State = field(default_factory=dict)
    existing: int | None = None
    named: frozenset[tuple[str, str]] = frozenset()
    """(table, column) that the request names: they hold a value, also where they need not."""
    new_states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By table: texts that the API itself puts into a new row."""
    callers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By table: columns that the API itself fills with the caller's id."""
    made: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    """By collection or table: what its own operation has made for this request."""
    making: set[str] = field(default_factory=set)
    """Those that are being made."""
    _twins: dict[tuple[str, int], Mapping[str, Any]] = field(default_factory=dict)

    def of(self, table: str, resource: str | None = None, number: int = 0) -> Mapping[str, Any]:
        """A row of a table; another one for each `number`."""
        if resource is None:
            found = self.resolved.resource_of(table)
            resource = found.name if found else None
        name = resource or table
        if number:
            if (name, number) not in self._twins:
                self._twins[name, number] = self._make(table, resource, number)
            return self._twins[name, number]
        if name not in self.made:
            self.made[name] = self._make(table, resource, 0)
        return self.made[name]

    def keep(self, table: str, resource: str | None, row: Mapping[str, Any] | None) -> None:
        """Use this row instead of arranging one."""
        found = self.resolved.resource_of(table)
        name = resource or (found.name if found else table)
        if row is None or name in self.made:
            return
        state = self.state.get(name, {})
        self.made[name] = dict(self.database.update(table, row, **state) if state else row)

    def child(self, table: str, column: str, value: Any) -> Mapping[str, Any]:
        """A row that belongs to another by one of its columns."""
        resource = self.resolved.resource_of(table)
        return self._arranged(table, {**self._columns(table, resource), column: value})

    def _make(self, table: str, resource: str | None, number: int) -> Mapping[str, Any]:
        found = self.resolved.resources.get(resource or "")
        if self.existing is not None and (row := self._find(table, found, number)) is not None:
            return row
        name = f"{resource or table}#{number}" if number else resource or table
        own = {**self._columns(table, found), **self.state.get(name, {})}
        return self._arranged(table, own)

    @property
    def twins(self) -> dict[str, Mapping[str, Any]]:
        """The further rows, as `wallet#1`."""
        return {f"{name}#{number}": row for (name, number), row in self._twins.items()}

    def _arranged(self, table: str, columns: dict[str, Any]) -> Mapping[str, Any]:
        states = self.new_states.get(table, {})
        own = {**self._telling(table), **states, **self._key(table), **columns}
        return dict(self.database.arrange(table, **own))

    def _telling(self, table: str) -> dict[str, Any]:
        """Texts that no other row has, and numbers that are not just 0 or 1: an operation may copy
        a text from a row, or reckon with its numbers."""
        known = self.resolved.schema.table(table) if self.resolved.schema else None
        forms = self.database.text_forms(table)
        found: dict[str, Any] = {}
        for number, (name, column) in enumerate(known.columns.items() if known else ()):
            assert known is not None
            wanted = column.needed or (table, name) in self.named
            told = name in forms or likely_format(name) or column.length == UUID_LENGTH
            if not wanted or told or name in known.primary_key or known.foreign_key(name):
                continue
            if column.type == "text" and not any(name in check for check in known.checks):
                text = f"{name}-{next(_KEYS)}"
                fits = column.length is None or column.length >= len(text)
                if fits and self.database.rules.allows(table, name, text):
                    found[name] = text
            elif column.type in ("integer", "number"):
                value = _PRIMES[number % len(_PRIMES)]
                low, high = column.minimum, column.maximum
                fits = (low is None or low <= value) and (high is None or value <= high)
                if fits and self.database.rules.allows(table, name, value):
                    found[name] = value
        return found

    def _key(self, table: str) -> dict[str, Any]:
        """A key that nothing else has, neither in this table nor in another: values tell rows
        apart then."""
        known = self.resolved.schema.table(table) if self.resolved.schema else None
        if known is None or len(known.primary_key) != 1 or known.foreign_key(known.primary_key[0]):
            return {}
        column = known.columns[known.primary_key[0]]
        if (table, column.name) in _uuid_keys(self.resolved):
            made = uuid4()
            return {column.name: made.hex if column.length == len(made.hex) else str(made)}
        fits = column.maximum is None or column.maximum > _HIGHEST
        # Counters of MySQL and MariaDB never go back: later keys would all be high.
        fits = fits and not (self.resolved.schema and self.resolved.schema.dialect == "mysql")
        if column.type == "integer" and not column.generated and fits:
            return {column.name: next(_KEYS)}
        return {}

    def _find(
        self, table: str, resource: ResolvedResource | None, number: int
    ) -> Mapping[str, Any] | None:
        """A row that is there already, the caller's own where that can be told."""
        where = self._owners(table, resource)
        rows = self.database.rows(table, **where) or self.database.rows(table)
        place = (self.existing or 0) + number
        return dict(rows[place % len(rows)]) if rows else None

    def _columns(self, table: str, resource: ResolvedResource | None) -> dict[str, Any]:
        """What the mapping and the caller say of a new row, its parents arranged."""
        known = self.resolved.schema.table(table) if self.resolved.schema else None
        stated = dict(self._arrange(table, resource))
        owners = self._owners(table, resource)
        columns = {**self._parents(known, {*stated, *owners}), **owners}
        for column, value in stated.items():
            columns[column] = self._value(value)
        return columns

    def _owners(self, table: str, resource: ResolvedResource | None) -> dict[str, Any]:
        known = self.resolved.schema.table(table) if self.resolved.schema else None
        if known is None:
            return {}
        wanted: dict[str | None, str] = dict.fromkeys(self.callers.get(table, ()), "id")
        if resource is not None:
            wanted |= {resource.owner: "id", resource.tenant: "tenant"}
        return {
            column: self.facts[fact]
            for column, fact in wanted.items()
            if column is not None and column in known.columns and fact in self.facts
        }

    def _parents(self, table: Table | None, given: set[str]) -> dict[str, Any]:
        """Foreign keys that must be filled, to rows of resources of the same caller."""
        found: dict[str, Any] = {}
        for key in table.foreign_keys if table else ():
            assert table is not None
            open_columns = [one for one in key.columns if one not in given and one not in found]
            nullable = any(table.columns[one].nullable for one in open_columns)
            if not open_columns or nullable or key.table == table.qualified:
                continue
            if self.resolved.resource_of(key.table) is None and key.table not in self.callers:
                continue
            parent = self.of(key.table)
            for column, target in zip(key.columns, key.target_columns, strict=True):
                found.setdefault(column, parent[target])
        return found

    def _arrange(self, table: str, resource: ResolvedResource | None) -> Mapping[str, Any]:
        if resource is not None:
            return resource.arrange
        entry = self.resolved.mapping.tables.get(table)
        return entry.arrange if entry else {}

    def _value(self, value: Any) -> Any:
        if not is_expression(value):
            return value
        expression = parse(value)
        if expression.source == "actor":
            return self.facts.get(expression.name)
        resource = self.resolved.resources[expression.source]
        return self.of(resource.table, resource.name)[expression.name]


def _uuid_keys(resolved: Resolved) -> frozenset[tuple[str, str]]:
    """(table, column) of text keys that a path names in the format `uuid`; no schema tells."""
    found = set()
    for write in resolved.operations.values():
        for parameter in write.operation.parameters:
            schema = resolved.document.follow(parameter.schema)
            if not (isinstance(schema, Mapping) and schema.get("format") == "uuid"):
                continue
            for binding in write.path:
                table = resolved.schema.table(binding.table) if resolved.schema else None
                column = table.columns.get(binding.column) if table else None
                if binding.parameter == parameter.name and column and column.type == "text":
                    found.add((binding.table, binding.column))
    return frozenset(found)
