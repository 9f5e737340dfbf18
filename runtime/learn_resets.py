"""What a PUT makes of the fields that it leaves out: replaced is the whole row, or what is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..mapping.infer.observed import Trial
from ..mapping.resolved import Write
from ..spec.schema import required
from .learn_request import Plan, Sender

TIMES = 2
"""Rows with different values: one may have held by chance what it was set to."""
_PLAIN = (str, int, float, bool)


def resets(
    sender: Sender, plan: Plan, send: Callable[[Sender, Plan], Trial | None]
) -> dict[str, Any]:
    """Field -> what its column became in each row though the request did not name it."""
    write = sender.write
    names = _optional(sender, plan)
    if not names:
        return {}
    least = {name: value for name, value in plan.body.items() if name not in names}
    trials = [send(sender, replace(plan, body=least, ahead=number)) for number in range(TIMES)]
    rows = [_own_row(trial, write) for trial in trials if trial is not None and trial.succeeded]
    if len(rows) < TIMES or not all(rows):
        return {}
    columns = {pair.wire: pair.column for pair in write.fields}
    found = {}
    for name in names:
        moved = [row[columns[name]] for row in rows if row is not None and columns[name] in row]
        if _is_reset(moved):
            found[name] = moved[0][1]
    return found


def _optional(sender: Sender, plan: Plan) -> list[str]:
    """The fields of the body that a replacement may leave out and that are stored in a column."""
    write, entry, media = sender.write, sender.write.entry, sender.space.media()
    if write.operation.method != "PUT" or write.kind != "updates" or entry is None:
        return []
    if media is None or not isinstance(plan.body, dict) or entry.sends or entry.for_each:
        return []
    needed = set(required(sender.session.suite.resolved.document, media.schema))
    needed |= {reference.pointer for reference in write.references} | {*entry.fill}
    stored = {pair.wire for pair in write.fields}
    return [name for name in plan.body if name in stored - needed]


def _own_row(trial: Trial, write: Write) -> dict[str, tuple[Any, Any]] | None:
    """The columns of the addressed row that changed, with what they held before and after."""
    table = write.resource.table if write.resource else ""
    found = [row for row in trial.rows if row.table == table and row.kind == "update"]
    return found[0].changed if len(found) == 1 else None


def _is_reset(moved: Sequence[tuple[Any, Any]]) -> bool:
    """Two values became one, of a kind that a mapping can say."""
    if len(moved) < TIMES or moved[0][0] == moved[1][0]:
        return False
    after = [one for _, one in moved]
    return after[0] == after[1] and (after[0] is None or isinstance(after[0], _PLAIN))
