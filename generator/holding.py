"""Values of the mapping as a column holds them: a number in a text column is its text, and conversely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..mapping.expression import Expression, is_expression, parse
from ..mapping.model import Change
from ..spec.schema import alternatives, items, properties, type_of
from .expressions import source
from .request import Request

TEXT = ("text", "enum")


def held(
    request: Request, table: str, columns: Mapping[str, Any], answer: str = "response"
) -> list[tuple[str, str]]:
    """(column, source text) of each value that a row of a table is to hold."""
    return [(c, _held(request, table, c, v, answer)) for c, v in columns.items()]


def number(request: Request, change: Change | None, read: Expression, text: str) -> str:
    """Source text of an amount to count with: one that travels as text is made a number.

    `change` is the change whose `for_each` has the elements that the expression speaks of.
    """
    kinds = _kinds_sent(request, change, read)
    if "string" not in kinds:
        return text
    return f"Decimal({text})" if kinds == {"string"} else f"Decimal(str({text}))"


def _kinds_sent(request: Request, change: Change | None, read: Expression) -> set[str]:
    """The JSON types in which a value of the request or the answer may travel."""
    subject = request.subject
    schema: Any = None
    steps = read.steps
    if read.source == "item" and change is not None and change.for_each:
        read = parse(change.for_each)
        steps = (*read.steps, "*", *steps)
    if read.source == "request.body" and subject.body is not None:
        schema = subject.body.schema
    elif read.source == "response.body":
        responses = subject.operation.responses
        content = (m for s in subject.operation.success for m in responses[s].content.values())
        schema = next((media.schema for media in content if media.is_json), None)
    document = subject.resolved.document
    for step in steps:
        is_element = step == "*" or step.isdigit()
        inside = items(document, schema) if is_element else None
        schema = inside or properties(document, schema).get(step)
    one = type_of(document, schema)
    branches = () if one else alternatives(document, schema)
    return {one} if one else {type_of(document, branch) for branch in branches}


def _held(request: Request, table: str, column: str, value: Any, answer: str) -> str:
    found = source(
        value, actor=request.actor, path=request.path, row_of=request.row_of, answer=answer
    )
    if not is_expression(value) or _kind(request, table, column) not in TEXT:
        return found
    kinds = {_kind(request, *place) for place in _comes_from(request, parse(value))} - {""}
    return f"str({found})" if kinds and not kinds & {*TEXT} else found


def _kind(request: Request, table: str, column: str) -> str:
    """The type of a column, "" when no schema tells."""
    schema = request.subject.resolved.schema
    known = schema.table(table) if schema else None
    return known.columns[column].type if known and column in known.columns else ""


def _comes_from(request: Request, read: Expression) -> Iterator[tuple[str, str]]:
    """(table, column) in which the value that an expression names is stored."""
    write, resolved = request.write, request.subject.resolved
    match read.source:
        case "response.body" | "request.body":
            wire = "/".join(read.steps[-1:])
            pairs = write.claimed if read.source == "response.body" else write.fields
            table = write.resource.table if write.resource else ""
            yield from ((table, pair.column) for pair in pairs if pair.wire == wire)
        case "request.path":
            yield from ((b.table, b.column) for b in write.path if b.parameter == read.name)
        case name if name in resolved.resources:
            yield resolved.resources[name].table, read.name
