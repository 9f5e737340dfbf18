"""Row fixtures whose row is made by the request that creates it.

So it is without a database, and for resources of which the mapping says `made_by:`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..mapping.resolve import ResolvedResource, Write
from ..matrix.subject import Subject
from ..matrix.unwatched import maker, sent_for
from .code import call, keywords, literal
from .expressions import access
from .function import names
from .request import Request
from .rows import RowFixture, Rows
from .view import View


def as_answered(rows: Rows, name: str, resource: str, actor: str | None) -> RowFixture:
    """The fixture of a row as the answer to its creation shows it; `actor` creates it."""
    write = maker(rows.resolved, resource, actor)
    table = rows.resolved.resources[resource].table
    if isinstance(write, str):  # what needs such a row is a gap: nothing asks for this fixture
        return RowFixture(name, table)
    request, view = _sending(rows, write, name)
    prepare = request.prepare(f"example({view.label_text})")
    lines = [prepare, *_columns(write, view.sent), "", request.call(), view.succeeded]
    lines.append(call("return as_row", [view.claimed, view.fields]))
    made = _fixture(rows, request, name, table, lines)
    return replace(made, constant=view.constants[view.fields], modules=tuple(view.own_modules))


def as_stored(
    rows: Rows,
    name: str,
    resource: ResolvedResource,
    overrides: Mapping[str, Any],
    actor: str | None,
) -> RowFixture | None:
    """The fixture of a row as the operation that the mapping names has stored it; `actor` sends it.

    What the row is to hold beside that, `overrides`, is put there afterwards. None for an actor who
    may not make such a row.
    """
    write = rows.resolved.operations[str(resource.made_by)]
    caller = actor or write.actor
    role = rows.resolved.mapping.actors[caller].role if caller else None
    if write.entry and write.entry.allow.role and role not in write.entry.allow.role:
        return None
    request, view = _sending(rows, replace(write, actor=caller), name)
    lines = [request.prepare(f"another({view.label_text})"), ""]
    lines += ["with database.watch() as changes:", f"    {request.call(depth=2)}"]
    lines += ["", view.succeeded]
    stored = f"{view.new_row}.row"
    if overrides:
        parents: list[str] = []
        held = [(column, rows.value(value, parents, caller)) for column, value in overrides.items()]
        lines.append(f"row = {stored}")
        arguments = [literal(resource.table), "row", *keywords(held)]
        lines.append(call("return database.update", arguments))
    else:
        lines.append(f"return {stored}")
    return _fixture(rows, request, name, resource.table, lines)


def _sending(rows: Rows, write: Write, name: str) -> tuple[Request, View]:
    """The request of such an operation, and its view for the row of that name."""
    rows = replace(rows, own_label="")  # other modules share the fixture
    request = Request(Subject(write, rows.resolved), rows)
    return request, View(request.subject, request, name)


def _fixture(rows: Rows, request: Request, name: str, table: str, lines: list[str]) -> RowFixture:
    body = "\n".join(lines).strip("\n")
    used = names(body.replace("return ", "row = "))
    rows.keep(request.local.values())
    parents = tuple(row.name for row in rows.fixtures if row.name in used and row.name != name)
    return RowFixture(name, table, parents=parents, lines=body)


def _columns(write: Write, sent: str) -> list[str]:
    """The lines that send what the columns of such a row are to hold."""
    values = sent_for(write, write.resource.arrange) if write.resource else {}
    assert isinstance(values, dict)
    return [f"{access(sent, tuple(w.split('/')))} = {literal(v)}" for w, v in values.items()]
