"""Bounds that an operation keeps: stock that never falls below nothing, places that never exceed
what there is. Found by putting a row at the bound and asking whether the operation still goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ..mapping.infer.observed import Limit, Refusal, RowSeen, Trial
from ..mapping.schema import Table
from .learn_request import Plan
from .learn_search import Search

State = tuple[str, dict[str, Any]]
"""A resource, and the column values that its row has."""
MOST_BOUNDS = 5
_START = 3
MOST_REFUSALS = 6
_REFUSED = (400, 404, 409, 410, 412, 422, 423)


@dataclass(frozen=True, slots=True)
class _Move:
    """A number of an updated row that went up or down by `step`."""

    resource: str
    table: Table
    column: str
    step: int


def limits(search: Search, plan: Plan, trials: Sequence[Trial]) -> Iterator[Limit]:
    """The bounds of the numbers that the first trial moved."""
    for move in _moves(search, trials[0]):
        if search.is_spent:
            return
        if move.step < 0:
            yield from _lower(search, plan, move)
            continue
        found = list(_upper(search, plan, move))
        yield from found or _turned(search, plan, move)


def _turned(search: Search, plan: Plan, move: _Move) -> Iterator[Limit]:
    """The same request with the number the other way round, where the spec allows that."""
    if not isinstance(plan.body, dict):
        return
    for name, value in plan.body.items():
        if value == move.step and not isinstance(value, bool):
            other = replace(plan, body={**plan.body, name: -value})
            yield from _lower(search, other, replace(move, step=-move.step))


def _moves(search: Search, trial: Trial) -> Iterator[_Move]:
    schema = search.sender.session.suite.resolved.schema
    arranged = trial.arranged
    for row in trial.rows:
        table = schema.table(row.table) if schema else None
        if table is None or row.kind != "update":
            continue
        resource = _whose(search, row, arranged)
        for column, (before, after) in row.changed.items():
            step = _step(before, after)
            if resource and step and not table.foreign_key(column):
                yield _Move(resource, table, column, step)


def _whose(search: Search, row: RowSeen, arranged: Any) -> str | None:
    """The resource of an updated row that was arranged for the request."""
    for name, columns in arranged.items():
        resource = search.sender.session.suite.resolved.resources.get(name)
        if resource is None or resource.table != row.table:
            continue
        if all(columns.get(key) == value for key, value in row.key.items()):
            return str(name)
    return None


def _step(before: Any, after: Any) -> int:
    numbers = all(
        isinstance(one, int | float | Decimal) and not isinstance(one, bool)
        for one in (before, after)
    )
    return int(after - before) if numbers else 0


def _lower(search: Search, plan: Plan, move: _Move) -> Iterator[Limit]:
    """It goes with exactly enough, and is refused with one less."""
    need = -move.step
    room = {move.column: need}
    full = {move.column: need - 1}
    enough = search.attempt(plan.with_state(move.resource, room))
    short = search.attempt(plan.with_state(move.resource, full))
    if _bounds(enough, short):
        assert short is not None
        told = _fields(search, plan, move.step)
        yield Limit(
            move.table.qualified, move.column, "", short.status, move.resource, full, room, told
        )


def _upper(search: Search, plan: Plan, move: _Move) -> Iterator[Limit]:
    """It goes up to another number of the same row, and is refused beyond it."""
    others = [
        name
        for name, column in move.table.columns.items()
        if column.type in ("integer", "number")
        and name not in (move.column, *move.table.primary_key)
        and not move.table.foreign_key(name)
    ]
    for other in others[:MOST_BOUNDS]:
        most = _START + move.step
        room = {move.column: _START, other: most}
        full = {move.column: _START + 1, other: most}
        enough = search.attempt(plan.with_state(move.resource, room))
        short = search.attempt(plan.with_state(move.resource, full))
        if _bounds(enough, short):
            assert short is not None
            told = _fields(search, plan, move.step)
            yield Limit(
                move.table.qualified,
                move.column,
                other,
                short.status,
                move.resource,
                full,
                room,
                told,
            )


def _fields(search: Search, plan: Plan, step: int) -> dict[str, Any]:
    """The fields of the request that say by how much the number moves."""
    body = plan.body if isinstance(plan.body, dict) else {}
    references = {one.pointer for one in search.sender.write.references}
    return {
        name: value
        for name, value in body.items()
        if name not in references
        and isinstance(value, int)
        and not isinstance(value, bool)
        and abs(value) == abs(step)
    }


def refusals(
    search: Search, plan: Plan, known: Sequence[Limit], states: Iterable[State] | None = None
) -> Iterator[Refusal]:
    """States of the rows in which the operation is refused and writes nothing, of those that are
    given or of all; those of the bounds are known already."""
    bounds = {(limit.resource, name) for limit in known for name in (limit.column, limit.most)}
    found = 0
    asked = (*search.usual(plan.state), *search.states()) if states is None else states
    for resource, values in asked:
        if found >= MOST_REFUSALS or search.is_spent:
            return
        if any((resource, name) in bounds or _is_plenty(one) for name, one in values.items()):
            continue
        if any(plan.state.get(resource, {}).get(name) == value for name, value in values.items()):
            continue
        trial = search.attempt(plan.with_state(resource, values))
        if trial is not None and trial.status in _REFUSED and not trial.rows:
            found += 1
            yield Refusal(resource, values, trial.status)


def _is_plenty(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 1


def _bounds(enough: Trial | None, short: Trial | None) -> bool:
    return (
        enough is not None
        and short is not None
        and enough.succeeded
        and 400 <= short.status < 500
        and not short.rows
    )
