"""A team's own checks, `verify` in the mapping, as the lines of an emitted test."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..mapping.expression import Expression, read_value
from ..mapping.model import Verify
from .code import call, keywords, literal, text


def own_check(check: Verify, source: Callable[[object], str]) -> list[str]:
    """The SELECT with its parameters, how many rows it must find, and what these must hold."""
    bound = keywords((name, source(check.bind[name])) for name in check.parameters)
    lines = [call("found = database.select", [text(check.one_line), *bound])]
    lines.append(f"assert len(found) == {literal(check.rows)}")
    if check.values:
        values = keywords((c, source(v)) for c, v in check.values.items())
        lines.append(call("assert found.only", values))
    return lines


def sources(checks: Iterable[Verify]) -> set[str]:
    """What the expressions of these checks speak of: "request.body", "response.body", ..."""
    stated = (v for check in checks for v in (*check.bind.values(), *check.values.values()))
    read = (read_value(value) for value in stated)
    return {one.source for one in read if isinstance(one, Expression)}
