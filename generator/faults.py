"""What the tests of rollback need: which writes fail, and which rows make each of them happen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ..mapping.expression import is_expression, parse
from ..mapping.model import Refusal, Situation
from ..matrix.writes import COMMIT, main_write, writes_of
from .code import call, identifier, literal, parametrize
from .code import comparison as compare
from .function import names
from .kept import ANY
from .sending import Sending
from .stressed import StressedRequest
from .view import View


@dataclass(frozen=True)
class Faults:
    """One operation and the ways in which it is made to fail."""

    view: View

    @cached_property
    def request(self) -> StressedRequest:
        """Its request, a bulk body with two elements."""
        plain = self.view.request
        return StressedRequest(plain.subject, plain.rows, plain.local, fixture=plain.fixture)

    @cached_property
    def send(self) -> Sending:
        """How a test sends that request twice."""
        return Sending(self.request.sharing_etag)

    @cached_property
    def send_without_body(self) -> Sending:
        """The same, where nothing else in the test speaks of its body."""
        return Sending(self.request.sharing_etag.bare)

    @property
    def speaks_of_body(self) -> bool:
        """What tells that the work was done once reads the body that was sent."""
        changes = [c for c in self.view.write.changes if c.within is None]
        stated = [
            v for c in changes for v in (*c.values.values(), *c.set_.values(), *c.where.values())
        ]
        read = (parse(v) for v in stated if is_expression(v))
        listed = self.request.entry.for_each or any(c.for_each for c in changes)
        return bool(listed) or any(e.source in ("request.body", "item") for e in read)

    @property
    def writes(self) -> tuple[str, ...]:
        return writes_of(self.view.write)

    @property
    def first(self) -> str:
        """The write that matters most."""
        return main_write(self.view.write) or next(iter(self.writes), COMMIT)

    @property
    def each_passing_error(self) -> str:
        """The decorator that runs a test for each error after which a retry makes sense."""
        return parametrize("error", [literal("serialization"), literal("deadlock")])

    @property
    def done_once(self) -> list[str]:
        """Assertions that the operation did its work once, whoever tried how often."""
        return self.done_once_in("response")

    def done_once_in(self, answer: str) -> list[str]:
        """The same, where another variable holds the answer that says so."""
        related = [replace(one, answer=answer) for one in self.view.related]
        moves = [line for one in related for line in one.moves]
        if self.view.write.resource is None:
            return moves or [line for one in related for line in one.lines]
        return [self._own_row_once(answer), *moves]

    def _own_row_once(self, answer: str) -> str:
        """The assertion that the operation wrote its own row once, or one for each element."""
        view, write = self.view, self.view.write
        verb = {"insert": "inserted", "update": "updated", "delete": "deleted"}
        done = f"changes.{verb[self.first.partition(' ')[0]]}({literal(view.table)})"
        if write.kind == "creates" and self.request.entry.for_each:
            return compare(f"len({done})", "==", f"len({view.elements})")
        if write.kind == "creates" and view.inserts_beside_own:
            count = view.rows_made
            return (
                compare(f"len({done})", "==", str(count))
                if count
                else f"assert {view.new_row_in(answer)}"
            )
        held = [] if write.kind == "creates" or self.request.callers_own else view.keys
        return call(f"assert {done}.one", held)

    @property
    def also(self) -> str:
        """The decorator that arranges rows which the request does not name and a write needs."""
        found = [name for name in self._needed if name not in self._sent]
        return call("@pytest.mark.usefixtures", map(literal, found), depth=0) if found else ""

    @property
    def _needed(self) -> list[str]:
        """Rows that the assertions on related changes speak of."""
        lines = [line for change in self.view.related for line in change.lines]
        known = {*self.request.local, *(row.name for row in self.request.rows.fixtures)}
        return sorted(names("\n".join(lines)) & known)

    @property
    def _sent(self) -> frozenset[str]:
        """Rows that the request names, and the rows which those need."""
        request = self.request
        named = set(names("\n".join((request.inline.prepare("body"), request.inline.call()))))
        fixtures = {row.name: row for row in request.rows.fixtures} | request.local
        waiting = [name for name in named if name in fixtures]
        while waiting:
            parents = fixtures[waiting.pop()].parents
            waiting += [name for name in parents if name not in named and name in fixtures]
            named.update(parents)
        return frozenset(named)

    # ---- refusals

    @property
    def refusals(self) -> list[tuple[str, str, bool, StressedRequest, str]]:
        """(slug, expected status, whether the spec documents it, request, decorator) for each of the mapping.

        The decorator arranges rows that the request does not name and its work would reach.
        """
        return [
            self._refusal(identifier(name), refusal, self.situated(name, refusal))
            for name, refusal in self.view.request.entry.refuses.items()
        ]

    def _refusal(
        self, slug: str, refusal: Refusal, request: StressedRequest
    ) -> tuple[str, str, bool, StressedRequest, str]:
        status = refusal.status
        documented = self.view.documents([status] if status else [])
        # A row of which no column is told may be refused for having no rows that belong to it.
        reached = self._reached(request, slug) if all(refusal.arrange.values()) else ""
        return slug, str(status or ANY), documented, request, reached

    def _reached(self, request: StressedRequest, slug: str) -> str:
        """The decorator that arranges what `also` does, belonging to the rows that stand in."""
        instead = {self.request.row_of(name): row for name, row in request.stand_ins.items()}
        known = {row.name: row for row in request.rows.fixtures} | request.local
        reached = []
        for name in self._needed:
            row = known[name]
            if name in self._sent or instead.keys().isdisjoint(row.parents):
                continue
            own = row.renamed(request.rows.name_of(name, f"{name}_{slug}"), instead)
            request.local[own.name] = own
            reached.append(own.name)
        return call("@pytest.mark.usefixtures", map(literal, reached), depth=0) if reached else ""

    def refused(self, expected: str) -> str:
        """The assertion that the answer is the refusal of this status, or any."""
        if expected == ANY:
            return "assert response.is_client_error"
        return f"assert response.status_code == {expected}"

    def situated(self, name: str, situation: Situation) -> StressedRequest:
        """The request about rows in that situation."""
        return replace(situated(self.request, identifier(name), situation), half_way=True)

    @property
    def taken(self) -> str:
        """The line that gives the last element of a bulk request the unique value of the first."""
        write, request = self.view.write, self.request
        if write.resource is None or not request.entry.for_each:
            return ""
        unique = set(write.resource.unique)
        wire = next((p.wire for p in write.fields if p.column in unique), None)
        if wire is None:
            return ""
        elements, field = self.view.elements, literal(wire)
        return f"{elements}[-1][{field}] = {elements}[0][{field}]"


def situated(request: StressedRequest, slug: str, situation: Situation) -> StressedRequest:
    """The request about rows in a situation, each of them a fixture named after it."""
    stand_ins = dict(_rows(request, slug, situation.arrange))
    return replace(request, stand_ins=stand_ins, more=situation.fill)


def _rows(
    request: StressedRequest, slug: str, arrange: Mapping[str, Mapping[str, object]]
) -> Iterator[tuple[str, str]]:
    for resource, overrides in arrange.items():
        name = request.rows.name_of(resource, f"{resource}_{slug}")
        usual = request.entry.arrange.get(resource, {})
        request.local[name] = request.rows.own(name, resource, {**usual, **overrides})
        yield resource, name
