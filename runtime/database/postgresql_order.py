"""Putting steps into an order in which each finds its row as the step before left it.

PostgreSQL fires AFTER triggers when the statement is through, row by row. When a trigger of the
application updates a row that the same statement has changed too, but whose own triggers have not
fired yet, the later step is logged first. Within one transaction and one set of rows such steps are
put right by search; steps that already fit keep their order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace

from .row import Row, RowChange

MOST_TRIES = 20_000  # a search that takes longer is given up: the order stays as logged
Key = tuple[str, str]
State = Mapping[Key, "str | None"]


def in_order(steps: Sequence[RowChange]) -> list[RowChange]:
    """The steps, those of rows that were logged out of order exchanged among their places."""
    found = [[step] for step in steps]
    for places in _groups(steps):
        group = [steps[place] for place in places]
        if len(group) > 1 and not _fits(group):
            ordered = _mended(group)
            for place in places:
                found[place] = [ordered.pop(0)]
            found[places[-1]] += ordered
    return [step for several in found for step in several]


def _mended(steps: Sequence[RowChange]) -> list[RowChange]:
    """An order that fits; where none does, rows that swapped their keys come as gone and new."""
    backwards = list(reversed(steps))
    if _fits(backwards):  # UPDATE t SET id = id + 1
        return backwards
    return _searched(steps) or _searched(_split(steps)) or list(steps)


def _split(steps: Sequence[RowChange]) -> list[RowChange]:
    gone = [step for step in steps if step.before is None or step.key == step.old_key]
    come = []
    for step in steps:
        if step not in gone:
            gone.append(replace(step, kind="delete", key=step.old_key, after=None))
            come.append(replace(step, kind="insert", old_key=step.key, before=None))
    return [*gone, *come]


def _groups(steps: Sequence[RowChange]) -> Iterable[list[int]]:
    """Places of the steps of one transaction that share a row, also by way of a changed key."""
    leader: dict[Hashable, Hashable] = {}

    def top(item: Hashable) -> Hashable:
        while leader.setdefault(item, item) != item:
            item = leader[item]
        return item

    for step in steps:
        keys = list(_keys(step))
        for key in keys[1:]:
            leader[top((step.transaction, key))] = top((step.transaction, keys[0]))
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for place, step in enumerate(steps):
        keys = list(_keys(step))
        if keys:
            groups[top((step.transaction, keys[0]))].append(place)
    return groups.values()


def _keys(step: RowChange) -> Iterable[Key]:
    """The rows that a step touches; none for tables without a key, whose rows cannot be told apart."""
    if step.key or step.old_key:
        yield from dict.fromkeys((_key(step, step.old_key), _key(step, step.key)))


def _key(step: RowChange, values: Mapping[str, object]) -> Key:
    return step.table, repr(list(values.values()))


def _image(row: Row | None) -> str | None:
    return None if row is None else repr(list(row.values()))


def _needs(step: RowChange) -> dict[Key, str | None]:
    """How the rows must be before the step; None: not there."""
    if step.before is None:
        return {_key(step, step.key): None}
    return {_key(step, step.key): None, _key(step, step.old_key): _image(step.before)}


def _leaves(step: RowChange) -> dict[Key, str | None]:
    """How the step leaves them."""
    if step.after is None:
        return {_key(step, step.old_key): None}
    return {_key(step, step.old_key): None, _key(step, step.key): _image(step.after)}


def _after(state: State, step: RowChange) -> State | None:
    """The state after a step; None when the step does not fit. A row not heard of yet may be anything."""
    if any(key in state and state[key] != image for key, image in _needs(step).items()):
        return None
    return {**state, **_leaves(step)}


def _fits(steps: Sequence[RowChange]) -> bool:
    state: State | None = {}
    for step in steps:
        if state is None:
            return False
        state = _after(state, step)
    return state is not None


def _searched(steps: Sequence[RowChange]) -> list[RowChange]:
    """An order that fits, as near to the logged one as depth-first search finds it; [] for none."""
    chosen: list[int] = []
    free = [True] * len(steps)
    states: list[State] = [{}]
    untried = [iter(range(len(steps)))]
    for _ in range(MOST_TRIES):
        if len(chosen) == len(steps):
            return [steps[place] for place in chosen]
        place = next(untried[-1], None)
        if place is not None:
            state = _after(states[-1], steps[place]) if free[place] else None
            if state is None:
                continue
            chosen.append(place)
            free[place] = False
            states.append(state)
            untried.append(iter(range(len(steps))))
        elif chosen:
            free[chosen.pop()] = True
            states.pop()
            untried.pop()
        else:
            break
    return []
