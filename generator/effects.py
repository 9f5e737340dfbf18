"""What the tests of effects need: the rows that something else acts on, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..mapping.expression import is_expression, parse
from ..mapping.model import Change
from ..matrix.meeting import later, message_tables
from ..matrix.meeting import messages as messages_of
from ..matrix.subject import Subject
from .code import call, keywords, literal
from .faults import Faults
from .holding import held
from .related import DONE, is_relative
from .stressed import StressedRequest
from .view import View

DATED = ("date", "datetime", "time")


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
        sent = (one for one in self.view.related if any(one.change is m for m in messages))
        return [line for one in sent for line in replace(one, request=self.request).lines]

    # ---- nothing is told

    @property
    def silent(self) -> list[str]:
        """Assertions that nobody was told anything."""
        return [
            f"assert changes.inserted({literal(table)}).none()"
            for table in message_tables(self._subject.resolved)
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
        changes = later(self._subject)
        tables = [change.table for change in changes]
        return [
            self._later(change, tables[:place].count(change.table))
            for place, change in enumerate(changes)
        ]

    def _later(self, change: Change, twins: int) -> Later:
        """`twins` are the late changes of the same table before this one."""
        stated = {**change.values, **change.set_}
        column = next((c for c, v in stated.items() if self._is_state(change.table, c, v)), None)
        purpose = f"states_{twins + 1}" if twins else "states"
        name = self.request.rows.variable(purpose, change.table)
        seconds = float(change.within or 0)
        if column is None:
            # Nothing names a state: that the row changes, once, is what can be waited for.
            rows = f"changes.{DONE[change.kind]}({literal(change.table)})"
            where = self._keywords(change.table, change.where)
            narrowed = call(f"{rows}.where", where) if where else rows
            seen, states = f"{name} = counted(lambda: {narrowed})", ["1"]
        else:
            keys = {c: v for c, v in change.values.items() if is_expression(v) and _is_key(v)}
            where = self._keywords(change.table, change.where or keys)
            arguments = ["changes", literal(change.table), literal(column), *where]
            seen = call(f"{name} = states", arguments, depth=2)
            first = self._first(change.table, column)
            last = literal(stated[column])
            states = [last] if first is None else [literal(first), last]
        return Later(name, seen, states, seconds, self._content(change, column))

    def _is_state(self, table: str, column: str, value: Any) -> bool:
        """A literal that says how far the row has come; no moment, difference or reference."""
        if not isinstance(value, str | int) or is_expression(value) or is_relative(value):
            return False
        schema = self._subject.resolved.schema
        known = schema.table(table) if schema else None
        return (
            known is None or column not in known.columns or known.columns[column].type not in DATED
        )

    def _content(self, change: Change, column: str | None) -> list[str]:
        """Assertions on what the row holds in the end, beside its state."""
        view, write = self.view, self.view.write
        stated = {c: v for c, v in {**change.values, **change.set_}.items() if c != column}
        own = write.resource is not None and write.resource.table == change.table
        new = change.kind == "inserts" or (own and write.kind == "creates")
        rows = f"changes.{'inserted' if new else DONE[change.kind]}({literal(change.table)})"
        lines = []
        if stated:
            where = self._keywords(change.table, change.where)
            narrowed = call(f"{rows}.where", where) if where else rows
            lines.append(call(f"assert {narrowed}.one", self._keywords(change.table, stated)))
        sent = {pair.column for pair in write.fields}
        made_alone = own and write.kind == "creates" and not self.request.entry.for_each
        if made_alone and sent.isdisjoint(change.set_):
            lines += view.agrees(f"{rows}.one()", None, "")
        return lines

    def _keywords(self, table: str, columns: Mapping[str, Any]) -> list[str]:
        return keywords(held(self.request, table, columns))

    def _first(self, table: str, column: str) -> Any:
        """The state in which the operation itself leaves the row."""
        write, entry = self.view.write, self.request.entry
        if write.resource is not None and write.resource.table == table:
            return entry.values.get(column)
        made = (c for c in write.changes if c.table == table and c.inserts and c.within is None)
        return next((c.values[column] for c in made if column in c.values), None)

    @cached_property
    def worker(self) -> bool:
        """The mapping names a process that does this."""
        return self._subject.resolved.mapping.target.worker is not None


def _is_key(value: str) -> bool:
    """An expression that tells which row is meant, rather than what the row holds."""
    return parse(value).source not in ("request.body", "item", "row", "constant")


@dataclass(frozen=True, slots=True)
class Later:
    """A row that changes after the answer: the variable of its states, the line that reads them.

    `content` are assertions on what it holds in the end.
    """

    name: str
    seen: str
    states: Sequence[str]
    seconds: float
    content: Sequence[str]

    @property
    def comes(self) -> str:
        """The assertion that the last state is there in time."""
        arguments = [self.name, self.states[-1], f"within={self.seconds!r}"]
        return call("assert comes_to", arguments, depth=2)

    @property
    def whole(self) -> str:
        """The assertion that the row went through these states, each once."""
        return call("assert went_through", [self.name, *self.states])
