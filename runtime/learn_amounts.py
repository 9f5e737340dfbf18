"""By how much a column moves: as a row says that the request needs, or always by the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..mapping.infer.observed import Trial
from ..mapping.infer.seen_values import difference, equal
from ..mapping.resolved import Resolved
from ..mapping.schema import Column
from .learn_request import Plan

if TYPE_CHECKING:
    from .database import Database

MOST = 3


def other_amounts(
    plan: Plan, trials: Sequence[Trial], resolved: Resolved, database: Database
) -> Iterator[Plan]:
    """The request with another number in each row that held just the amount by which a column moved.

    If the column moves by that number then, the row says by how much.
    """
    if plan.existing is not None:
        return
    for place in list(dict.fromkeys(_holders(trials)))[:MOST]:
        name, column = place
        resource = resolved.resources.get(name)
        table = resource.table if resource else name
        known = resolved.schema.table(table) if resolved.schema else None
        if known is None or column in known.primary_key or known.foreign_key(column):
            continue
        held = trials[0].arranged.get(name, {}).get(column)
        for value in _others(known.columns[column], held):
            if database.rules.allows(table, column, value):
                yield plan.with_state(name, {column: value})
                break


def _holders(trials: Sequence[Trial]) -> Iterator[tuple[str, str]]:
    """(resource or table, column) of arranged rows that held the amount by which another row's column
    moved, each time."""
    for trial in trials[:1]:
        amounts = [
            abs(moved)
            for row in trial.rows
            if row.kind == "update"
            for before, after in row.changed.values()
            if (moved := difference(before, after))
        ]
        for name, row in trial.arranged.items():
            for column, value in row.items():
                if any(equal(value, amount) for amount in amounts):
                    yield name, column


def _others(column: Column, held: Any) -> Iterator[Any]:
    for step in (3, -3, 1, -1):
        value = (held if isinstance(held, int) else Decimal(str(held))) + step
        low, high = column.minimum, column.maximum
        if value > 0 and (low is None or low <= value) and (high is None or value <= high):
            yield value
