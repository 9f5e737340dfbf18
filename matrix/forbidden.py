"""Privileged fields: columns that answers show or that say whose a row is, but no caller may set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..mapping.names import words
from ..mapping.resolve import Resolved, Write
from ..mapping.schema import Column

KINDS = ("text", "enum", "integer", "number", "boolean", "uuid")
ODD_NUMBER = 987_654
ODD_UUID = "98765400-0000-4000-8000-000000000000"
COMPUTED = "computed"


def forbidden_fields(write: Write, resolved: Resolved) -> Iterator[tuple[str, str, Any]]:
    """(field, column, value) of each such field; `value` is one that the API itself never stores."""
    resource, entry = write.resource, write.entry
    table = resolved.schema.table(resource.table) if resource and resolved.schema else None
    if resource is None or entry is None or table is None:
        return
    if entry.for_each or write.kind == "deletes":
        return
    computed = {pair.wire for pair in write.fields if pair.transform == COMPUTED}
    sent = {pair.wire for pair in write.fields} - computed
    told = {pair.column for pair in write.fields if pair.wire in sent}
    known = {
        **resource.arrange,
        **entry.arrange.get(resource.name, {}),
        **entry.values,
        **entry.set_,
    }
    for column, value in _whose(write, resolved):
        if column not in told:
            yield _wire(column, resource.wire_to_column), column, value
    shown = {pair.wire: pair for pair in (*write.fields, *write.claimed)}
    for pair in shown.values():
        held = table.columns.get(pair.column)
        changed = pair.transform not in (None, COMPUTED)
        if pair.wire in sent or pair.column in told or changed or held is None:
            continue
        if held.type in KINDS and not table.foreign_key(pair.column):
            yield pair.wire, pair.column, _odd(held, known.get(pair.column))


def allowed(value: Any, schema: Any) -> Any:
    """The value, or one near it that the spec lets a caller send: a refusal would show nothing."""
    if not isinstance(schema, Mapping):
        return value
    enum, highest, longest = (schema.get(name) for name in ("enum", "maximum", "maxLength"))
    if isinstance(enum, list) and enum and value not in enum:
        return enum[-1]
    if isinstance(value, int | float) and isinstance(highest, int | float):
        return min(value, highest)
    if isinstance(value, str) and isinstance(longest, int):
        return value[:longest]
    return value


def _whose(write: Write, resolved: Resolved) -> Iterator[tuple[str, Any]]:
    """Tenant and owner columns with the tenant and id of somebody else."""
    actors, resource = resolved.mapping.actors, write.resource
    if write.actor is None or resource is None:
        return
    home = actors[write.actor]
    for column, fact in ((resource.tenant, "tenant"), (resource.owner, "id")):
        mine = getattr(home, fact)
        other = next((getattr(a, fact) for a in actors.values() if getattr(a, fact) != mine), None)
        if column and mine is not None and other is not None:
            yield column, other


def _odd(column: Column, usual: Any) -> Any:
    if column.type == "boolean":
        return not usual if isinstance(usual, bool) else True
    if column.type in ("integer", "number"):
        return ODD_NUMBER
    if column.type == "uuid":
        return ODD_UUID
    if column.enum:
        return next((value for value in reversed(column.enum) if value != usual), column.enum[0])
    return "forged"[: column.length or 6]


def _wire(column: str, wires: Any) -> str:
    """The name on the wire of a column: known from an answer, else in camel case as its siblings."""
    known = next((wire for wire, held in wires.items() if held == column), None)
    if known:
        return str(known)
    if any("_" in wire for wire in wires):
        return column
    first, *rest = words(column)
    return first + "".join(word.capitalize() for word in rest)
