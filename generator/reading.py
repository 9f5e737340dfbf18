"""How an emitted test reads back what was written: the GET, the row in its answer, the key that tells."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..mapping.model import Change
from .answer import AnswerView
from .code import call, keywords, literal
from .code import comparison as compare
from .expressions import access


@dataclass(frozen=True)
class ReadingView(AnswerView):
    """What a template may ask about reading the row again through the API."""

    @property
    def read_back(self) -> str:
        """`read = api.get(...)` of the row that was written."""
        return self.read_back_as("read")

    def read_back_as(self, variable: str) -> str:
        """The same into another variable; into none where it is read only so that a cache holds it."""
        path = (self.subject.read_back or "").removeprefix("GET ")
        held = dict(self.request.path_after if variable == "read" else self.request.path)
        for name in re.findall(r"{([^}]+)}", path):
            held.setdefault(name, f"{self.claimed}[{literal(self._field_of(name))}]")
        pairs = ", ".join(f"{literal(name)}: {value}" for name, value in held.items())
        held_path = [f"path={{{pairs}}}"] if pairs else []
        head = f"{variable} = api.get" if variable else "api.get"
        return call(head, [literal(path), *held_path, *self.request.caller])

    def _field_of(self, parameter: str) -> str:
        """The field of the answer that a path parameter of the GET names: the same name, or the key."""
        names = {pair.wire for pair in self.write.claimed}
        if parameter in names or self.resource is None:
            return parameter
        return self._wire(self.resource.key[0])

    def _wire(self, column: str) -> str:
        """The field of the answer that holds a column."""
        return next((p.wire for p in self.write.claimed if p.column == column), column)

    @property
    def read_body(self) -> str:
        """Source text of the resource in the answer of the GET."""
        return self._shown_in("read")

    def _shown_in(self, answer: str) -> str:
        return self._within(self.subject.read_returns, f"{answer}.json()", answer=answer)

    @property
    def read_keys(self) -> list[str]:
        """Keyword arguments that tell the row that was written from all others.

        Only where nothing else tells it is it the one that the GET says it shows.
        """
        if self.resource is not None and self.write.kind == "updates":
            return keywords((c, f"{self.row}[{literal(c)}]") for c in self.resource.key)
        columns = self.resource.key if self.resource else ("id",)
        told = self.subject.shows_key and not self.request.entry.for_each
        shown = self.claimed if told and self.write.kind == "creates" else self.read_body
        return keywords((c, f"{shown}[{literal(self._wire(c))}]") for c in columns)

    @property
    def inserts_beside_own(self) -> tuple[Change, ...]:
        """The rows that an operation adds to its own table beside the one that it creates."""
        if self.write.kind != "creates" or self.request.entry.for_each:
            return ()
        changes = self.write.changes
        return tuple(c for c in changes if c.inserts == self.table and c.within is None)

    @property
    def rows_made(self) -> int:
        """How many rows a success adds to the operation's own table; 0 where that is not fixed."""
        counts = [0 if c.for_each else c.rows or 1 for c in self.inserts_beside_own]
        fixed = [count for count in counts if isinstance(count, int) and count]
        return 1 + sum(fixed) if len(fixed) == len(counts) else 0

    @property
    def new_row(self) -> str:
        """Source text of the change that made the row."""
        return self.new_row_in("response")

    def new_row_in(self, answer: str) -> str:
        """The same by the answer of that name; its key tells the row from others in its table."""
        rows = f"changes.inserted({literal(self.table)})"
        if self.inserts_beside_own and (key := self._new_key_in(answer)):
            rows = f"{rows}.where({', '.join(key)})"
        return f"{rows}.one()"

    def _new_key_in(self, answer: str) -> list[str]:
        """Keyword arguments of the new row's key, as far as the path names it or the answer shows it."""
        new, resource = self.write.new_key, self.resource
        if new is not None:
            return keywords([(new.column, self.request.new_row_key)])
        if resource is None:
            return []
        # Fields that the mapping knows and this answer's schema leaves open are shown as well.
        wires = {column: wire.split("/") for wire, column in resource.wire_to_column.items()}
        wires |= {pair.column: pair.wire.split("/") for pair in self.write.claimed}
        shown = self.claimed_in(answer)
        columns = [c for c in resource.key if c in wires]
        return keywords((column, access(shown, tuple(wires[column]))) for column in columns)

    @property
    def claimed_key(self) -> list[str]:
        """Keyword arguments that tell the row of one element of the answer, `claimed`."""
        columns = self.resource.key if self.resource else ("id",)
        return keywords((c, f"claimed[{literal(self._wire(c))}]") for c in columns)

    @property
    def found_is_new(self) -> list[str]:
        """Assertions that Location leads to the thing that was made, where both answers tell."""
        if not (self.subject.shows_key and self.subject.read_back and self.resource):
            return []
        if self.write.kind != "creates" or self.request.entry.for_each:
            return []
        found = self._shown_in("found")
        wires = [literal(self._wire(column)) for column in self.resource.key]
        return [compare(f"{found}[{w}]", "==", f"{self.claimed}[{w}]") for w in wires]

    @property
    def read_attempted(self) -> str:
        """`read = api.get(...)` of the row whose key a refused request named."""
        field, parameter = self.subject.attempted_key or ("", "")
        path = (self.subject.read_back or "").removeprefix("GET ")
        key = f"attempted(response, {literal(field)})"
        held = {**self.request.path, parameter: key}
        pairs = ", ".join(f"{literal(name)}: {value}" for name, value in held.items())
        arguments = [literal(path), f"path={{{pairs}}}", *self.request.caller]
        return call("read = api.get", arguments)
