"""Row fixtures where there is no database: each row is made by the request that creates it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..mapping.resolve import Write
from ..matrix.subject import Subject
from ..matrix.unwatched import maker, sent_for
from .code import call, literal
from .expressions import access
from .function import names

if TYPE_CHECKING:
    from .rows import RowFixture, Rows


def made_by_request(rows: Rows, name: str, resource: str, actor: str | None) -> RowFixture:
    """The fixture of a row as the answer to its creation shows it; `actor` creates it."""
    from .request import Request
    from .rows import RowFixture
    from .view import View

    write = maker(rows.resolved, resource, actor)
    table = rows.resolved.resources[resource].table
    if isinstance(write, str):  # what needs such a row is a gap: nothing asks for this fixture
        return RowFixture(name, table)
    request = Request(Subject(write, rows.resolved), rows)
    view = View(request.subject, request, name)
    lines = [request.prepare(f"example({literal(view.label)})"), *_columns(write, view.sent)]
    lines += ["", request.call(), view.succeeded]
    lines.append(call("return as_row", [view.claimed, view.fields]))
    body = "\n".join(lines).strip("\n")
    used = names(body.replace("return ", "row = "))
    rows.keep(request.local.values())
    parents = tuple(row.name for row in rows.fixtures if row.name in used)
    return RowFixture(
        name,
        table,
        parents=parents,
        lines=body,
        constant=view.constants[view.fields],
        modules=tuple(view.own_modules),
    )


def _columns(write: Write, sent: str) -> list[str]:
    """The lines that send what the columns of such a row are to hold."""
    values = sent_for(write, write.resource.arrange) if write.resource else {}
    assert isinstance(values, dict)
    return [f"{access(sent, tuple(w.split('/')))} = {literal(v)}" for w, v in values.items()]
