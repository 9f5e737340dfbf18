"""What the tests of effects need: the rows that something else acts on, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..mapping.model import Change
from ..matrix.meeting import later, message_tables
from ..matrix.meeting import messages as messages_of
from ..matrix.subject import Subject
from .code import call, keywords, literal
from .expressions import source
from .faults import Faults
from .holding import held
from .stressed import StressedRequest
from .view import View


@dataclass(frozen=True)
class Effects:
    """One operation and the rows by which it tells others of its work."""

    view: View
    faults: Faults

    @property
    def request(self) -> StressedRequest:
        return self.faults.request

    @property
    def _subject(self) -> Subject:
        return self.view.subject

    @property
    def messages(self) -> list[str]:
        """Assertions that each message of the operation is there, once, and says the right thing."""
        messages = messages_of(self._subject)
        tables = [change.table for change in messages]
        return [self._message(change, alone=tables.count(change.table) == 1) for change in messages]

    def _message(self, change: Change, *, alone: bool) -> str:
        rows = f"changes.inserted({literal(change.table)})"
        if change.for_each:
            elements = self._source(change.for_each)
            return f"assert len({rows}) == len({elements})"
        values = keywords(held(self.request, change.table, change.values))
        if alone:
            return call(f"assert {rows}.one", values)
        return call(f"assert {rows}.where", values, tail=".one()")

    def _source(self, value: object) -> str:
        request = self.request
        return source(value, actor=request.actor, path=request.path, row_of=request.row_of)

    # ---- nothing is told

    @property
    def silent(self) -> list[str]:
        """Assertions that nobody was told anything."""
        return [
            f"assert changes.inserted({literal(table)}).none()"
            for table in message_tables(self._subject)
        ]

    @property
    def unsent(self) -> list[str]:
        """Assertions that the operation told nobody of what it did not do."""
        tables = dict.fromkeys(change.table for change in messages_of(self._subject))
        return [f"assert changes.inserted({literal(table)}).none()" for table in tables]

    # ---- what comes later

    @property
    def later(self) -> list[Later]:
        """The changes that a worker makes, and the states that their rows go through."""
        return [self._later(change) for change in later(self._subject)]

    def _later(self, change: Change) -> Later:
        (column, last), *_ = (change.set_ or change.values or {"": None}).items()
        first = self._first(change.table, column)
        where = keywords(held(self.request, change.table, change.where))
        name = self.request.rows.variable("states", change.table)
        seen = call(
            f"{name} = states", ["changes", literal(change.table), literal(column), *where], depth=2
        )
        states = [literal(first), literal(last)] if first is not None else [literal(last)]
        return Later(name, seen, states, float(change.within or 0))

    def _first(self, table: str, column: str) -> Any:
        """The state in which the operation itself leaves the row."""
        write, entry = self.view.write, self.request.entry
        if write.resource is not None and write.resource.table == table:
            return entry.values.get(column)
        made = (c for c in write.changes if c.table == table and c.kind == "inserts")
        return next((c.values[column] for c in made if column in c.values), None)

    @cached_property
    def worker(self) -> bool:
        """The mapping names a process that does this."""
        return self._subject.resolved.mapping.target.worker is not None


@dataclass(frozen=True, slots=True)
class Later:
    """A row that changes after the answer: the variable of its states, the line that reads them."""

    name: str
    seen: str
    states: Sequence[str]
    seconds: float

    @property
    def comes(self) -> str:
        """The assertion that the last state is there in time."""
        arguments = [self.name, self.states[-1], f"within={self.seconds!r}"]
        return call("assert comes_to", arguments, depth=2)

    @property
    def whole(self) -> str:
        """The assertion that the row went through these states, each once."""
        return f"assert {self.name}.seen() == [{', '.join(self.states)}]"
