"""Which tests a module gets: one that sends a request looks at all that the request can show.

A concern plans its tests for itself, as if it were alone (`matrix`). Two that would send the same
request are one test: the one that looks at most stands for the other, and covers its cell too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..matrix.cell import Cell
from ..matrix.subject import Subject

STORING = (
    "stores",
    "stores_each",
    "updates",
    "deletes",
    "deletes_softly",
    "changes",
    "stores_unwatched",
    "updates_unwatched",
    "deletes_unwatched",
    "deletes_softly_unwatched",
)
"""Tests of a success that look at the stored row."""
WATCHED = ("stores", "stores_each", "updates", "deletes", "deletes_softly", "changes")

STANDS_IN: Mapping[str, tuple[str, ...]] = {
    "succeeds": STORING,
    "answers_as_documented": (*STORING, "succeeds"),
    "leaves_the_rest": ("updates",),
    "accepts_edge_values": ("stores_edges", "updates_edges", "stores_edges_unwatched"),
    "documents_refusal": ("rejects",),
    "documents_strangers": ("refuses_strangers",),
    "documents_outsiders": ("refuses_others",),
    "one_transaction": (
        "writes_beside",
        "stores",
        "updates",
        "deletes",
        "deletes_softly",
        "changes",
    ),
    "tells_once": ("writes_beside", *WATCHED),
    "tells_nobody": WATCHED,
    "survives_a_cut": ("leaves_nothing",),
    "writes_once": ("leaves_nothing",),
    "needs_no_optional_field": ("accepts_examples",),
    "lists_as_stored": ("lists_once",),
    "keeps_still_when_refused": ("refuses_half_way",),
    "keeps_still_when_it_fails": ("leaves_nothing",),
    "replays_in_silence": ("replays",),
}
"""Test -> those that send the same request and look at more, the first one planned stands for it."""


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """One macro of a template to render: the concerns whose cells it covers, its own first.

    `stands_for` names the tests of other concerns, or of its own, that it makes superfluous.
    """

    concern: str
    kind: str
    covers: tuple[str, ...]
    stands_for: frozenset[str] = frozenset()


def planned_tests(subject: Subject, cells: Sequence[Cell]) -> tuple[PlannedTest, ...]:
    """The tests of one operation, those of a success first."""
    kinds = {kind: cell.concern for cell in cells for kind in cell.tests}
    instead = {kind: by for kind in kinds if (by := _stand_in(subject, kind, kinds))}
    tests = [
        _planned(kind, concern, kinds, instead)
        for kind, concern in kinds.items()
        if kind not in instead
    ]
    return tuple(sorted(tests, key=lambda test: "succeeds" not in {test.kind, *test.stands_for}))


def _planned(
    kind: str, concern: str, kinds: Mapping[str, str], instead: Mapping[str, str]
) -> PlannedTest:
    stands_for = frozenset(_behind(kind, instead))
    others = (kinds[other] for other in kinds if other in stands_for)
    return PlannedTest(concern, kind, tuple(dict.fromkeys((concern, *others))), stands_for)


def _behind(kind: str, instead: Mapping[str, str]) -> Iterator[str]:
    for other, by in instead.items():
        if by == kind:
            yield other
            yield from _behind(other, instead)


def _stand_in(subject: Subject, kind: str, kinds: Mapping[str, str]) -> str:
    """The planned test that stands for another one, "" for none."""
    many = subject.write.entry is not None and bool(subject.write.entry.for_each)
    if kind == "one_transaction" and many:
        return ""  # a drawn body may have one element
    return next((by for by in STANDS_IN.get(kind, ()) if by in kinds), "")
