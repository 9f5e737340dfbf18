"""The answer of an operation as its templates see it: statuses, and where it shows the resource."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..mapping.expression import parse
from ..mapping.resolve import ResolvedResource, Write
from ..matrix.subject import Subject
from .code import call
from .expressions import of_expression, source
from .request import Request


@dataclass(frozen=True)
class AnswerView:
    """What a template may ask of the answer; each reply is source text or a plain fact."""

    subject: Subject
    request: Request
    name: str

    @property
    def write(self) -> Write:
        return self.subject.write

    @property
    def label(self) -> str:
        return self.subject.label

    @property
    def label_text(self) -> str:
        """Source text of the label: the module's constant for its own operation."""
        return self.request.rows.label(self.label)

    @property
    def actor(self) -> str:
        return self.request.actor

    def _source(self, value: object, before: str = "") -> str:
        """Source text of a value; `before` is the row as it was, by default its fixture."""
        request = self.request
        return source(
            value,
            actor=self.actor,
            path=request.path,
            row_of=request.row_of,
            before=before or (self.row if self.write.kind != "creates" else "row"),
        )

    @property
    def resource(self) -> ResolvedResource | None:
        return self.write.resource

    @property
    def table(self) -> str:
        return self.resource.table if self.resource else ""

    @property
    def key(self) -> str:
        """The name of the key column."""
        return self.resource.key[0] if self.resource else "id"

    @property
    def row(self) -> str:
        """The fixture, or the variable, of the row that the operation addresses."""
        if self.resource is None:
            return "row"
        if self.request.callers_own:
            return self.request.own_row
        return self.request.row_of(self.resource.name)

    @property
    def succeeded(self) -> str:
        """The assertion that the request was done."""
        return self.succeeded_in("response")

    def succeeded_in(self, answer: str) -> str:
        """The same of the answer that another variable holds."""
        return f"assert succeeded({answer})"

    @property
    def conforms(self) -> str:
        """The assertion that a success is as documented: of such a status, unless a class is named."""
        success = self.subject.operation.success
        statuses = success if all(status.isdigit() for status in success) else ()
        return call("assert conforms", ["response", *statuses])

    def documents(self, statuses: Sequence[int]) -> bool:
        """The spec says how each of these answers looks; for none of them: any 4xx."""
        documented = set(self.subject.operation.responses)
        if documented & {"4XX", "default"}:
            return True
        return bool(statuses) and documented >= {str(status) for status in statuses}

    @property
    def claimed(self) -> str:
        """Source text of the resource in the answer."""
        return self.claimed_in("response")

    def claimed_in(self, answer: str) -> str:
        """The same of the answer that another variable holds."""
        return self._within(self.request.entry.returns, f"{answer}.json()", answer=answer)

    @property
    def sent(self) -> str:
        """Source text of the resource in the request."""
        return self._sent_in("body")

    def _sent_in(self, body: str) -> str:
        """The same of the body of that source text."""
        return self._within(self.request.entry.sends, body, body=body)

    def _within(
        self, expression: str | None, whole: str, *, answer: str = "response", body: str = "body"
    ) -> str:
        """Source text of a part of an answer or a body, which are `answer` and `body`."""
        if not expression:
            return whole
        request = self.request
        return of_expression(
            parse(expression),
            actor=self.actor,
            path=request.path,
            row_of=request.row_of,
            answer=answer,
            body=body,
        )
