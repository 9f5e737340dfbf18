"""Values that make an arranged row one that operations accept: open, enough of everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..names import words
from ..schema import Column, Table
from .abbreviations import these
from .guess import Guess
from .special import state_columns

PLENTY = 100_000_000
_ENOUGH = these(
    """
    stock quantity qty balance capacity available limit inventory credit total budget copies
    seats remaining bal
    """
)
_NONE_YET = these(
    """
    used booked paid refunded reserved spent consumed redeemed sold failed attempts borrowed
    deleted
    """
)
_ON = these("active enabled available valid open verified confirmed")
_OFF = these(
    """
    frozen blocked locked disabled archived suspended closed cancelled deleted revoked published
    hidden expired banned void
    """
)
_FIRST_STATES = (
    "pending", "new", "draft", "open", "created", "queued", "active", "available", "requested",
    "unpaid", "in_stock", "o", "n", "a",
)  # fmt: skip


Limits = Mapping[str, Mapping[str, Any]]
"""By column: the keywords of the schema of the field that shows it."""


def arranged(table: Table, shown: Limits) -> dict[str, Guess]:
    """Column values for `arrange:`: where a name tells what keeps an operation from working, and
    where the spec allows answers less than the column holds."""
    found: dict[str, Guess] = {}
    states = dict(state_columns(table))
    for name, column in table.columns.items():
        if column.generated or name in table.primary_key or table.foreign_key(name):
            continue
        said = shown.get(name, {})
        guess = _state(column) if name in states else _value(column, set(words(name)), said)
        guess = guess or _shown(column, said)
        if guess is not None:
            found[name] = guess
    return found


def _shown(column: Column, said: Mapping[str, Any]) -> Guess | None:
    """A value of those that the spec lists, where the column itself lists none."""
    choices = [value for value in said.get("enum") or () if value is not None]
    if column.nullable or column.enum or column.default:
        return None
    if choices and column.type == "text":
        return Guess(choices[0], 0.7, "the spec shows no others")
    inner = said.get("items")
    if column.type in ("json", "other") and said.get("type") == "array":
        options = inner.get("enum") if isinstance(inner, Mapping) else None
        return Guess(list(options[:1]) if options else [], 0.65, "the spec shows a list")
    return None


def _state(column: Column) -> Guess | None:
    known = {value.lower(): value for value in column.enum}
    for state in _FIRST_STATES:
        if state in known:
            return Guess(known[state], 0.7, "where rows of its kind begin")
    return None


def _value(column: Column, said: set[str], shown: Mapping[str, Any]) -> Guess | None:
    value: Any = None
    if column.type == "boolean":
        value = True if said & _ON else False if said & _OFF else None
    elif column.type in ("integer", "number") and not column.nullable:
        if said & _NONE_YET:
            value = 0
        elif said & _ENOUGH:
            most = column.maximum if column.maximum is not None else PLENTY
            if column.precision is not None:
                most = min(most, 10 ** (column.precision - (column.scale or 0)) - 1)
            told = shown.get("maximum")
            # In the middle of what the spec allows there is room in both directions.
            most = min(most, told / 2) if isinstance(told, int | float) else most
            value = int(min(PLENTY, most))
    if value is None:
        return None
    return Guess(value, 0.62, "its name: so nothing stands in the way")
