"""Rows that only the API can make: a request's parents, each made by its own operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..mapping.infer.observed import RowSeen, Seen
from ..mapping.members import collection_made, key_told
from ..mapping.resolved import Write
from ..spec.model import Operation


@dataclass(frozen=True, slots=True)
class Member:
    """What one request of an operation made: how it was addressed, what it answered, the rows it added."""

    operation: Operation
    path: Mapping[str, Any]
    answer: Any = None
    rows: tuple[RowSeen, ...] = ()

    @property
    def label(self) -> str:
        return self.operation.label

    def key(self, parameter: str) -> Any:
        """What another path says for this thing; None where that is not known."""
        return key_told(self.operation, self.path, self.answer, parameter)

    def row(self, table: str, column: str, parameter: str) -> Mapping[str, Any] | None:
        """The row that it added to a table: of several the one whose column holds the key."""
        added = [row.row for row in self.rows if row.table == table and row.kind == "insert"]
        key = str(self.key(parameter))
        return next((row for row in added if str(row.get(column)) == key), next(iter(added), None))


@dataclass(frozen=True)
class Makers:
    """By collection and by table: the operations that were seen to add to it."""

    by_collection: Mapping[str, Seen] = field(default_factory=dict)
    by_table: Mapping[str, Seen] = field(default_factory=dict)

    @classmethod
    def of(cls, operations: Mapping[str, Seen], writes: Mapping[str, Write]) -> Makers:
        """Those of what was seen; the first of each collection, and of each table that is a resource's.

        An operation after which the application answers no more makes nothing for others.
        """
        by_collection: dict[str, Seen] = {}
        by_table: dict[str, Seen] = {}
        for label, seen in operations.items():
            added = {r.table for trial in seen.trials for r in trial.rows if r.kind == "insert"}
            if not added or seen.spoils:
                continue
            write = writes[label]
            if collection := collection_made(write.operation):
                by_collection.setdefault(collection, seen)
            if write.kind == "creates" and write.resource and write.resource.table in added:
                by_table.setdefault(write.resource.table, seen)
        return cls(by_collection, by_table)
