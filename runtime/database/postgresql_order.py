"""Putting steps into an order in which each finds its row as the step before left it.

PostgreSQL fires AFTER triggers when the statement is through, row by row. When a trigger of the
application updates a row that the same statement has changed too, but whose own triggers have not
fired yet, the later step is logged first. What a step finds and what it leaves are versions of one
row; each step is an edge from version to version, and the history of a row is a trail over all of
its edges. Only histories that the log does not tell in such an order are told anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from .row import Row, RowChange, are_apart

Version = tuple[str, ...]
Edge = tuple[Version, Version]


def in_order(steps: Sequence[RowChange]) -> list[RowChange]:
    """The steps, those of a row that was logged out of order exchanged among their places."""
    found = list(steps)
    if are_apart(steps):
        return found
    edges = [_edge(place, step) for place, step in enumerate(steps)]
    for places in _histories(steps, edges):
        if _starts(places, edges) > _fewest_starts(places, edges):
            for place, told in zip(places, _trail(places, edges), strict=True):
                found[place] = steps[told]
    return found


def _edge(place: int, step: RowChange) -> Edge:
    """What the step finds and what it leaves: how its row looks, or that the key has no row."""
    whose = (step.transaction or "", step.table)

    def version(key: Mapping[str, object], row: Row | None, side: str) -> Version:
        if row is not None:
            return *whose, repr(list(key.values())), repr(list(row.values()))
        if key:
            return *whose, repr(list(key.values()))
        return *whose, str(place), side, ""  # without a key nobody knows which row is not there

    return version(step.old_key, step.before, "from"), version(step.key, step.after, "to")


def _histories(steps: Sequence[RowChange], edges: Sequence[Edge]) -> list[list[int]]:
    """The places of steps that share versions, within one transaction; single steps left out."""
    leader: dict[Version, Version] = {}

    def top(version: Version) -> Version:
        while leader.setdefault(version, version) != version:
            leader[version] = leader[leader[version]]
            version = leader[version]
        return version

    for before, after in edges:
        leader[top(before)] = top(after)
    groups: dict[Version, list[int]] = defaultdict(list)
    for place in range(len(steps)):
        groups[top(edges[place][0])].append(place)
    return [places for places in groups.values() if len(places) > 1]


def _starts(places: Sequence[int], edges: Sequence[Edge]) -> int:
    """How many steps find a version that no step before them has left, told in this order."""
    left: dict[Version, int] = defaultdict(int)
    starts = 0
    for place in places:
        before, after = edges[place]
        if left[before]:
            left[before] -= 1
        else:
            starts += 1
        left[after] += 1
    return starts


def _surplus(places: Sequence[int], edges: Sequence[Edge]) -> dict[Version, int]:
    """Per version: how many more steps find it than leave it."""
    found: dict[Version, int] = defaultdict(int)
    for place in places:
        found[edges[place][0]] += 1
        found[edges[place][1]] -= 1
    return found


def _fewest_starts(places: Sequence[int], edges: Sequence[Edge]) -> int:
    return sum(n for n in _surplus(places, edges).values() if n > 0) or 1


def _trail(places: Sequence[int], edges: Sequence[Edge]) -> list[int]:
    """The places in an order that is a trail (Hierholzer's algorithm).

    Several rows that were alike at some time have one history with several starts: edges of no step
    lead from each end to a start, which makes it a circuit, and are left out again.
    """
    surplus = _surplus(places, edges)
    starts = [version for version, n in surplus.items() for _ in range(n)]
    ends = [version for version, n in surplus.items() for _ in range(-n)]
    leaving: dict[Version, list[tuple[int | None, Version]]] = defaultdict(list)
    for place in reversed(places):
        leaving[edges[place][0]].append((place, edges[place][1]))
    for end, start in zip(ends, [*starts[1:], *starts[:1]], strict=True):
        leaving[end].append((None, start))
    path: list[tuple[int | None, Version]] = [(None, starts[0] if starts else edges[places[0]][0])]
    told: list[int | None] = []
    while path:
        taken, version = path[-1]
        if leaving[version]:
            path.append(leaving[version].pop())
            continue
        path.pop()
        told.append(taken)
    told.pop()  # the way into the first version
    told.reverse()
    if starts:  # a circuit may be told from any of its places: from behind an edge of no step
        first = told.index(None) + 1
        told = told[first:] + told[:first]
    return [place for place in told if place is not None]
