"""Resolved mapping -> matrix: every write operation x every concern, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..mapping.resolve import Resolved, Write
from .cell import Cell, State
from .concern import Answer, Concern
from .concerns import concerns
from .subject import Subject


@dataclass(frozen=True, slots=True)
class Matrix:
    """The cells, row by row in the order of the spec."""

    title: str
    cells: tuple[Cell, ...]

    @property
    def operations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cell.operation for cell in self.cells))

    def row(self, operation: str) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.operation == operation)


def build(resolved: Resolved, *, only: tuple[str, ...] = ()) -> Matrix:
    """The matrix of all write operations, or of those labels named by `only`."""
    writes = [w for label, w in resolved.operations.items() if not only or label in only]
    cells = tuple(cell for write in writes for cell in _row(write, resolved))
    return Matrix(title=resolved.document.title, cells=cells)


def _row(write: Write, resolved: Resolved) -> Iterator[Cell]:
    subject = Subject(write, resolved)
    for concern in concerns():
        yield _cell(subject, concern)


def _cell(subject: Subject, concern: Concern) -> Cell:
    entry = subject.write.entry
    excluded = entry.not_applicable.get(concern.name) if entry else None
    answer = Answer(not_applicable=excluded) if excluded else concern.judge(subject)
    if answer.not_applicable:
        state, reason = State.NOT_APPLICABLE, answer.not_applicable
    elif answer.gap:
        state, reason = State.GAP, answer.gap
    else:
        state, reason = State.PLANNED, ""
    return Cell(
        operation=subject.label,
        concern=concern.name,
        state=state,
        reason=reason,
        closes=answer.closes,
        tests=answer.tests,
        risk=subject.write.risk,
    )
