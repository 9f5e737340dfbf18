"""What the tests of a list need: how it is paged, several rows to show, the rows that it must show."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

from ..mapping.expression import is_expression
from ..mapping.listing import Listing, find_listing
from ..mapping.names import plural
from ..mapping.resolve import ResolvedResource
from ..mapping.schema import Table
from .code import behind, call, keywords, literal
from .expressions import fact, source
from .rows import RowFixture, kept_once
from .view import View

SEVERAL = 5
"""Rows that are arranged: enough for three pages, the last one not full."""


@dataclass(frozen=True)
class Lists:
    """The list of what one operation creates."""

    view: View

    @cached_property
    def listing(self) -> Listing | None:
        """None where there is no list, or none that can be tested."""
        found = find_listing(self.view.subject.resolved, self.view.write)
        return found if isinstance(found, Listing) else None

    @property
    def name(self) -> str:
        """The name of the constant that says how it is paged."""
        rows, named = self.view.request.rows, f"{self.view.fields}_LIST"
        return rows.names.of("list", named, f"{named}_PAGES")

    @property
    def constants(self) -> dict[str, str]:
        """That constant, by its name."""
        if self.listing is None:
            return {}
        one = self.listing
        named = (*("rows", "total", "total_header", "size", "page", "offset", "cursor", "next"),)
        said = [f"{key}={literal(getattr(one, key))}" for key in named if getattr(one, key)]
        said += ["link=True"] if one.link else []
        said += [f"least={one.least}"] if one.size and one.least != 1 else []
        said += [f"most={one.most}"] if one.size and one.most is not None else []
        said += [f"first={one.first}"] if one.page and one.first != 1 else []
        key = f"key={literal(dict(one.key))}"
        arguments = [literal(one.operation.path), key, *said]
        return {self.name: call(f"{self.name} = Listing", arguments, depth=0)}

    # ---- rows

    @property
    def arranged(self) -> str:
        """The decorator that puts several rows there."""
        return f"@pytest.mark.usefixtures({literal(self._several)})"

    @property
    def arranged_among_others(self) -> str:
        """The same, with a row that the list must not show: one of another tenant."""
        stranger = self.view.subject.stranger_tenant
        if stranger is None or not self._resource.tenant:
            return self.arranged
        name = self._foreign(self._resource, stranger)
        return f"@pytest.mark.usefixtures({literal(self._several)}, {literal(name)})"

    def _foreign(self, resource: ResolvedResource, stranger: str) -> str:
        """The fixture for a row of another tenant, whose parents are of that tenant as well."""
        rows = self.view.request.rows
        name = rows.name_of(resource.name, f"foreign_{resource.name}")
        if name in self.view.request.local:
            return name
        made = rows.own(name, resource.name, actor=stranger)
        renamed = {}
        for other in self.view.subject.resolved.resources.values():
            usual = rows.name_of(other.name)
            if usual in made.parents and (other.tenant or other.owner):
                renamed[usual] = self._foreign(other, stranger)
        values = []
        for column, value in made.values:
            parent, bracket, rest = value.partition("[")
            values.append((column, renamed.get(parent, parent) + bracket + rest))
        parents = tuple(renamed.get(parent, parent) for parent in made.parents)
        row = RowFixture(name, made.table, tuple(values), parents)
        return kept_once(self.view.request.local, row, stranger)

    @cached_property
    def _several(self) -> str:
        """The name of the fixture for several rows, which the module makes itself."""
        resource = self._resource
        rows, count = self.view.request.rows, self._count
        name = rows.name_of(resource.name, f"several_{plural(resource.name)}")
        columns = self._numbered(resource) | self._columns
        made = rows.several(name, resource.name, count, columns, self._fresh(resource))
        parents = dict.fromkeys((*made.parents, *self._path_rows))
        self.view.request.local[name] = RowFixture(
            name, made.table, made.values, tuple(parents), count=count
        )
        return name

    @property
    def _resource(self) -> ResolvedResource:
        assert self.view.resource is not None
        return self.view.resource

    def _numbered(self, resource: ResolvedResource) -> dict[str, str]:
        """Column -> source text that differs from row to row, where the mapping has one for all."""
        found = {}
        for column in (*resource.key, *resource.unique):
            value = resource.arrange.get(column)
            if isinstance(value, str) and not is_expression(value):
                found[column] = behind(value, "number")
            elif isinstance(value, int) and not isinstance(value, bool):
                found[column] = f"{value} + number"
        return found

    def _fresh(self, resource: ResolvedResource) -> Set[str]:
        """Columns in which no two rows should be alike: unique ones, and references to parents."""
        schema = self.view.subject.resolved.schema
        table = schema.table(resource.table) if schema else None
        own = set(resource.unique) - set(self._columns) - set(self._numbered(resource))
        callers = {c for c, value in resource.arrange.items() if is_expression(value)}
        for key in table.foreign_keys if table else ():
            parent = self.view.subject.resolved.resource_of(key.table)
            plain = parent is None or parent.owner is None
            if plain and key.columns[0] not in (resource.tenant, resource.owner):
                own |= set(key.columns) - set(self._columns) - callers
        return own | self._told_apart(table, own) if table else own

    def _told_apart(self, table: Table, fresh: Set[str]) -> Set[str]:
        """References to owned parents without which several rows would share a key: one student has
        one enrolment for each course."""
        referring = {column for key in table.foreign_keys for column in key.columns}
        shared = (referring - fresh) | set(self._columns)
        whose = {*self._columns, self._resource.tenant, self._resource.owner}
        found: set[str] = set()
        for key in (table.primary_key, *table.unique):
            free = [column for column in key if column in referring and column not in whose]
            if free and set(key) <= shared and not found & set(key):
                parents = [one for one in table.foreign_keys if free[-1] in one.columns]
                found |= {column for one in parents for column in one.columns} - whose
        return found

    @property
    def _path_rows(self) -> list[str]:
        """The fixtures of the rows that the path names."""
        held = self.view.request.path
        return [held[binding.parameter].partition("[")[0] for binding in self.view.write.path]

    @cached_property
    def _columns(self) -> dict[str, str]:
        """Column -> source text: what all rows of the list have in common."""
        request, resource = self.view.request, self._resource
        actors = self.view.subject.resolved.mapping.actors
        facts = actors[request.actor].facts if request.actor else {}
        found = {}
        if resource.tenant and "tenant" in facts:
            found[resource.tenant] = fact(request.actor, "tenant")
        if resource.timestamps.deleted:
            found[resource.timestamps.deleted] = "None"
        for binding in self.view.write.path:
            if binding.through:
                found[binding.through] = request.path[binding.parameter]
        stated = request.entry.list_.where if request.entry.list_ else {}
        for column, value in stated.items():
            found[column] = source(
                value, actor=request.actor, path=request.path, row_of=request.row_of
            )
        return found

    @property
    def stored(self) -> str:
        """The line that reads the rows which the list must show."""
        columns = keywords(self._columns.items())
        return call("rows = database.rows", [literal(self._resource.table), *columns])

    # ---- asking

    def walk(self, pages: int = 0) -> str:
        """The line that asks for all pages, about so many."""
        wanted = [f"pages={pages}"] if pages else []
        return call("listed = paginate", ["api", self.name, "rows", *wanted, *self._asked])

    @property
    def _count(self) -> int:
        """How many rows are arranged: two full pages and one more row, however small pages may be."""
        return max(SEVERAL, 2 * self.few + 1)

    @property
    def few(self) -> int:
        """The rows on the smallest page."""
        return self.listing.least if self.listing else 1

    @property
    def many(self) -> int:
        """The rows on a page that holds what is arranged, as far as a page may."""
        most = self.listing.most if self.listing else None
        return min(self._count, most or self._count)

    def counted(self, name: str, rows: int) -> str:
        """The line that counts the statements behind one page of so many rows."""
        return call(f"{name} = statements.of", [self.name, f"rows={rows}", *self._asked])

    @property
    def _asked(self) -> list[str]:
        request, listing = self.view.request, self.listing
        path = listing.operation.path if listing else ""
        held = [
            f"{literal(name)}: {value}"
            for name, value in request.path.items()
            if f"{{{name}}}" in path
        ]
        resolved = self.view.subject.resolved
        known = listing is not None and resolved.sends_credentials(listing.operation)
        caller = [f"actor={literal(request.actor)}"] if request.actor and known else []
        return [*([f"path={{{', '.join(held)}}}"] if held else []), *caller]
