"""Bodies that differ from the usual one in one field, and rows that are somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..mapping.expression import Expression, read_value
from ..mapping.model import Actor
from .code import identifier, literal
from .rows import RowFixture, kept_once
from .stressed import StressedRequest


def another_value(request: StressedRequest) -> tuple[str, str] | None:
    """(field, source text) of a field of the body with a value that a valid request may have instead."""
    return next(_other_values(request), None)


def _other_values(request: StressedRequest) -> Iterator[tuple[str, str]]:
    """Optional fields first: a body without them has none of their values yet.

    One with lists that may be left out is whole from the start, and a list of it may be empty instead.
    """
    subject = request.subject
    if not subject.has_json_body or request.entry.sends or request.entry.for_each:
        return
    optional = subject.optional_fields
    for name in sorted(free_fields(request), key=lambda name: name not in optional):
        if name in optional and not subject.optional_lists:
            yield name, f"complete({request.rows.label(subject.label)})[{literal(name)}]"
            continue
        followed = subject.resolved.document.follow(subject.body_properties[name])
        kind = followed.get("type") if isinstance(followed, dict) else None
        if kind == "array" and not followed.get("minItems"):
            yield name, "[]"
            continue
        if isinstance(followed, dict) and len(followed.get("enum", ())) > 1:
            yield name, literal(followed["enum"][-1])
        elif kind in ("integer", "number"):
            yield name, f"body[{literal(name)}] + 1"


def free_fields(request: StressedRequest) -> list[str]:
    """Fields of the body that no row and no rule of the mapping fixes."""
    fixed = {reference.pointer.partition("/")[0] for reference in request.write.references}
    fixed |= {pointer.strip("/").partition("/")[0] for pointer in request.entry.fill}
    fixed |= request.addressing_fields
    known = request.subject.idempotency
    fixed |= {known.field or "", *known.natural} if known else set()
    return [name for name in request.subject.body_properties if name not in fixed]


def others_rows(request: StressedRequest, name: str, actor: Actor, home: Actor) -> StressedRequest:
    """The request about rows of another caller, where rows belong to callers at all."""
    resolved = request.subject.resolved
    stand_ins = {}
    for resource in _named(request):
        known = resolved.resources[resource]
        foreign = (known.tenant and actor.tenant != home.tenant) or (
            known.owner and actor.id != home.id
        )
        if foreign:
            fixture = request.rows.name_of(resource, f"{identifier(name)}s_{resource}")
            usual = request.entry.arrange.get(resource, {})
            made = request.rows.own(fixture, resource, usual, actor=name)
            stand_ins[resource] = kept_once(request.local, _orphaned(made), name)
    return replace(request, stand_ins=stand_ins)


def _named(request: StressedRequest) -> list[str]:
    """The resources whose rows a request names."""
    found = [binding.resource for binding in request.write.path]
    found += [one.resource for one in request.write.references if not one.fixed]
    found += [_resource(value) for value in request.entry.fill.values()]
    return list(dict.fromkeys(name for name in found if name))


def _resource(value: Any) -> str | None:
    read = read_value(value)
    return read.resource if isinstance(read, Expression) else None


def _orphaned(row: RowFixture) -> RowFixture:
    """The row without the parents of another caller: it gets its own when it is arranged."""
    mine = tuple(
        (column, value)
        for column, value in row.values
        if not any(value.startswith(f"{parent}[") for parent in row.parents)
    )
    return replace(row, values=mine, parents=())
