"""Bounds, refusals and twin rows of an operation, as the mapping file states them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..names import snake, words
from ..resolved import Write
from ..schema import Column, Schema, Table
from .arranging import PLENTY
from .guess import Guess
from .observed import Limit, Observations, Seen


@dataclass(frozen=True, slots=True)
class Twin:
    """A field that refers to a second row of a resource: it becomes a resource of its own, so
    that the two can be in different states, or belong to different callers."""

    pointer: str
    name: str
    resource: str
    column: str
    number: int


def twins_of(write: Write) -> list[Twin]:
    """The further references of a request body to a table that one refers to already."""
    counted: dict[str, int] = {}
    found = []
    for reference in write.references:
        if reference.resource is None or "/" in reference.pointer or reference.fixed:
            continue
        number = counted.get(reference.resource, 0)
        counted[reference.resource] = number + 1
        if number:
            name = snake(reference.pointer).removesuffix(f"_{reference.target_column}")
            name = name if name != reference.resource else f"other_{name}"
            told = (reference.pointer, name, reference.resource, reference.target_column)
            found.append(Twin(*told, number))
    return found


def bounds(seen: Seen, schema: Schema, twins: list[Twin]) -> dict[str, Any]:
    """`never`, `refuses` and `scarce`: what the operation was seen to refuse."""
    called = {f"{twin.resource}#{twin.number}": twin.name for twin in twins}
    found: dict[str, Any] = {}
    queries = dict.fromkeys(_query(limit, schema) for limit in seen.limits)
    if queries:
        found["never"] = Guess(" UNION ALL ".join(queries), 1.0, "seen: it refuses")
    refuses: dict[str, Guess] = {}
    for limit in seen.limits:
        entry: dict[str, Any] = {"arrange": {limit.resource: dict(limit.full)}}
        refuses[_name_of(limit)] = Guess({**entry, "status": limit.status}, 1.0, "seen")
    for refusal in seen.refusals:
        resource = called.get(refusal.resource, refusal.resource)
        if "#" in resource:
            continue
        told = " ".join(_state(name, one) for name, one in refusal.values.items())
        entry = {"arrange": {resource: _plain(refusal.values)}, "status": refusal.status}
        refuses[f"{_said(resource)} {told}"] = Guess(entry, 1.0, "seen")
    if refuses:
        found["refuses"] = refuses
    if seen.limits:
        first = seen.limits[0]
        scarce = {"arrange": Guess({first.resource: dict(first.room)}, 1.0, "seen")}
        if first.fill:
            scarce["fill"] = Guess(dict(first.fill), 1.0)
        found["scarce"] = scarce
    return found


def room(observations: Observations, table: Table, shown: Mapping[str, float]) -> dict[str, Guess]:
    """Column values that keep rows away from the bounds that operations were seen to keep.

    `shown`: the most that the fields may hold which show a column.
    """
    found: dict[str, Guess] = {}
    for seen in observations.operations.values():
        for limit in seen.limits:
            if limit.table != table.qualified:
                continue
            wide = limit.most or limit.column
            if not table.columns[wide].nullable:
                plenty = _plenty(table.columns[wide], shown.get(wide))
                found[wide] = Guess(plenty, 0.9, "far from what is refused")
            if limit.most:
                found[limit.column] = Guess(0, 0.9, "far from what is refused")
    return found


def _plenty(column: Column, shown: float | None) -> int:
    most = column.maximum if column.maximum is not None else PLENTY
    if column.precision is not None:
        most = min(most, 10 ** (column.precision - (column.scale or 0)) - 1)
    # In the middle of what the spec allows there is room in both directions.
    return int(min(PLENTY, most if shown is None else shown / 2))


def _query(limit: Limit, schema: Schema) -> str:
    key = next(iter(schema.tables[limit.table].primary_key), limit.column)
    beyond = f"> {limit.most}" if limit.most else "< 0"
    return f"SELECT {key} FROM {limit.table} WHERE {limit.column} {beyond}"


def _name_of(limit: Limit) -> str:
    column, most = _said(limit.column), _said(limit.most)
    return f"{column} at {most}" if most else f"no {column} left"


def _state(column: str, value: Any) -> str:
    """`status paid`, and of a moment only that there is one: `deleted`."""
    if isinstance(value, date):
        return _said(column).removesuffix(" at").removesuffix(" on")
    return f"{_said(column)} {_said(str(value).lower())}"


def _said(name: str) -> str:
    return " ".join(words(name)) or name


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as YAML has them: a moment as its text."""
    return {
        name: value if value is None or isinstance(value, bool | int | float | str) else str(value)
        for name, value in values.items()
    }
