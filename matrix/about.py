"""What a report says of an operation beside its cells: tags, and the rows that it is expected to change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..mapping.resolved import Resolved, Write

AS = {"creates": "inserts", "updates": "updates", "deletes": "deletes"}


@dataclass(frozen=True, slots=True)
class ExpectedChange:
    """Rows of one table that an operation inserts, updates or deletes; `detail` says which and how."""

    kind: str
    table: str
    detail: str = ""
    later: bool = False
    """It comes after the answer, by a worker or a job."""


@dataclass(frozen=True, slots=True)
class About:
    """One write operation; no expected change where the mapping does not name it."""

    summary: str = ""
    tags: tuple[str, ...] = ()
    changes: tuple[ExpectedChange, ...] = ()
    pointer: str = ""
    """Where it stands in the document."""


def about_operations(resolved: Resolved) -> Mapping[str, About]:
    """By label."""
    return {
        label: About(
            write.operation.summary,
            write.operation.tags,
            tuple(_changes(write)),
            write.operation.pointer,
        )
        for label, write in resolved.operations.items()
    }


def _changes(write: Write) -> Iterator[ExpectedChange]:
    """Its own row first, then what the mapping lists, then what the database takes along."""
    if write.kind is not None and write.resource is not None:
        deleted = write.resource.timestamps.deleted
        if write.soft:
            yield ExpectedChange("updates", write.resource.table, f"{deleted} is set")
        else:
            repeated = write.entry.for_each if write.entry else None
            yield ExpectedChange(AS[write.kind], write.resource.table, _each(repeated))
    for change in write.changes:
        parts = [_each(change.for_each)]
        parts += [f"{column} {_by(value)}" for column, value in change.set_.items()]
        parts += [f"{change.rows} rows"] if change.rows is not None else []
        detail = ", ".join(part for part in parts if part)
        yield ExpectedChange(change.kind, change.table, detail, change.within is not None)
    for table in write.cascades:
        yield ExpectedChange("deletes", table, "by the database, with its parent")


def _each(array: str | None) -> str:
    return f"for each of {array.rpartition('#/')[2] or array}" if array else ""


def _by(value: object) -> str:
    """How a column changes: `-$item.quantity` is relative to the row before."""
    text = str(value)
    return text if text.startswith(("-", "+")) else f"= {text}"
