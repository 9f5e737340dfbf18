"""How deep an operation is tested: which kinds of tests, and how many cases of each, at which depth.

These two tables are the whole of it. `essential` keeps the tests that catch what hurts most: a success
stores what it claims, what breaks the contract and who may not are refused, a failed write leaves
nothing, a request sent again or twice at once does its work once. `standard` adds most others, `thorough`
is all. The risk of an operation decides on its depth, unless the mapping or `--depth` says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ..mapping.depth import BY_RISK, DEFAULT, DEPTHS, Decider, Depth
from ..mapping.model import MappingFile
from ..mapping.names import did_you_mean
from ..mapping.pointer import join
from ..mapping.problems import Problems
from ..mapping.resolved import Resolved, Write
from .cell import Cell, LeftOut, State
from .concerns import concerns

ESSENTIAL: Depth = "essential"
STANDARD: Depth = "standard"
THOROUGH: Depth = "thorough"

KINDS: Mapping[str, Mapping[str, Depth]] = {
    "success": {
        "succeeds": ESSENTIAL,
        "accepts_own_values": STANDARD,
        "accepts_examples": STANDARD,
        "needs_no_optional_field": STANDARD,
        "accepts_optional_parameters": STANDARD,
        "accepts_edge_values": THOROUGH,
    },
    "validation": {
        "rejects": ESSENTIAL,
        "leaves_no_key": THOROUGH,
    },
    "auth": {
        "refuses_strangers": ESSENTIAL,
        "refuses_others": ESSENTIAL,
        "refuses_role": ESSENTIAL,
        "refuses_foreign_rows": ESSENTIAL,
        "refuses_other_parents": ESSENTIAL,
        "gives_no_say": STANDARD,
    },
    "persistence": {
        "stores": ESSENTIAL,
        "stores_each": ESSENTIAL,
        "updates": ESSENTIAL,
        "leaves_the_rest": ESSENTIAL,
        "deletes": ESSENTIAL,
        "deletes_softly": ESSENTIAL,
        "changes": ESSENTIAL,
        "writes_beside": ESSENTIAL,
        "passes_own_checks": ESSENTIAL,
        "is_gone": STANDARD,
        "reads_back": STANDARD,
        "lists_as_stored": STANDARD,
        "applies_defaults": STANDARD,
        "moves_timestamps": STANDARD,
        "replaces": STANDARD,
        "stores_edges": STANDARD,
        "updates_edges": STANDARD,
        "stores_whole": STANDARD,
        "stores_each_whole": STANDARD,
        "updates_whole": STANDARD,
        "stores_unwatched": ESSENTIAL,
        "updates_unwatched": ESSENTIAL,
        "leaves_the_rest_unwatched": ESSENTIAL,
        "deletes_unwatched": ESSENTIAL,
        "deletes_softly_unwatched": ESSENTIAL,
        "stores_edges_unwatched": STANDARD,
    },
    "rollback": {
        "leaves_nothing": ESSENTIAL,
        "leaves_nothing_of_whatever": ESSENTIAL,
        "leaves_nothing_of_many": STANDARD,
        "refuses_all_of_many": STANDARD,
        "refuses_half_way": STANDARD,
        "one_transaction": STANDARD,
        "survives_a_cut": THOROUGH,
        "writes_once": THOROUGH,
    },
    "idempotency": {
        "replays": ESSENTIAL,
        "replays_at_once": ESSENTIAL,
        "keeps_callers_apart": STANDARD,
        "refuses_another_body": STANDARD,
        "retries_after_failure": STANDARD,
        "retries_after_refusal": STANDARD,
        "puts_twice": STANDARD,
        "deletes_twice": STANDARD,
        "records_a_repeat": THOROUGH,
        "shares_keys": THOROUGH,
        "tells_alike_keys_apart": THOROUGH,
        "survives_odd_keys": THOROUGH,
        "keeps_routes_apart": THOROUGH,
    },
    "concurrency": {
        "twice": ESSENTIAL,
        "scarce": ESSENTIAL,
        "two_updates": STANDARD,
        "stale_version": STANDARD,
        "different_rows": THOROUGH,
        "against_update": THOROUGH,
    },
    "contract": {
        "answers_as_documented": ESSENTIAL,
        "documents_refusal": STANDARD,
        "documents_missing": STANDARD,
        "documents_strangers": THOROUGH,
        "documents_outsiders": THOROUGH,
        "location_leads_there": STANDARD,
        "serves_older_clients": STANDARD,
        "lists_once": STANDARD,
        "lists_at_a_price": THOROUGH,
        "writes_at_a_price": THOROUGH,
    },
    "effects": {
        "tells_once": ESSENTIAL,
        "tells_nobody": ESSENTIAL,
        "worked_off": ESSENTIAL,
        "keeps_still_when_it_fails": STANDARD,
        "keeps_still_when_refused": STANDARD,
        "replays_in_silence": STANDARD,
    },
}
"""Concern -> kind of test (a macro of its template) -> the least depth at which it is emitted. What a
concern of somebody else's plans is emitted at every depth."""


@dataclass(frozen=True, slots=True)
class Cases:
    """How many cases a test runs with that stands for many; thorough means all of them.

    Those that show another thing each are taken first: `apart` tells by what, the most telling first.
    Of several concerns that have such a test the deepest counts.
    """

    concerns: tuple[str, ...]
    essential: int
    standard: int
    apart: tuple[Callable[[Any], Hashable], ...] = ()


def _field(case: Any) -> str:
    """`items/0/title: empty` is about the field `items/0/title`."""
    return str(case).rpartition(": ")[0] or str(case)


def _constraint(violation: Any) -> Hashable:
    """The field of a violation, where it is one that frameworks do not check by themselves."""
    usual = violation.rule in ("required", "type")
    return None if usual else (violation.place, violation.pointer)


CASES: Mapping[str, Cases] = {
    "violations": Cases(("validation",), 8, 20, (lambda case: case.rule, _constraint)),
    "refusals": Cases(("validation", "contract"), 2, 4),
    "edges": Cases(("success", "persistence"), 4, 10, (_field,)),
    "overflows": Cases(("persistence",), 2, 6, (_field,)),
    "without_optional": Cases(("success",), 2, 4),
    "options": Cases(("success",), 2, 4, (lambda case: case.parameter,)),
    "examples": Cases(("success",), 2, 4),
    "unauthenticated_callers": Cases(("auth", "contract"), 2, 4),
    "unauthorized_callers": Cases(("auth", "contract"), 2, 4),
    "privileged_fields": Cases(("auth",), 4, 10),
    "failing_writes": Cases(("rollback", "idempotency"), 3, 10),
    "faults": Cases(("rollback",), 3, 10),
}
"""What tests are parametrised with, by the name of its function in `runtime/requests.py`."""

DRAWN: Mapping[Depth, int] = {ESSENTIAL: 30, STANDARD: 50, THOROUGH: 100}
"""Percent of the examples of a profile that a test of Hypothesis draws."""

Case = TypeVar("Case")


def at_depth(concern: str, kinds: Sequence[str], depth: Depth) -> tuple[str, ...]:
    """Those kinds of tests of a concern that are emitted at a depth."""
    wanted = DEPTHS.index(depth)
    return tuple(kind for kind in kinds if DEPTHS.index(least_depth(concern, kind)) <= wanted)


def least_depth(concern: str, kind: str) -> Depth:
    """The least depth at which a kind of test is emitted."""
    return KINDS.get(concern, {}).get(kind, ESSENTIAL)


def closing_depth(cell: Cell) -> Depth:
    """The least depth at which a cell keeps more of its tests than it does."""
    depths = (least_depth(cell.concern, kind) for kind in cell.left_out.kinds)
    return min(depths, key=DEPTHS.index, default=THOROUGH)


def left_out_at(concern: str, kinds: Sequence[str], depth: Depth, by: Decider) -> LeftOut:
    """What a depth leaves out of the tests of a concern."""
    kept = at_depth(concern, kinds, depth)
    left = tuple(kind for kind in kinds if kind not in kept)
    return LeftOut(left, depth, by) if left else LeftOut()


def decided_by(cell: Cell) -> str:
    """What decided on the depth of a cell: "low risk", "depth: essential" or "--depth essential"."""
    match cell.left_out.by:
        case "risk":
            return f"{cell.risk} risk"
        case "option":
            return f"--depth {cell.left_out.depth}"
    return f"depth: {cell.left_out.depth}"


@dataclass(frozen=True, slots=True)
class Omission:
    """What is left out for one reason: `cells` without any test for it, and kinds of tests of `others`."""

    why: str
    closes: str
    cells: tuple[Cell, ...]
    others: tuple[Cell, ...]

    def __str__(self) -> str:
        kinds = sum(len(cell.left_out.kinds) for cell in self.others)
        parts = [_counted(len(self.cells), "cell")] if self.cells else []
        if kinds:
            more = "other " if self.cells else ""
            where = f"{len(self.others)} {more}cell{'s' * (len(self.others) != 1)}"
            parts.append(f"{_counted(kinds, 'kind')} of tests of {where}")
        return f"{self.why}: {', and '.join(parts)}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def omissions(cells: Iterable[Cell]) -> tuple[Omission, ...]:
    """What the depths of a matrix leave out, each reason once, with the line that leaves nothing out."""
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        if cell.left_out.kinds:
            groups.setdefault((decided_by(cell), _closing_line(cell)), []).append(cell)
    return tuple(
        Omission(
            why,
            closes,
            tuple(cell for cell in group if cell.state is State.LEFT_OUT),
            tuple(cell for cell in group if cell.state is not State.LEFT_OUT),
        )
        for (why, closes), group in groups.items()
    )


def _closing_line(cell: Cell) -> str:
    match cell.left_out.by:
        case "risk":
            return f"depth: {{{cell.risk}: {THOROUGH}}}"
        case "option":
            return f"gen-suite generate --depth {THOROUGH}"
    return f"depth: {THOROUGH}"


def cases_at_depth(
    name: str, cases: Sequence[Case], resolved: Resolved, write: Write
) -> list[Case]:
    """The cases that a test of an operation runs with; all of what CASES does not name."""
    limit = CASES.get(name)
    depth = deepest(resolved, write, limit.concerns) if limit else THOROUGH
    if limit is None or depth == THOROUGH:
        return list(cases)
    return spread(cases, limit.essential if depth == ESSENTIAL else limit.standard, limit.apart)


def deepest(resolved: Resolved, write: Write, concerns: Iterable[str]) -> Depth:
    """The depth of a test that is about several concerns of an operation."""
    depths = (resolved.depth(write, concern)[0] for concern in concerns)
    return max(depths, key=DEPTHS.index, default=THOROUGH)


def check_concerns(mapping: MappingFile) -> None:
    """Raise MappingProblems for a depth of something that is no concern."""
    problems = Problems(mapping.path, mapping.text)
    names = {DEFAULT, *(concern.name for concern in concerns())}
    places = [(join("depth"), mapping.depth, names | set(BY_RISK))]
    for label, entry in mapping.operations.items():
        places.append((join("operations", label, "depth"), entry.depth, names))
    for pointer, depths, known in places:
        for name in depths:
            if name not in known:
                hint = did_you_mean(name, known, most=20)
                problems.add(f"{pointer}{join(name)}", f"no concern is called `{name}`", hint)
    problems.raise_all()


def spread(
    cases: Sequence[Case], most: int, apart: Iterable[Callable[[Case], Hashable]]
) -> list[Case]:
    """At most so many, in their order; first the first case of each kind, by each way to tell them apart."""
    chosen: dict[int, None] = {}
    for tell in apart:
        seen = {tell(cases[number]) for number in chosen}
        for number, case in enumerate(cases):
            if tell(case) not in seen:
                seen.add(tell(case))
                chosen[number] = None
    rest = (number for number in range(len(cases)) if number not in chosen)
    return [cases[number] for number in sorted([*chosen, *rest][:most])]
