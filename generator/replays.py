"""What the tests of idempotency need: the request with a key, other callers, other routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..mapping.expression import is_expression
from ..mapping.model import Actor
from ..matrix.subject import Subject
from .code import call, identifier, keywords, literal, parametrize
from .code import comparison as compare
from .faults import Faults
from .kept import ANY
from .related import is_relative
from .sending import Sending
from .stressed import StressedRequest
from .variants import another_value, others_rows
from .view import View

ODD_KEYS = ('"k" * 300', '"a b"', '"a;b=c"', """'"quoted"'""", '"0"')


@dataclass(frozen=True)
class Replays:
    """One operation, sent again."""

    view: View
    faults: Faults

    @cached_property
    def request(self) -> StressedRequest:
        """The request with the key that the variable `key` holds; without one where none is sent."""
        return self.with_key("key")

    @cached_property
    def send(self) -> Sending:
        """How a test sends that request twice."""
        return Sending(self.request.sharing_etag)

    @cached_property
    def race(self) -> Sending:
        """The same, for a race."""
        return Sending(self.request.sharing_etag, always=True)

    def with_key(self, key: str) -> StressedRequest:
        """The request with a key, as source text."""
        known = self.view.subject.idempotency
        sent = known is not None and (known.header or known.field)
        return replace(self.faults.request, key=key if sent else "")

    @property
    def key_line(self) -> str:
        """`key = unique()`, or nothing where the body's own fields are the key."""
        return f"key = {self.new_key}" if self.request.key else ""

    @property
    def new_key(self) -> str:
        return self.request.new_key

    @property
    def nothing_new(self) -> str:
        """The assertion that a replay changed no row, but where changes are noise."""
        noise = [name for name in self.request.entry.ignores if "." not in name]
        return (
            call("assert changes.only", map(literal, noise)) if noise else "assert changes.none()"
        )

    @property
    def same_answer(self) -> list[str]:
        """Assertions that the replay was answered as the first request."""
        known = self.view.subject.idempotency
        if known and known.natural:
            return ["assert not again.is_server_error", *self._same_if_accepted]
        lines = ["assert again.status_code == response.status_code"]
        if self._answers_json:
            lines.append("assert again.json() == response.json()")
        return lines

    @property
    def _same_if_accepted(self) -> list[str]:
        """A thing that is there already may be answered with a refusal, but with no other thing."""
        same = "assert again.is_client_error or again.json() == response.json()"
        return [same] if self._answers_json else []

    @property
    def _answers_json(self) -> bool:
        operation = self.view.subject.operation
        answers = [operation.responses[status] for status in operation.success]
        return any("json" in kind for answer in answers for kind in answer.content)

    @property
    def after_refusal(self) -> tuple[str, Sending, str, str] | None:
        """(assertion of the refusal, the request, the line that mends the rows, what comes again).

        Of the first refusal whose rows can be given what they usually have; None without one.
        """
        entry, resolved = self.request.entry, self.view.subject.resolved
        for name, refusal in entry.refuses.items():
            lines = []
            request = replace(self.faults.situated(name, refusal), key=self.request.key)
            for resource, overrides in refusal.arrange.items():
                usual = {**resolved.resources[resource].arrange, **entry.arrange.get(resource, {})}
                mended = [(c, literal(usual[c])) for c in overrides if self._is_plain(usual, c)]
                if len(mended) == len(overrides):
                    table, row = resolved.resources[resource].table, request.row_of(resource)
                    arguments = [literal(table), row, *keywords(mended)]
                    lines.append(call("database.update", arguments))
            if lines and len(lines) == len(refusal.arrange) and not refusal.fill:
                refused = self.faults.refused(str(refusal.status or ANY))
                return (
                    refused,
                    Sending(request.sharing_etag),
                    "\n".join(lines),
                    self._done_now_or_refused,
                )
        return None

    @staticmethod
    def _is_plain(usual: Mapping[str, Any], column: str) -> bool:
        return column in usual and not is_expression(usual[column])

    @property
    def _done_now_or_refused(self) -> str:
        """The assertion on what comes again: what only the body names has no answer kept for it."""
        known = self.view.subject.idempotency
        if known and known.natural:
            return self.view.succeeded_in("again")
        return "assert again.is_success or again.status_code == response.status_code"

    @property
    def done_if_answered(self) -> str:
        """The assertion that it is done if, and only if, the second answer says so."""
        if self.view.write.kind == "creates":
            count = f"len({self.inserted})"
            one = f"len({self.view.elements}) * " if self.request.entry.for_each else ""
            if self.view.inserts_beside_own:
                made = self.view.rows_made
                count, one = (count, f"{made} * ") if made else (f"bool({self.inserted})", "")
            return compare(count, "==", f"{one}again.is_success")
        return f"assert again.is_success or {self.nothing_new.removeprefix('assert ')}"

    @property
    def other_body(self) -> str:
        """The line that makes another body of the one that was sent; "" when none is known."""
        found = another_value(self.request)
        return f"body[{literal(found[0])}] = {found[1]}" if found else ""

    @property
    def each_odd_key(self) -> str:
        """The decorator that runs a test for keys that no client should send, and some do."""
        return parametrize("key", ODD_KEYS if self._may_be_absent else (*ODD_KEYS, '""'))

    @property
    def _may_be_absent(self) -> bool:
        """The spec lets a request come without a key, so that an empty one may mean just that."""
        subject, known = self.view.subject, self.view.subject.idempotency
        if known and known.field:
            return known.field in subject.optional_fields
        parameters = subject.operation.parameters
        return not any(p.required for p in parameters if known and p.name == known.header)

    @property
    def inserted(self) -> str:
        """Source text of the rows that the operation made."""
        return f"changes.inserted({literal(self.view.table)})"

    @property
    def moving_columns(self) -> str:
        """Source text of the set of columns that a repeated update may change again."""
        resource, entry = self.view.resource, self.request.entry
        if resource is None:
            return "set()"
        own = [resource.timestamps.updated, resource.version]
        own += [column for column in entry.set_ if is_relative(entry.set_[column])]
        own += [
            pair.column
            for pair in self.view.write.fields
            if pair.transform in ("hashed", "computed", "json_member")
        ]
        named = [literal(column) for column in dict.fromkeys(own) if column]
        return f"{{{', '.join(named)}}}" if named else "set()"

    # ---- other callers and routes

    @property
    def others(self) -> Iterator[tuple[str, str, StressedRequest]]:
        """(slug, actor as source text, request) for a caller of the same tenant, and of another one."""
        home_name = self.view.actor
        actors = self.view.subject.resolved.mapping.actors
        home = actors.get(home_name)
        if home is None:
            return
        allowed = {name: one for name, one in actors.items() if self._may(one, home)}
        near = next((n for n, a in allowed.items() if a.tenant == home.tenant), None)
        far = next((n for n, a in allowed.items() if a.tenant != home.tenant), None)
        known = self.view.subject.idempotency
        for slug, name in (("another_caller", near), ("another_tenant", far)):
            if name is not None and not self._shares_keys(actors[name], home):
                request = others_rows(self.request, name, actors[name], home)
                # What makes two requests the same one by itself does so whoever sends them.
                if request.stand_ins or not (known and known.natural):
                    yield f"{slug}", literal(name), request

    @property
    def sharers(self) -> Iterator[tuple[str, str]]:
        """(slug, actor as source text) of callers whose key is the same one as the first caller's."""
        actors = self.view.subject.resolved.mapping.actors
        home = actors.get(self.view.actor)
        if home is None:
            return
        sharing = {
            name: one
            for name, one in actors.items()
            if self._may(one, home) and self._shares_keys(one, home)
        }
        near = next((n for n, a in sharing.items() if a.tenant == home.tenant), None)
        far = next((n for n, a in sharing.items() if a.tenant != home.tenant), None)
        for slug, name in (("another_caller", near), ("another_tenant", far)):
            if name is not None:
                yield slug, literal(name)

    def _shares_keys(self, one: Actor, home: Actor) -> bool:
        known = self.view.subject.idempotency
        scope = known.scope if known and not known.natural else "caller"
        return scope == "all" or (scope == "tenant" and one.tenant == home.tenant)

    def _may(self, one: Actor, home: Actor) -> bool:
        roles: Any = self.request.entry.allow.role or (home.role,)
        return one.id != home.id and one.role in roles

    @property
    def elsewhere(self) -> tuple[str, StressedRequest, str] | None:
        """(slug, request, rows it makes) of another operation that takes the same key."""
        mine = self.view.subject.idempotency
        resolved = self.view.subject.resolved
        for write in resolved.operations.values():
            subject = Subject(write, resolved)
            there = subject.idempotency
            plain = write.entry is not None and not write.entry.arrange
            if subject.label == self.view.label or not (mine and mine.header and plain):
                continue
            same = there is not None and there.header == mine.header and not subject.unbound_path
            if same and write.kind == "creates" and write.actor == self.view.actor:
                request = StressedRequest(
                    subject, self.request.rows, self.request.local, key=self.request.key
                )
                table = write.resource.table if write.resource else ""
                return identifier(subject.label), request, table
        return None
