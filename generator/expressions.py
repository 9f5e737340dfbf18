"""Expressions of the mapping as the source text that an emitted test computes them with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..mapping.expression import Expression, is_expression, parse, read_value
from ..mapping.wire_form import Form
from .code import literal


def access(root: str, steps: tuple[str, ...]) -> str:
    """`root["a"][0]["b"]` for the steps of a JSON pointer."""
    inside = (f"[{int(step)}]" if step.isdigit() else f"[{literal(step)}]" for step in steps)
    return root + "".join(inside)


def source(
    value: Any,
    *,
    actor: str | None,
    path: Mapping[str, str],
    row_of: Callable[[str], str],
    before: str = "before",
    answer: str = "response",
) -> str:
    """Source text of a value of the mapping.

    `path` maps path parameters to the source text of what they hold, `row_of` a resource to the
    fixture of its row; `before` names the row as it was, `answer` the answer that is spoken of. The
    element of `for_each` is `item`.
    """
    if not is_expression(value):
        return literal(read_value(value))
    return of_expression(
        parse(value), actor=actor, path=path, row_of=row_of, before=before, answer=answer
    )


def of_expression(
    expression: Expression,
    *,
    actor: str | None,
    path: Mapping[str, str],
    row_of: Callable[[str], str],
    before: str = "before",
    answer: str = "response",
    body: str = "body",
) -> str:
    """Source text of one expression, without its sign."""
    match expression.source:
        case "request.body":
            return access(body, expression.steps)
        case "response.body":
            return access(f"{answer}.json()", expression.steps)
        case "response.header":
            return f"{answer}.headers[{literal(expression.name)}]"
        case "request.header":
            return f"{answer}.request.headers[{literal(expression.name)}]"
        case "request.path":
            return path[expression.name]
        case "item":
            return access("item", expression.steps)
        case "actor":
            return fact(actor, expression.name)
        case "row":
            return f"{before}[{literal(expression.name)}]"
        case "constant":
            return repr(expression.constant)
        case _:
            return f"{row_of(expression.source)}[{literal(expression.name)}]"


def in_form(value: str, form: Form) -> str:
    """Source text of a row's value in the form that a request field has."""
    match form:
        case "":
            return value
        case "text":
            return f"str({value})"
        case "integer":
            return f"int({value})"
        case "number":
            return f"float({value})"
        case _:
            return f"in_format({value}, {literal(form)})"


def fact(actor: str | None, name: str) -> str:
    """Source text of a fact of an actor."""
    caller = f"actors[{literal(actor)}]"
    if name in ("id", "role", "tenant"):
        return f"{caller}.{name}"
    return f"{caller}.facts[{literal(name)}]"
