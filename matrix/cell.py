"""A cell: one operation x one concern, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far a cell has come: what needs no run, what a run shows, and what a proof says."""

    NOT_APPLICABLE = "not applicable"
    GAP = "gap"
    LEFT_OUT = "left out"
    PLANNED = "planned"
    NOT_RUN = "not run"
    COVERED = "covered"
    NOT_REACHED = "not reached"
    SKIPPED = "skipped"
    FAILED = "failed"
    PASSED = "passed"
    PROVEN = "proven"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The kinds of tests that a cell could have and that its `depth` leaves out; `by` tells what decided
    on that depth: "risk", "mapping" or "option", and "" where nothing is left out."""

    kinds: tuple[str, ...] = ()
    depth: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One operation x one concern.

    `reason` says why it is a gap or not applicable, `closes` what closes the gap (a line of mapping
    where one is enough), `tests` names the tests of the concern's template that will be emitted,
    `unseen` what these cannot show: a gap of its own beside what they do. `left_out` names the tests that
    its depth leaves out; where these are all, its state says so. `outdated` says which of its
    results are older than what they are about. `elsewhere` names the engines on which its tests would
    run, None where it is not the engine that does not allow them.
    """

    operation: str
    concern: str
    state: State
    reason: str = ""
    closes: str = ""
    tests: tuple[str, ...] = ()
    risk: str = "medium"
    unseen: str = ""
    outdated: str = ""
    elsewhere: tuple[str, ...] | None = None
    left_out: LeftOut = LeftOut()
    stated: bool = False
    """The mapping states that it does not apply."""
