"""Row fixtures: the rows a request needs, arranged as its caller's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from ..mapping.expression import Expression, is_expression, nameable, parse, read_value
from ..mapping.names import singular
from ..mapping.resolve import Resolved, ResolvedResource
from .code import identifier, literal
from .naming import TAKEN, Names

UUID_DIGITS = 32

MADE_ANEW = ("unique()", "str(uuid4())", "uuid4().hex")
"""Source text of values that differ from call to call."""

LABEL = "LABEL"
"""The constant of a module that holds the label of its operation."""


@dataclass(frozen=True, slots=True)
class RowFixture:
    """A fixture that arranges one row, or `count` of them; `values` are columns and source text."""

    name: str
    table: str
    values: tuple[tuple[str, str], ...] = ()
    parents: tuple[str, ...] = ()
    lines: str = ""
    """The body of a fixture that makes its row by request, "" for one that arranges it."""
    constant: str = ""
    """The module constant that such a body reads."""
    modules: tuple[str, ...] = ()
    """The user's modules that this constant names."""
    count: int = 0

    @property
    def type(self) -> str:
        """The annotation of what it returns."""
        return "list[Row]" if self.count else "Row"

    def renamed(self, name: str, instead: Mapping[str, str]) -> RowFixture:
        """The same fixture under another name, with other rows for some of its parents."""
        values = []
        for column, value in self.values:
            row, bracket, rest = value.partition("[")
            values.append((column, f"{instead.get(row, row)}{bracket}{rest}" if bracket else value))
        parents = tuple(instead.get(parent, parent) for parent in self.parents)
        return replace(self, name=name, values=tuple(values), parents=parents)

    @property
    def uses_actors(self) -> bool:
        return any("actors[" in value for _, value in self.values)


def kept_once(local: dict[str, RowFixture], made: RowFixture, actor: str) -> str:
    """The name of the fixture for a row of another caller: of one that makes the same, else the new.

    Only rows of that caller are looked at: a second row of one's own has to be a second one.
    """
    purposes = ("foreign_", f"{identifier(actor)}s_")
    for name, known in local.items():
        if name.startswith(purposes) and replace(known, name=made.name) == made:
            return name
    local[made.name] = made
    return made.name


class RowsByRequest(Protocol):
    """How fixtures are made whose row a request makes; `actor` sends it."""

    def as_answered(self, rows: Rows, name: str, resource: str, actor: str | None) -> RowFixture:
        """The row as the answer shows it."""
        ...

    def as_stored(
        self,
        rows: Rows,
        name: str,
        resource: ResolvedResource,
        overrides: Mapping[str, Any],
        actor: str | None,
    ) -> RowFixture | None:
        """The row as it is stored; None for an actor who may not make it."""
        ...


@dataclass(frozen=True)
class Rows:
    """The fixtures of a suite, made as they are asked for, and the names that are given."""

    resolved: Resolved
    actor: str | None
    names: Names = field(default_factory=Names)
    own_label: str = ""
    by_request: RowsByRequest | None = None
    _made: dict[str, RowFixture] = field(default_factory=dict)
    _being_made: list[str] = field(default_factory=list)
    """Names of fixtures in the making: a row that needs one of its own kind gets an arranged one."""

    @classmethod
    def of_suite(cls, resolved: Resolved, by_request: RowsByRequest | None = None) -> Rows:
        """Those of a suite: each resource and table has its name, whatever is emitted first."""
        rows = cls(
            resolved,
            next(iter(resolved.mapping.actors), None),
            Names(taken=TAKEN | _own_modules(resolved)),
            by_request=by_request,
        )
        for resource in resolved.resources:
            rows.name_of(resource)
        for table in resolved.schema.tables if resolved.schema else ():
            rows.name_of_table(table)
        return rows

    def of_module(self, label: str) -> Rows:
        """The same fixtures, with names that the module of one operation has for itself."""
        return replace(self, names=self.names.inner(), own_label=label)

    def label(self, label: str) -> str:
        """Source text of the label of an operation: the module's constant for its own."""
        return LABEL if label == self.own_label else literal(label)

    @property
    def fixtures(self) -> tuple[RowFixture, ...]:
        """All that were asked for, parents first."""
        return tuple(self._made.values())

    def keep(self, fixtures: Iterable[RowFixture]) -> None:
        """Take over fixtures that others need."""
        for fixture in fixtures:
            self._made.setdefault(fixture.name, fixture)

    def of_table(self, table: str) -> str:
        """The fixture that arranges a row of a table, by name."""
        resource = self.resolved.resource_of(table)
        if resource is not None:
            return self.of_resource(resource.name)
        return self._shared(self.name_of_table(table), table, None)

    def of_resource(self, name: str) -> str:
        """The fixture that arranges a row of a resource, by name."""
        resource = self.resolved.resources[name]
        return self._shared(self.name_of(name), resource.table, resource)

    def name_of(self, resource: str, wish: str = "") -> str:
        """The name of the fixture for a row of a resource; of another such row with a `wish`."""
        one = singular(resource)  # `items` is called so since `$item` means something else
        usual = one if nameable(one) == resource else resource
        return self.names.row(("resource", resource), wish or usual)

    def name_of_table(self, table: str) -> str:
        """The name of the fixture for a row of a table."""
        resource = self.resolved.resource_of(table)
        if resource is not None:
            return self.name_of(resource.name)
        return self.names.row(("table", table), singular(table.rpartition(".")[2]))

    def variable(self, purpose: str, table: str) -> str:
        """The name of a variable for rows of a table, or for what becomes of them."""
        return self.names.of((purpose, table), identifier(table), f"{identifier(table)}_{purpose}")

    def constant(self, resource: str) -> str:
        """The name of the constant that says which field of a resource is which column."""
        name, whole = identifier(singular(resource)), identifier(resource)
        return self.names.of(("fields", resource), name.rstrip("_").upper(), whole.upper())

    def _shared(self, name: str, table: str, resource: ResolvedResource | None) -> str:
        if name not in self._made:
            fixture = self._fixture(name, table, resource, {})
            self._made[name] = fixture
        return name

    def own(
        self,
        name: str,
        resource: str,
        overrides: Mapping[str, Any] | None = None,
        *,
        actor: str | None = None,
    ) -> RowFixture:
        """A fixture that one module has for itself: of a resource, with further column values.

        The row is that of `actor`, by default of the one whose rows the suite arranges.
        """
        found = self.resolved.resources[resource]
        return self._fixture(name, found.table, found, overrides or {}, actor)

    def plain(self, table: str) -> RowFixture:
        """What a row of a table that is no resource holds."""
        return self._fixture(self.name_of_table(table), table, None, {})

    def _fixture(
        self,
        name: str,
        table: str,
        resource: ResolvedResource | None,
        overrides: Mapping[str, Any],
        actor: str | None = None,
    ) -> RowFixture:
        if self.resolved.mapping.unwatched and resource is not None:
            assert self.by_request is not None
            return self.by_request.as_answered(self, name, resource.name, actor)
        if resource is not None and resource.made_by and name not in self._being_made:
            assert self.by_request is not None
            self._being_made.append(name)
            made = self.by_request.as_stored(self, name, resource, overrides, actor)
            self._being_made.remove(name)
            if made is not None:
                return made
        owner = actor or self.actor
        arranged = {**self._arrange(table, resource), **overrides}
        values: dict[str, str] = {}
        parents = list(self._parents(table, resource, values, frozenset(arranged)))
        if owner and resource:
            caller = f"actors[{literal(owner)}]"
            facts = self.resolved.mapping.actors[owner].facts
            if resource.tenant and "tenant" in facts:
                values[resource.tenant] = f"{caller}.tenant"
            if resource.owner and "id" in facts:
                values[resource.owner] = f"{caller}.id"
        values |= {
            column: made
            for (held, column), made in self._uuid_keys.items()
            if held == table and column not in values
        }
        values |= {column: self.value(value, parents, owner) for column, value in arranged.items()}
        return RowFixture(name, table, tuple(values.items()), tuple(dict.fromkeys(parents)))

    @cached_property
    def _uuid_keys(self) -> Mapping[tuple[str, str], str]:
        """(table, column) of text that paths name in the format `uuid`, which no schema tells, and
        the source text of a new one: without hyphens where the column has no room for them."""
        resolved = self.resolved
        found = {}
        for write in resolved.operations.values():
            formats = {p.name: _format(resolved, p.schema) for p in write.operation.parameters}
            for binding in write.path:
                table = resolved.schema.table(binding.table) if resolved.schema else None
                column = table.columns.get(binding.column) if table else None
                if column and column.type == "text" and formats[binding.parameter] == "uuid":
                    made = "uuid4().hex" if column.length == UUID_DIGITS else "str(uuid4())"
                    found[binding.table, binding.column] = made
        return found

    def child(
        self,
        name: str,
        table: str,
        *,
        column: str,
        parent: str,
        key: str,
        told: Mapping[str, Any],
    ) -> RowFixture:
        """A fixture for a row that belongs to the row of the fixture `parent` and holds what is told."""
        given = {**told, column: None}
        own = self._fixture(name, table, self.resolved.resource_of(table), given)
        values = {**dict(own.values), column: f"{parent}[{literal(key)}]"}
        return RowFixture(name, table, tuple(values.items()), (*own.parents, parent))

    def several(
        self, name: str, resource: str, count: int, columns: Mapping[str, str], fresh: Set[str]
    ) -> RowFixture:
        """A fixture for several rows of a resource, as different as they may be.

        `columns` have their source text already; `fresh` ones are left to the database's arranging.
        """
        found = self.resolved.resources[resource]
        given = dict.fromkeys((*columns, *fresh))
        own = self._fixture(name, found.table, found, given)
        kept = {column: value for column, value in own.values if column not in given}
        values = tuple({**columns, **kept}.items())
        return RowFixture(name, found.table, values, own.parents, count=count)

    def value(self, value: Any, parents: list[str], owner: str | None = None) -> str:
        """Source text of an `arrange` value: a literal, a fact of the actor, a column of a row."""
        if not is_expression(value):
            return literal(value)
        expression = parse(value)
        if expression.source == "actor":
            caller = f"actors[{literal(owner or self.actor)}]"
            if expression.name in ("id", "role", "tenant"):
                return f"{caller}.{expression.name}"
            return f"{caller}.facts[{literal(expression.name)}]"
        parent = self.of_resource(expression.source)
        parents.append(parent)
        return f"{parent}[{literal(expression.name)}]"

    def _parents(
        self,
        table: str,
        resource: ResolvedResource | None,
        values: dict[str, str],
        given: frozenset[str],
    ) -> Iterator[str]:
        """Rows that this one must point at; a nullable reference is left empty."""
        known = self.resolved.schema.table(table) if self.resolved.schema else None
        owned = {resource.tenant, resource.owner} if resource else set()
        keys = known.foreign_keys if known else ()
        # A key of several columns comes last: its row has the parents that the others speak of.
        for key in sorted(keys, key=lambda one: len(one.columns)):
            if {*key.columns} & (given | owned) or key.table == table:
                continue
            if known is None or any(known.columns[column].nullable for column in key.columns):
                continue
            if self.resolved.resource_of(key.table) is None:
                continue
            parent = self.of_table(key.table)
            for column, target in zip(key.columns, key.target_columns, strict=True):
                values[column] = f"{parent}[{literal(target)}]"
            yield parent

    def _arrange(self, table: str, resource: ResolvedResource | None) -> Mapping[str, Any]:
        if resource is not None:
            return resource.arrange
        entry = self.resolved.mapping.tables.get(table)
        return entry.arrange if entry else {}


def _own_modules(resolved: Resolved) -> frozenset[str]:
    """The first names of the user's modules that constants may name."""
    writes = resolved.operations.values()
    pairs = [pair for write in writes for pair in (*write.fields, *write.claimed)]
    pairs += [p for write in writes for pairs in write.elements.values() for p in pairs]
    return frozenset(p.transform.partition(".")[0] for p in pairs if p.transform)


@dataclass(frozen=True)
class CallersRows(Rows):
    """The fixtures of one module whose operation another actor calls: its rows belong to that one.

    What belongs to both alike is shared with the other modules, all else is the module's own, `local`.
    """

    shared: Rows | None = None
    local: dict[str, RowFixture] = field(default_factory=dict)

    @property
    def fixtures(self) -> tuple[RowFixture, ...]:
        """Those of all modules; the module's own are `local`."""
        return self.shared.fixtures if self.shared else ()

    def _shared(self, name: str, table: str, resource: ResolvedResource | None) -> str:
        if name in self.local:
            return name
        fixture = self._fixture(name, table, resource, {})
        apart = {*fixture.parents} & {*self.local} or self._belongs_apart(table, resource)
        if self.shared and not apart:
            return self.shared._shared(name, table, resource)
        self.local[name] = fixture
        return name

    def _belongs_apart(self, table: str, resource: ResolvedResource | None) -> bool:
        """A row of this caller holds something else than one of the caller of the other modules."""
        read = map(read_value, self._arrange(table, resource).values())
        told = {r.name for r in read if isinstance(r, Expression) and r.source == "actor"}
        told |= {"tenant"} if resource and resource.tenant else set()
        told |= {"id"} if resource and resource.owner else set()
        first = self.shared.actor if self.shared else None
        facts = [self.resolved.mapping.actors[one].facts for one in (self.actor, first) if one]
        return any(facts[0].get(name) != other.get(name) for other in facts[1:] for name in told)


def _format(resolved: Resolved, schema: Any) -> str:
    followed = resolved.document.follow(schema)
    return str(followed.get("format", "")) if isinstance(followed, Mapping) else ""
