"""What all steps of resolving look at, and the names they look up in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .environment import shown
from .model import MappingFile, Resource
from .names import did_you_mean, singular, snake
from .problems import Problems
from .schema import Schema, Table
from .shapes import Shapes


@dataclass(frozen=True)
class Thing:
    """What a word of a path or a field names: a table, and the resource that it keeps, if any."""

    resource: str | None
    table: str
    key: tuple[str, ...] = ("id",)


@dataclass(frozen=True)
class Scope:
    """Mapping, spec and schema side by side; `schema` is None when nobody looked at a database."""

    mapping: MappingFile
    shapes: Shapes
    schema: Schema | None
    problems: Problems
    _things: dict[str, Thing | None] = field(default_factory=dict)

    def table(self, name: str | None) -> Table | None:
        return self.schema.table(name) if self.schema and name else None

    def known_table(self, pointer: str, name: str) -> Table | None:
        """The table of a name; a problem when the database has none of it."""
        found = self.table(name)
        if found is None and self.schema is not None:
            told = [one.table for key, one in self.mapping.resources.items() if key == name]
            hint = did_you_mean(shown(name), self.schema.tables)
            if told:
                hint = f"`{name}` is a resource; its table is `{shown(told[0])}`"
            self.problems.add(pointer, f"the database has no table `{shown(name)}`", hint)
        return found

    def check_column(self, pointer: str, table: str, column: str) -> None:
        """A problem when a table of the database has no such column."""
        known = self.table(table)
        if known is not None and column not in known.columns:
            message = f"the table `{shown(table)}` has no column `{shown(column)}`"
            self.problems.add(pointer, message, did_you_mean(shown(column), known.columns))

    def key_of(self, resource: Resource) -> tuple[str, ...]:
        table = self.table(resource.table)
        return resource.key or (table.primary_key if table else ()) or ("id",)

    def resource_of(self, table: str) -> str | None:
        """The name of the resource that a table keeps, the first one if there are several."""
        return self._by_table.get(table)

    def thing(self, word: str) -> Thing | None:
        """The resource or table that a word means, in any case and number."""
        one = singular(word)
        if one not in self._things:
            self._things[one] = self._find(one)
        return self._things[one]

    def _find(self, one: str) -> Thing | None:
        for names in (self._by_name, self._by_singular_table):
            if one in names:
                resource = self.mapping.resources[names[one]]
                return Thing(names[one], resource.table, self.key_of(resource))
        table = self.table(self._other_tables.get(one))
        return Thing(None, table.qualified, table.primary_key or ("id",)) if table else None

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        return {singular(name): name for name in reversed(self.mapping.resources)}

    @cached_property
    def _by_table(self) -> Mapping[str, str]:
        found = reversed(self.mapping.resources.items())
        return {resource.table: name for name, resource in found}

    @cached_property
    def _by_singular_table(self) -> Mapping[str, str]:
        return {singular(bare(table)): name for table, name in self._by_table.items()}

    @cached_property
    def _other_tables(self) -> Mapping[str, str]:
        names: Collection[str] = self.schema.tables if self.schema else ()
        return {singular(bare(name)): name for name in names}


def bare(table: str) -> str:
    """The name of a table without the schema it lies in."""
    return table.rpartition(".")[2]


def stem(name: str) -> str:
    """What a name is the id, code or slug of: `customerId` is `customer`, `id` is ""."""
    before, _, last = snake(name).rpartition("_")
    return before if last in _ATTRIBUTES else ("" if snake(name) in _ATTRIBUTES else snake(name))


_ATTRIBUTES = frozenset(
    {"id", "uuid", "guid", "key", "code", "slug", "number", "no", "name", "ref"}
)
