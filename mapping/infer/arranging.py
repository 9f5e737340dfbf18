"""Values that make an arranged row one that operations accept: open, enough of everything."""

from __future__ import annotations

from typing import Any

from ..names import words
from ..schema import Column, Table
from .guess import Guess
from .special import Roles, state_columns

PLENTY = 100_000
_ENOUGH = frozenset(
    ["stock", "quantity", "qty", "balance", "capacity", "available", "limit", "inventory", "credit"]
    + ["total", "budget", "copies", "seats", "remaining", "bal"]
)
_NONE_YET = frozenset(
    ["used", "booked", "paid", "refunded", "reserved", "spent", "consumed", "redeemed", "sold"]
    + ["failed", "attempts", "borrowed", "deleted"]
)
_ON = frozenset(["active", "enabled", "available", "valid", "open", "verified", "confirmed"])
_OFF = frozenset(
    ["frozen", "blocked", "locked", "disabled", "archived", "suspended", "closed", "cancelled"]
    + ["deleted", "revoked", "published", "hidden", "expired", "banned", "void"]
)
_FIRST_STATES = (
    "pending", "new", "draft", "open", "created", "queued", "active", "available", "requested",
    "unpaid", "in_stock", "o", "n", "a",
)  # fmt: skip


def arranged(table: Table, roles: Roles) -> dict[str, Guess]:
    """Column values for `arrange:`; only columns whose name tells what keeps an operation from working."""
    found: dict[str, Guess] = {}
    states = dict(state_columns(table))
    for name, column in table.columns.items():
        if column.generated or name in table.primary_key or table.foreign_key(name):
            continue
        guess = _state(column) if name in states else _value(column, set(words(name)))
        if guess is not None:
            found[name] = guess
    return found


def _state(column: Column) -> Guess | None:
    known = {value.lower(): value for value in column.enum}
    for state in _FIRST_STATES:
        if state in known:
            return Guess(known[state], 0.7, "where rows of its kind begin")
    return None


def _value(column: Column, said: set[str]) -> Guess | None:
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
            value = int(min(PLENTY, most))
    if value is None:
        return None
    return Guess(value, 0.62, "its name: so nothing stands in the way")
