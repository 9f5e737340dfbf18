"""Which of the rows that an operation changed is its own, and what the others are to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..paths import parameters
from ..resolved import Kind, Write
from .observed import RowSeen, Trial
from .seen_values import equal, leaves, relation, telling

KINDS: Mapping[str, Kind] = {"insert": "creates", "update": "updates", "delete": "deletes"}
VERBS = {"insert": "inserts", "update": "updates", "delete": "deletes"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One object of a request, the object of the answer, and the row that keeps them."""

    sent: Mapping[str, Any]
    claimed: Mapping[str, Any]
    row: RowSeen
    trial: Trial


@dataclass(frozen=True, slots=True)
class Own:
    """What an operation does to rows of its own: `samples` of all its trials, `many` for bulk."""

    kind: Kind
    table: str
    samples: tuple[Sample, ...]
    many: bool = False

    def is_own(self, row: RowSeen) -> bool:
        return any(sample.row is row for sample in self.samples)


def own_rows(write: Write, trials: Sequence[Trial], records: frozenset[str]) -> Own | None:
    """The operation's own rows over all trials; None when it wrote none that are like its bodies.

    `records` are tables of audit entries, messages and keys, which are nobody's own.
    """
    chosen = _choose(write, trials, records)
    if chosen is None:
        return None
    kind, table = chosen
    samples: list[Sample] = []
    many = False
    for trial in trials:
        rows = [row for row in trial.rows if row.table == table and KINDS[row.kind] == kind]
        addressed = [row for row in rows if _is_addressed(row, trial, write)]
        if kind != "creates" and addressed:
            rows = addressed[:1]
        sent, claimed = _objects(write, trial)
        bulk = len(rows) > 1 and len(sent) == len(rows)
        many = many or bulk
        if kind == "creates" and not bulk and rows:
            rows = [max(rows, key=lambda r, t=trial: _likeness(r, t, write))]  # type: ignore[misc]
        for number, row in enumerate(rows if bulk else rows[:1]):
            one = sent[number] if number < len(sent) else {}
            told = (
                claimed[number]
                if number < len(claimed)
                else (claimed[0] if claimed and not bulk else {})
            )
            samples.append(Sample(one, told, row, trial))
    listed = write.entry is not None and write.entry.for_each is not None
    return Own(kind, table, tuple(samples), many or (listed and kind == "creates"))


def _choose(
    write: Write, trials: Sequence[Trial], records: frozenset[str]
) -> tuple[Kind, str] | None:
    """The kind and table of the rows that are likest to what the operation is about.

    The first request may have changed nothing: it may have sent what was there.
    """
    scored: list[tuple[float, Kind, str]] = []
    guessed = write.resource.table if write.resource else ""
    for trial, row in ((one, row) for one in trials for row in one.rows):
        if row.table in records:
            continue
        score = _overlap(row, trial) + (1.5 if row.table == guessed else 0.0)
        if _is_addressed(row, trial, write):
            sure = row.table == guessed or _is_named(row, trial, write)
            score += 4.0 if sure else 2.0
        if row.kind == "insert":
            score += 1.0 if write.operation.method == "POST" else 0.3
        if row.kind == "insert" and _is_answered(row, trial):
            score += 3.0
        scored.append((score, KINDS[row.kind], row.table))
    best = max(scored, key=lambda one: one[0], default=None)
    if best is None or best[0] < 1.0:
        return None
    return best[1], best[2]


def _overlap(row: RowSeen, trial: Trial) -> float:
    """How much of what was sent and answered the row holds."""
    told = 0.0
    stored = list(row.row.values())
    for body, weight in ((trial.body, 1.0), (trial.answer, 0.6)):
        # The same value in five fields explains no more of a row than in one.
        for value in {repr(value): value for _, value in _flat(body)}.values():
            if telling(value) > 0.5 and any(relation(value, one) is not None for one in stored):
                told += telling(value) * weight
    return told


def _is_answered(row: RowSeen, trial: Trial) -> bool:
    """The answer has the row's key, under the name of its column: no 1, which many rows have."""
    return any(
        steps[-1] in row.key and telling(value) > 0.5 and equal(value, row.key[steps[-1]])
        for steps, value in leaves(trial.answer)
    )


def _flat(body: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The plain values of a body; of an array those of its first element."""
    if isinstance(body, list):
        yield from _flat(body[0]) if body else ()
        return
    yield from leaves(body)
    if isinstance(body, Mapping) and len(body) <= 2:
        for inner in body.values():
            if isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
                yield from leaves(inner[0])


def _likeness(row: RowSeen, trial: Trial, write: Write) -> tuple[bool, bool, float]:
    """How much of a new row is what the request asked for: its name, its key in the answer, its values."""
    return _is_named(row, trial, write), _is_answered(row, trial), _overlap(row, trial)


def _is_named(row: RowSeen, trial: Trial, write: Write) -> bool:
    """What stands at the path's end is some part of the row's key: no 1, which many rows have."""
    names = parameters(write.operation.path) if write.operation.path.endswith("}") else ()
    value = trial.path.get(names[-1]) if names else None
    return telling(value) > 0.5 and any(equal(value, part) for part in row.key.values())


def _is_addressed(row: RowSeen, trial: Trial, write: Write) -> bool:
    """The path or the query names this very row: by the last part of its key, or at the path's end."""
    last = next(reversed(list(row.key.values())), None)
    if last is None:
        return False
    if _is_named(row, trial, write):
        return True
    named = [*trial.path.values(), *(str(one).rpartition(".")[2] for one in trial.query.values())]
    return any(equal(one, last) or str(one) == str(last) for one in named)


def _objects(write: Write, trial: Trial) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """The objects in request and answer that are the resource, in order."""
    from ..expression import parse

    entry = write.entry
    each = parse(entry.for_each).steps if entry and entry.for_each else None
    if each is None and isinstance(trial.body, list):
        each = ()
    sends = parse(entry.sends).steps if entry and entry.sends and "item" not in entry.sends else ()
    returns: tuple[str, ...] = ()
    if entry and entry.returns and entry.returns.startswith("$response.body"):
        returns = parse(entry.returns).steps
    sent = _at(trial.body, each if each is not None else sends)
    return _as_list(sent), _as_list(_at(trial.answer, returns))


def _at(node: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if isinstance(node, Mapping):
            node = node.get(step)
        elif isinstance(node, list) and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        else:
            return None
    return node


def _as_list(node: Any) -> list[Mapping[str, Any]]:
    if isinstance(node, list):
        return [one for one in node if isinstance(one, Mapping)]
    return [node] if isinstance(node, Mapping) else []
