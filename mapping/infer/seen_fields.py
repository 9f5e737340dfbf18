"""Which column keeps which field, by the values that went in and came out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..names import snake, squashed, words
from ..resource import Transform
from ..schema import Table
from .columns import HASHES, SECRETS
from .guess import Guess
from .likeness import likeness
from .seen_rows import Sample
from .seen_values import is_hash, relation, telling

SURE = 0.9
"""Evidence that a match by value needs where no name speaks for it."""
_NONE = "never stored there"


@dataclass(frozen=True, slots=True)
class Pair:
    """A field and a column whose values agreed in all samples; `weight` says how much that tells."""

    column: str
    transform: Transform | None
    weight: float


@dataclass
class FieldStudy:
    """The fields of one table's resource, over all its operations' samples."""

    table: Table
    name: str
    samples: list[Sample] = field(default_factory=list)

    def learned(self, guessed: Mapping[str, tuple[str, Transform | None]]) -> dict[str, Guess]:
        """`fields:` that must be stated; `guessed` is what the mapping says or names tell by now.

        A field whose guess was seen to be right, and which names alone tell, is left out.
        """
        found: dict[str, Guess] = {}
        taken: set[str] = set()
        open_fields: list[str] = []
        for wire in self._wires():
            told = guessed.get(wire)
            pair = self._pair(wire, told[0]) if told else None
            if told is None:
                open_fields.append(wire)
            elif pair is not None:
                taken.add(pair.column)
                found |= self._stated(wire, pair, told)
            elif self._weight(wire) < 0.5:
                taken.add(told[0])  # nothing was seen that could tell
            else:
                open_fields.append(wire)
        for wire in open_fields:
            found |= self._search(wire, taken, guessed)
        return found

    def confirmed(self, wire: str, column: str) -> bool:
        """Whether the samples agree that this column keeps this field."""
        return self._pair(wire, column) is not None

    def _stated(
        self, wire: str, pair: Pair, told: tuple[str, Transform | None]
    ) -> dict[str, Guess]:
        plain = self._is_plain(wire, pair.column)
        transform = pair.transform
        if transform is None and told[1] is not None and pair.weight < 0.5:
            transform = told[1]  # what was sent could not show it
        if plain and transform is None:
            return {}
        value: Any = {"column": pair.column, "as": transform} if transform else pair.column
        return {wire: Guess(value, 1.0, "seen")}

    def _is_plain(self, wire: str, column: str) -> bool:
        """Resolving pairs them without being told."""
        name = snake(wire)
        key = self.table.primary_key
        if key == (column,) and name == f"{self.name}_id":
            return True
        return column in (wire, name, f"{name}_id") or squashed(wire) == squashed(column)

    def _search(
        self, wire: str, taken: set[str], guessed: Mapping[str, tuple[str, Transform | None]]
    ) -> dict[str, Guess]:
        """Another column that holds the values; null where the guess holds something else."""
        scored: list[tuple[float, Pair]] = []
        for column in self.table.columns:
            if column in taken:
                continue
            pair = self._pair(wire, column)
            if pair is None:
                continue
            alike = likeness(words(wire), words(column), words(self.name))
            if pair.weight >= SURE or (alike >= 0.35 and pair.weight >= 0.3):
                scored.append((pair.weight + alike, pair))
        scored.sort(key=lambda one: (-one[0], one[1].column))
        if scored and (len(scored) == 1 or scored[0][0] > scored[1][0] + 0.1):
            pair = scored[0][1]
            taken.add(pair.column)
            value: Any = (
                {"column": pair.column, "as": pair.transform} if pair.transform else pair.column
            )
            return {wire: Guess(value, 1.0, "seen")}
        if column := self._document(wire):
            return {wire: Guess({"column": column, "as": "json_member"}, 1.0, "seen")}
        if wire in guessed and self._is_plain(wire, guessed[wire][0]):
            return {wire: Guess(None, 1.0, f"seen: {_NONE}")}
        return {}

    def _pair(self, wire: str, column: str) -> Pair | None:
        """The pair, if each sample that has the field agrees; hashes count as agreement."""
        relations: set[str] = set()
        values: dict[str, float] = {}
        for value, stored in self._values(wire, column):
            found = relation(value, stored)
            if found is None and self._may_hash(wire, column) and is_hash(value, stored):
                found = "hashed"
            if found is None:
                return None
            if found != "same" or telling(value) > 0.5 or value is None:
                relations.add(found)
            values[repr(value)] = telling(value)
        if not values:
            return None
        changed = relations - {"same"}
        if len(changed) > 1 or (
            changed and "same" in relations and not self._folds(wire, column, changed)
        ):
            return None
        told: Any = next(iter(changed), None)
        return Pair(column, told, sum(values.values()))

    def _folds(self, wire: str, column: str, changed: set[str]) -> bool:
        """A value in lower case stays what it is when it is folded; a cent amount of 0 stays 0."""
        if changed & {"cents", "hashed"}:
            return all(
                value is None or value == 0 or relation(value, stored) != "same"
                for value, stored in self._values(wire, column)
            )
        return True

    def _document(self, wire: str) -> str:
        """The column of JSON documents that hold the field under its own name; or ""."""
        last = wire.rpartition("/")[2]
        for column in self.table.columns:
            values: dict[str, float] = {}
            for value, stored in self._values(wire, column):
                document = _document_of(stored)
                if last not in document or relation(value, document[last]) != "same":
                    break
                values[repr(value)] = telling(value)
            else:
                if sum(values.values()) > 0.5:
                    return column
        return ""

    def _may_hash(self, wire: str, column: str) -> bool:
        said = set(words(wire)) | set(words(column))
        return bool(said & (SECRETS | HASHES)) and likeness(words(wire), words(column)) > 0.4

    def _values(self, wire: str, column: str) -> Iterable[tuple[Any, Any]]:
        for sample in self.samples:
            if sample.row.after is None or column not in sample.row.after:
                continue
            stored = sample.row.after[column]
            for body in (sample.sent, sample.claimed):
                value = _value(body, wire)
                if value is not _ABSENT:
                    yield value, stored

    def _weight(self, wire: str) -> float:
        """How much the values of a field could tell."""
        seen = {
            repr(value): telling(value)
            for sample in self.samples
            for body in (sample.sent, sample.claimed)
            if (value := _value(body, wire)) is not _ABSENT and sample.row.after is not None
        }
        return sum(seen.values())

    def _wires(self) -> Sequence[str]:
        found: dict[str, None] = {}
        for sample in self.samples:
            for body in (sample.sent, sample.claimed):
                for wire, value in body.items():
                    found[wire] = None
                    if isinstance(value, Mapping):
                        found |= dict.fromkeys(f"{wire}/{inner}" for inner in value)
        return list(found)


_ABSENT: Any = object()


def _document_of(stored: Any) -> Mapping[str, Any]:
    """The JSON object that a column holds, read or as text; an empty one where it holds none."""
    if isinstance(stored, str) and stored.lstrip().startswith("{"):
        try:
            stored = json.loads(stored)
        except ValueError:
            return {}
    return stored if isinstance(stored, Mapping) else {}


def _value(body: Mapping[str, Any], wire: str) -> Any:
    node: Any = body
    for step in wire.split("/"):
        if not isinstance(node, Mapping) or step not in node:
            return _ABSENT
        node = node[step]
    return node
