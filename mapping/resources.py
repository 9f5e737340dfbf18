"""Resources with what the schema adds: key, tenant, unique columns.

The owner is never guessed: a `user_id` may be the owner, or whoever else the row is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .environment import shown
from .model import Resource
from .pointer import join
from .resolved import FieldPair, ResolvedResource
from .schema import Table
from .scope import Scope

TENANT_COLUMNS = ("tenant_id", "tenant")


def resolve_resource(scope: Scope, name: str) -> ResolvedResource:
    """The resource of a name; what the database does not have of it becomes problems."""
    resource = scope.mapping.resources[name]
    table = scope.known_table(join("resources", name, "table"), resource.table)
    _check_columns(scope, name, resource)
    _check_stored_by(scope, name, resource)
    _check_made_by(scope, name, resource)
    facts = {fact for actor in scope.mapping.actors.values() for fact in actor.facts}
    tenant = resource.tenant or _first(table, TENANT_COLUMNS if "tenant" in facts else ())
    return ResolvedResource(
        name=name,
        table=resource.table,
        key=scope.key_of(resource),
        wire_to_column={wire: one.column for wire, one in resource.fields_.items() if one},
        tenant=tenant,
        owner=resource.owner,
        timestamps=resource.timestamps,
        version=resource.version,
        unique=_unique(table, resource.unique, tenant),
        arrange=resource.arrange,
        stored_by=resource.stored_by,
        made_by=resource.made_by,
    )


def with_fields(resource: ResolvedResource, pairs: Iterable[FieldPair]) -> ResolvedResource:
    """The resource with the columns of the fields that its operations send and answer."""
    found = {pair.wire: pair.column for pair in pairs}
    return replace(resource, wire_to_column={**found, **resource.wire_to_column})


def _check_columns(scope: Scope, name: str, resource: Resource) -> None:
    at = ("resources", name)
    named: list[tuple[str, str]] = [
        *((join(*at, "key"), column) for column in resource.key),
        *((join(*at, "unique"), column) for column in resource.unique),
        *((join(*at, "arrange", column), column) for column in resource.arrange),
        *(
            (join(*at, "fields", wire), told.column)
            for wire, told in resource.fields_.items()
            if told
        ),
    ]
    single = {"tenant": resource.tenant, "owner": resource.owner, "version": resource.version}
    named += [(join(*at, key), column) for key, column in single.items() if column]
    stamps = {key: getattr(resource.timestamps, key) for key in ("created", "updated", "deleted")}
    named += [(join(*at, "timestamps", key), column) for key, column in stamps.items() if column]
    for pointer, column in named:
        scope.check_column(pointer, resource.table, column)


def _check_stored_by(scope: Scope, name: str, resource: Resource) -> None:
    if resource.stored_by is None:
        return
    key = scope.key_of(resource)
    for parameter, column in resource.stored_by.columns(key).items():
        if column is None:
            listed = ", ".join(f"`{one}`" for one in key)
            message = f"`{{{parameter}}}` is no key column of `{name}`"
            scope.problems.add(join("resources", name, "stored_by"), message, f"its key: {listed}")


def _check_made_by(scope: Scope, name: str, resource: Resource) -> None:
    if resource.made_by is None:
        return
    operations = scope.mapping.operations
    making = [label for label, entry in operations.items() if entry.creates == name]
    if resource.made_by not in making:
        message = f"`{shown(resource.made_by)}` does not say that it `creates: {name}`"
        hint = f"these do: {', '.join(making)}" if making else f"no operation creates a `{name}`"
        scope.problems.add(join("resources", name, "made_by"), message, hint)


def _unique(table: Table | None, stated: tuple[str, ...], tenant: str | None) -> tuple[str, ...]:
    """Columns of which a payload must hold a value of its own.

    A constraint over tenant, parents and one more column makes that column unique for our purposes;
    one over two columns of its own says nothing of either.
    """
    found = list(stated)
    if table is not None:
        single = table.primary_key[0] if len(table.primary_key) == 1 else None
        if single and not table.columns[single].autoincrement and not table.foreign_key(single):
            found.append(single)
        for columns in table.unique:
            own = [one for one in columns if one != tenant and not table.foreign_key(one)]
            found += own if len(own) == 1 else []
    return tuple(dict.fromkeys(found))


def _first(table: Table | None, names: Iterable[str]) -> str | None:
    return next((name for name in names if table and name in table.columns), None)
