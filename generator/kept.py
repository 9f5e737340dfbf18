"""What an emitted test sees of the stored side: watched in the database, or read by request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..mapping.expression import parse
from ..mapping.stored_by import StoredBy
from .code import INDENT, call, literal
from .expressions import access
from .request import Request

ANY = "range(400, 500)"
"""Any refusal, as an expected status."""


@dataclass(frozen=True)
class Kept:
    """The lines that look at the row of one operation without a database.

    `row` makes the source text of the row that it addresses, `claimed` of the resource in its answer.
    """

    request: Request
    row: Callable[[], str]
    claimed: str

    @property
    def watched(self) -> bool:
        return not self.request.subject.unwatched

    @property
    def stored_by(self) -> StoredBy | None:
        resource = self.request.write.resource
        return resource.stored_by if resource else None

    def attempt(self, request: Request, *, actor: str = "", broken: bool = False) -> str:
        """The lines that send a request which must change nothing, and look at what changes."""

        def sent(depth: int) -> str:
            return (
                request.call_broken(depth=depth)
                if broken
                else request.call(actor=actor, depth=depth)
            )

        if self.watched:
            return f"with database.watch() as changes:\n{INDENT}{sent(2)}"
        before = [self.read("before =")] if self._addresses else []
        return "\n".join([*before, sent(1)])

    def refusal(
        self,
        expected: str,
        request: Request,
        *,
        actor: str = "",
        broken: bool = False,
        documented: bool = True,
    ) -> str:
        """The lines that send a request which must be refused, and look at all that a refusal is.

        `expected` is the function that knows the right statuses, or a status.
        """
        if self.watched and request.is_sent_by_fixture:
            sent = request.call(actor=actor, head="") if not broken else request.broken_call()
            name, _, arguments = sent.partition("(")
            return call("refused", [expected, name, *filter(None, [arguments.removesuffix(")")])])
        more = ", violation" if broken else ""
        right = (
            f"response.status_code == {expected}"
            if expected.isdigit()
            else "response.is_client_error"
            if expected == ANY
            else f"{expected}(response{more})"
        )
        lines = [self.attempt(request, actor=actor, broken=broken), "", f"assert {right}"]
        lines += ["assert conforms(response)"] if documented else []
        return "\n".join([*lines, self.untouched])

    @property
    def untouched(self) -> str:
        """The assertion that nothing changed, as far as that can be seen."""
        if self.watched:
            return "assert changes.none()"
        if not self._addresses:
            return ""
        lines = [self.read("after ="), "assert before.status_code == 200"]
        return "\n".join([*lines, "assert after.json() == before.json()"])

    def read(self, head: str = "read =", *, new: bool = False) -> str:
        """The line that reads the stored row: the addressed one, or the one the answer tells of."""
        return self._read(head, self._new if new else self._addressed)

    def as_row(self, fields: str, answer: str = "read") -> str:
        """Source text of the row in the answer of that request."""
        returns = self.stored_by.returns if self.stored_by else None
        inside = access(f"{answer}.json()", parse(returns).steps if returns else ())
        return f"as_row({inside}, {fields})"

    @property
    def _addresses(self) -> bool:
        """The operation is about a row that can be read."""
        return self.stored_by is not None and self.request.write.kind in ("updates", "deletes")

    def _addressed(self, column: str) -> str:
        return f"{self.row()}[{literal(column)}]"

    def _new(self, column: str) -> str:
        wire = next(p.wire for p in self.request.write.claimed if p.column == column)
        return access(self.claimed, tuple(wire.split("/")))

    def _read(self, head: str, key: Callable[[str], str]) -> str:
        stored_by, resource = self.stored_by, self.request.write.resource
        assert stored_by is not None
        assert resource is not None
        held = ", ".join(
            f"{literal(name)}: {key(column)}"
            for name, column in stored_by.columns(resource.key).items()
            if column
        )
        reader = stored_by.as_ or next(iter(self.request.subject.resolved.mapping.actors), "")
        caller = [f"actor={literal(reader)}"] if reader else []
        arguments = [literal(stored_by.path), f"path={{{held}}}", *caller]
        return call(f"{head} api.get", arguments)
