"""What the tests of concurrency need: where requests meet, and what they compete for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..mapping.resolve import Reference
from ..matrix.meeting import sibling_update, unshared
from ..matrix.writes import change_write, main_write
from .code import call, collection, literal
from .faults import Faults, situated
from .sending import Sending
from .stressed import StressedRequest
from .variants import another_value, free_fields
from .view import View


@dataclass(frozen=True)
class Races:
    """One operation, meeting itself or another one."""

    view: View
    faults: Faults

    @property
    def request(self) -> StressedRequest:
        return self.faults.request

    @property
    def at(self) -> str:
        """The write before which requests are held.

        An update of a row that several requests want is the place: all have read it by then.
        """
        write = self.view.write
        if write.kind != "creates":
            return main_write(write) or change_write(write.changes[0])
        sure = (c for c in write.changes if c.within is None and c.rows != "any")
        updates = (change_write(change) for change in sure if change.kind == "updates")
        found = next(updates, None)
        return found or main_write(write) or ""

    @property
    def never(self) -> str:
        """The assertion of the invariant that the mapping states, "" without one."""
        stated = self.request.entry.never
        return call("assert database.never", [literal(stated)]) if stated else ""

    def runs(self, *names: str) -> str:
        """The lines that run functions one after the other, and then at once."""
        called = ["database", *names]
        return "\n".join(
            (
                call("expected = serial_outcomes", called),
                call("raced = race", [*called, f"at={literal(self.at)}"]),
            )
        )

    @cached_property
    def send(self) -> Sending:
        """How the request is sent, several times at once."""
        return Sending(self.request.sharing_etag, always=True)

    @cached_property
    def send_either(self) -> Sending:
        """How it is sent with one of two bodies."""
        return Sending(self.request.sharing_etag, always=True, with_body=False)

    # ---- rows of which each request needs its own

    @property
    def different(self) -> list[str]:
        """The line that makes a second body, about other rows where no two requests may share one."""
        pairs = [self._other_row(reference) for reference in unshared(self.view.subject)]
        return [_merged("body", pairs)] if pairs else []

    def _other_row(self, reference: Reference) -> tuple[str, str]:
        resource = str(reference.resource)
        name = self.request.rows.name_of(resource, f"other_{resource}")
        usual = self.request.entry.arrange.get(resource, {})
        self.request.local[name] = self.request.rows.own(name, resource, usual)
        return literal(reference.pointer), self.request.referred(reference, name)

    # ---- what there is only one of

    @property
    def scarce(self) -> StressedRequest:
        """The request about rows that leave room for one such request."""
        situation = self.request.entry.scarce
        assert situation is not None
        return situated(self.request, "last", situation)

    @property
    def send_scarce(self) -> Sending:
        """How that is sent, several times at once."""
        request = self.scarce.inline if self.different else self.scarce.sharing_etag
        return Sending(request, always=True, with_body=not self.different)

    @cached_property
    def send_apart(self) -> Sending:
        """How it is sent with one of two bodies that name different rows."""
        return Sending(self.request.inline, always=True, with_body=False)

    @property
    def scarce_stated(self) -> bool:
        return self.request.entry.scarce is not None

    # ---- two updates

    @property
    def stale(self) -> str:
        """The assertion that a version which is gone was refused."""
        known = self._stale_statuses or [409, 412]
        wanted = f"== {known[0]}" if len(known) == 1 else f"in {tuple(known)}"
        return f"assert again.status_code {wanted}"

    @property
    def stale_documented(self) -> bool:
        """The spec says how that refusal looks."""
        return self.view.documents(self._stale_statuses)

    @property
    def _stale_statuses(self) -> list[int]:
        documented = self.view.subject.operation.responses
        return [status for status in (409, 412) if str(status) in documented]

    @property
    def bodies(self) -> list[str]:
        """The lines that make two different bodies, `body` and `other`; none where it cannot be."""
        if self.view.subject.operation.method == "PATCH":
            return self._apart()
        found = another_value(self.request)
        if found is None:
            return []
        prepared = self.request.sharing_etag.prepare(
            f"example({self.view.label_text})", addressed=False
        )
        return [prepared, _merged("body", [(literal(found[0]), found[1])])]

    def _apart(self) -> list[str]:
        """Two patches that have no field in common."""
        fields = free_fields(self.request)
        if len(fields) < 2 or self.request.entry.sends:
            return []
        label = self.view.label_text
        one, two = (f"{{{literal(name)}: whole[{literal(name)}]}}" for name in fields[:2])
        etag = self.request.sharing_etag.prepare("")
        lines = [f"whole = complete({label})", f"body, other = {one}, {two}"]
        return [*lines, etag] if etag else lines

    # ---- another operation about the same row

    @cached_property
    def update(self) -> StressedRequest | None:
        """An update of the row that this operation deletes."""
        subject = sibling_update(self.view.subject)
        if subject is None:
            return None
        return StressedRequest(subject, self.request.rows, self.request.local)

    @property
    def meetings(self) -> list[tuple[str, list[str], str]]:
        """(slug, calls, write before which the first is held): an update that has read a row may be
        overtaken by its end, and one that comes meanwhile must not bring it back."""
        subject = sibling_update(self.view.subject)
        assert subject is not None
        both = (
            ("against", subject, ["update", "delete"]),
            ("before", self.view.subject, ["delete", "update"]),
        )
        return [(slug, calls, main_write(one.write) or "") for slug, one, calls in both]

    @property
    def both(self) -> list[str]:
        """The lines that make `update` and `delete`; one call where they differ in the method alone."""
        update, delete = self.update, self.request.inline
        assert update is not None
        mine = [option for option in update.options if not option.endswith("=body")]
        method = literal(update.subject.operation.method)
        body = f", {update.body_option}=body" if update.has_body else ""
        path = literal(delete.subject.operation.path)
        if mine == delete.options and update.caller == delete.caller:
            send = call("send = partial", ["api.request", f"url={path}", *mine, *delete.caller])
            return [
                send,
                f'update, delete = partial(send, {method}{body}), partial(send, "DELETE")',
            ]
        verb = f"api.{update.subject.operation.method.lower()}"
        return [
            call("update = partial", [verb, path, *update.options, *update.caller]),
            call("delete = partial", ["api.delete", path, *delete.options, *delete.caller]),
        ]


def _merged(base: str, pairs: list[tuple[str, str]]) -> str:
    """`other = {**body, "orderId": other_order["id"]}`."""
    return collection("other = {", [f"**{base}", *(f"{key}: {value}" for key, value in pairs)], "}")
