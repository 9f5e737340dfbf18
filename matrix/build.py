"""Resolved mapping -> matrix: every write operation x every concern, before anything runs."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..errors import GenSuiteError, reason_of
from ..mapping.listing import Listing, find_listing
from ..mapping.resolve import Resolved
from .about import About, about_operations
from .answered import Documented, documented_answers
from .bodies import Look, unseen
from .cell import Cell, State
from .concern import Answer, Concern, no_version, refused, unsendable
from .concerns import concerns
from .depth import at_depth, closing_depth, decided_by, left_out_at
from .older import broken_promises, untested
from .subject import Subject
from .unwatched import judged


@dataclass(frozen=True)
class Matrix:
    """The cells, row by row in the order of the spec; and where spec and columns differ."""

    title: str
    cells: tuple[Cell, ...]
    findings: tuple[str, ...] = ()
    """What spec and mapping tell beside the cells, before anything runs."""
    documented: Mapping[str, Documented] = field(default_factory=dict)
    """What the spec says of the answers and bodies of each operation, by label."""
    about: Mapping[str, About] = field(default_factory=dict)
    """Tags and expected changes of each operation, by label."""

    @property
    def operations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cell.operation for cell in self.cells))

    def row(self, operation: str) -> tuple[Cell, ...]:
        return tuple(self._rows.get(operation, ()))

    @cached_property
    def _rows(self) -> Mapping[str, list[Cell]]:
        rows: dict[str, list[Cell]] = {}
        for cell in self.cells:
            rows.setdefault(cell.operation, []).append(cell)
        return rows


def build(resolved: Resolved, *, only: tuple[str, ...] = (), look: Look = unseen) -> Matrix:
    """The matrix of all write operations, or of those labels named by `only`.

    `look` tells what the bodies of an operation are like; without it no test is planned for what
    its columns cannot hold.
    """
    writes = [w for label, w in resolved.operations.items() if not only or label in only]
    subjects = [Subject(write, resolved, look(write, resolved)) for write in writes]
    return Matrix(
        title=resolved.document.title,
        cells=tuple(cell for subject in subjects for cell in _row(subject)),
        findings=tuple(_findings(subjects, resolved)),
        documented=documented_answers(resolved),
        about=about_operations(resolved),
    )


def _findings(subjects: Iterable[Subject], resolved: Resolved) -> Iterator[str]:
    """What columns cannot hold, promises to older clients that the spec broke, lists without a test."""
    for subject in subjects:
        for finding in subject.bodies.findings:
            yield f"{subject.label}: {finding}"
    yield from broken_promises(resolved)
    yield from untested(resolved)
    for subject in subjects:
        listing = find_listing(resolved, subject.write)
        if isinstance(listing, str) and listing:
            yield f"{subject.label}: its list is not tested: {listing}"
        elif isinstance(listing, Listing) and not listing.paged:
            yield (
                f"{subject.label}: {listing.operation.label} names no way to a next page; "
                "whether it ever leaves rows out is tested on one page only"
            )


def _row(subject: Subject) -> Iterator[Cell]:
    for concern in concerns():
        try:
            yield _cell(subject, concern)
        except Exception as error:  # whatever it is: it is about this cell alone
            if concern.brought_by:
                raise _cannot_judge(concern, subject, error) from error
            yield Cell(
                operation=subject.label,
                concern=concern.name,
                state=State.GAP,
                reason=f"its tests cannot be planned: {reason_of(error)}",
                closes="correct the spec or the mapping there",
                risk=subject.write.risk,
            )


def _cannot_judge(concern: Concern, subject: Subject, error: Exception) -> GenSuiteError:
    """Of a concern that another package brings: its tests must not vanish from the suite for that."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return GenSuiteError(
        f"the concern {concern.name!r} of {concern.brought_by} cannot judge {subject.label}: "
        f"{reason_of(error)} ({last.filename}:{last.lineno})",
        hint=f"correct it there, or remove {concern.brought_by}",
    )


def _shows_error(said: str, concern: Concern) -> bool:
    """A server error to a valid request is a fault that the tests of the first concern show; that it
    is not implemented (501) is none."""
    return said.startswith("5") and not said.startswith("501") and concern.order == 1


def _cell(subject: Subject, concern: Concern) -> Cell:
    entry = subject.write.entry
    excluded = entry.not_applicable.get(concern.name) if entry else None
    answer = Answer(not_applicable=excluded) if excluded else concern.judge(subject)
    answer = judged(subject, concern, answer)
    if answer.tests and subject.demands_version and subject.read_back is None:
        answer = no_version(subject)
    if subject.bodies.unsendable and answer.tests:
        answer = unsendable(subject.bodies.unsendable)
    if entry and entry.refused and answer.tests and not _shows_error(entry.refused, concern):
        answer = refused(subject, entry.refused)
    if answer.not_applicable:
        state, reason = State.NOT_APPLICABLE, answer.not_applicable
    elif answer.gap:
        state, reason = State.GAP, answer.gap
    else:
        state, reason = State.PLANNED, ""
    depth, by = subject.resolved.depth(subject.write, concern.name)
    kept = at_depth(concern.name, answer.tests, depth)
    cell = Cell(
        operation=subject.label,
        concern=concern.name,
        state=state,
        reason=reason,
        closes=answer.closes,
        tests=kept,
        risk=subject.write.risk,
        unseen=answer.unseen if kept else "",
        stated=bool(excluded),
        left_out=left_out_at(concern.name, answer.tests, depth, by),
    )
    return cell if kept or not answer.tests else _left_out(cell, subject)


def _left_out(cell: Cell, subject: Subject) -> Cell:
    """The cell that its depth leaves without a test, and the line by which it has some."""
    depth, label = closing_depth(cell), subject.label
    entry = subject.write.entry
    stated = f"{{{cell.concern}: {depth}}}" if entry and cell.concern in entry.depth else depth
    closes = f'operations: "{label}": {{depth: {stated}}}'
    if cell.left_out.by == "option":
        closes = f"gen-suite generate --depth {depth}"
    reason = f"left out: {decided_by(cell)}"
    return replace(cell, state=State.LEFT_OUT, reason=reason, closes=closes)
