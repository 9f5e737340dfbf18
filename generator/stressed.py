"""The request of an operation under stress: bulk bodies of two, rows in another state, other keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ..mapping.expression import Expression, parse, read_value
from ..mapping.model import Change, OperationEntry
from ..mapping.resolve import Reference
from ..spec.schema import keyword, properties
from .code import call
from .expressions import access
from .request import Request


@dataclass(frozen=True)
class StressedRequest(Request):
    """A request as `Request`, but bulk bodies have two elements.

    `stand_ins` maps a resource to the fixture that stands in for its row; with `half_way` only the
    last element of a list that names such rows gets it. `more` are fields beside those of `fill`.
    """

    stand_ins: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    half_way: bool = False

    @cached_property
    def entry(self) -> OperationEntry:
        entry = super().entry
        return entry.model_copy(update={"fill": {**entry.fill, **self.more}})

    def with_body(self, name: str) -> StressedRequest:
        """The same with another variable as its body."""
        return replace(self, body_name=name)

    def row_of(self, resource: str) -> str:
        return self.stand_ins.get(resource) or super().row_of(resource)

    def _row_for(self, reference: Reference) -> str:
        if self._is_half_way(reference):
            return super().row_of(str(reference.resource))
        return super()._row_for(reference)

    def _kept_fields(self, *, moving: bool) -> Iterator[str]:
        """Sent again, or at once with another, the request is about the same address."""
        return super()._kept_fields(moving=True)

    def _must_be_sent(self, reference: Reference) -> bool:
        stood_in = reference.resource in self.stand_ins and not self._is_half_way(reference)
        return stood_in or super()._must_be_sent(reference)

    def _is_half_way(self, reference: Reference) -> bool:
        one_list = reference.pointer.count("*") == 1
        return self.half_way and one_list and reference.resource in self.stand_ins

    def _fills(self, partial: bool) -> Iterator[str]:
        yield from self._second_elements()
        yield from super()._fills(partial)
        yield from self._moved_amounts()
        for reference in filter(self._is_half_way, self._open_references):
            row = self.stand_ins[str(reference.resource)]
            yield self._named_by_the_last(reference, row)
        if self.key_in_body:
            yield self.key_in_body

    def _second_elements(self) -> Iterator[str]:
        for steps in self._lists:
            place = access("", steps)
            # Without steps the body itself is the list, which is never left out.
            left_out = bool(steps) and steps[0] in self.subject.optional_lists
            made = "complete" if left_out else "example"
            yield call(f"body{place} += {made}", [self.rows.label(self.subject.label)], tail=place)

    def _moved_amounts(self) -> Iterator[str]:
        yield from (f"{access('body', steps)} = 1" for steps in self._moving)

    def _named_by_the_last(self, reference: Reference, row: str) -> str:
        """The line by which the last element of a list names a row."""
        first, _, rest = reference.pointer.partition("/*/")
        last = access("body", tuple(first.split("/"))) + "[-1]"
        return f"{access(last, tuple(rest.split('/')))} = {self.referred(reference, row)}"

    # ---- sent by the module's fixture

    @cached_property
    def _by_fixture(self) -> bool:
        if not super()._by_fixture:
            return False
        base = self._base
        references = {reference.pointer for reference in base._open_references}
        if any(p.strip("/") in references or p in base.entry.fill for p in self.more):
            return False
        whole = (r for r in base._open_references if not self._is_half_way(r))
        return all(self._is_always_sent(r.pointer) for r in whole if r.resource in self.stand_ins)

    def _own_lines(self) -> Iterator[str]:
        yield from self._second_elements()
        yield from self._moved_amounts()
        for pointer in self.more:
            yield from self._fill_stated(pointer, False)
        if self.moving:
            yield from self._kept_fields(moving=True)

    def _other_rows(self) -> dict[str, str]:
        halves = {r.resource for r in self._open_references if self._is_half_way(r)}
        base = self._base
        found = super()._other_rows()
        for resource, row in self.stand_ins.items():
            usual = base.row_of(resource)
            if base.rows_named.count(usual) > (resource in halves):
                found[usual] = row
        return found

    def _last_rows(self) -> dict[str, tuple[str, str]]:
        found = {}
        for reference in filter(self._is_half_way, self._open_references):
            keyword = f"last_{self._base.row_of(str(reference.resource))}"
            line = self._named_by_the_last(reference, keyword)
            found[keyword] = self.stand_ins[str(reference.resource)], line
        return found

    @property
    def key_in_body(self) -> str:
        """The line that puts the key into the body, "" where it goes elsewhere."""
        known = self.subject.idempotency
        if not (self.key and known and known.field) or self._by_fixture:
            return ""
        return f"{access('body', tuple(known.field.strip('/').split('/')))} = {self.key}"

    @property
    def _moving(self) -> Iterator[tuple[str, ...]]:
        """Fields by which a column moves, where they could be 0 or less: that would move nothing."""
        stated = [change.set_ for change in self.write.changes] + [self.entry.set_]
        filled = {pointer.strip("/") for pointer in self.entry.fill}
        for value in dict.fromkeys(str(v) for columns in stated for v in columns.values()):
            read = read_value(value, relative=True)
            if not isinstance(read, Expression) or read.source != "request.body" or not read.sign:
                continue
            if "/".join(read.steps) not in filled and self._may_stand_still(read.steps):
                yield read.steps

    def _may_stand_still(self, steps: tuple[str, ...]) -> bool:
        schema = self.subject.body_properties.get(steps[0]) if len(steps) == 1 else None
        followed = self.subject.resolved.document.follow(schema)
        if not isinstance(followed, dict):
            return False
        return bool(followed.get("minimum", 0) <= 0 and followed.get("maximum", 1) >= 1)

    @property
    def _lists(self) -> tuple[tuple[str, ...], ...]:
        """Where the body has a list that needs a second element."""
        found = [parse(self.entry.for_each).steps] if self.entry.for_each else []
        found += [
            tuple(reference.pointer.partition("/*/")[0].split("/"))
            for reference in filter(self._is_half_way, self._open_references)
        ]
        if self.half_way:
            found += [
                parse(str(c.for_each)).steps for c in self.write.changes if self._may_repeat(c)
            ]
        return tuple(dict.fromkeys(found))

    def _may_repeat(self, change: Change) -> bool:
        """A list of the body whose elements make rows, of which two may name the same row."""
        each = parse(change.for_each) if change.for_each else None
        if each is None or change.within or each.source != "request.body":
            return False
        document, schema = self.subject.resolved.document, self.subject.resolved.schema
        elements: Any = self.subject.body.schema if self.subject.body else None
        for step in each.steps:
            elements = properties(document, elements).get(step)
        if (
            keyword(document, elements, "uniqueItems")
            or keyword(document, elements, "maxItems") == 1
        ):
            return False
        table = schema.table(change.table) if schema else None
        columns = {r.column for r in self._open_references if "*" in r.pointer}
        return not any(columns.intersection(unique) for unique in (table.unique if table else ()))
