"""The drawing of a race: one lane a request, who waited where, who wrote what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .database import Changes, RowChange

LANE = 30
TIME = 9


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened `at` so many milliseconds; `place` is the request, None for all."""

    at: float
    place: int | None
    what: str


def drawing(at: str, events: Sequence[Event], changes: Changes) -> str:
    """The race as text, one line an event, then the rows that each transaction wrote."""
    lanes = 1 + max((event.place for event in events if event.place is not None), default=0)
    head = "".join(f"{f'request {lane + 1}':<{LANE}}" for lane in range(lanes))
    lines = [f"race at {at}", f"{'ms':>{TIME - 2}}  {head}".rstrip()]
    lines += [_line(event, lanes) for event in sorted(events, key=lambda event: event.at)]
    return "\n".join([*lines, *_written(changes)])


def _line(event: Event, lanes: int) -> str:
    moment = f"{event.at:>{TIME - 2}.1f}  "
    if event.place is None:
        return moment + f" {event.what} ".center(LANE * (lanes - 1) + len(event.what) + 2, "-")
    return moment + " " * (LANE * event.place) + event.what


def _written(changes: Changes) -> Iterator[str]:
    steps = changes.steps
    if not steps:
        yield "  wrote  nothing"
        return
    for transaction in dict.fromkeys(step.transaction for step in steps):
        told = "" if transaction is None else f"transaction {transaction}: "
        mine = [step for step in steps if step.transaction == transaction]
        yield f"  wrote  {told}{_listed(mine)}"


def _listed(steps: Iterable[RowChange]) -> str:
    return "; ".join(_short(step) for step in steps)


def _short(step: RowChange) -> str:
    key = ", ".join(f"{column}={value!r}" for column, value in step.key.items())
    if step.kind != "update":
        return f"{step.kind} {step.table}({key})"
    moved = ", ".join(f"{c} {old!r} -> {new!r}" for c, (old, new) in step.changed.items())
    return f"update {step.table}({key}) {moved}"
