"""One request that a test sends more than once: written out where it is short, else given a name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .code import INDENT, WIDTH, call, literal, signature
from .rows import MADE_ANEW
from .stressed import StressedRequest

LONGEST = WIDTH - 3 * len(INDENT)
"""Of a request that is written out, within two `with` of a function."""


@dataclass(frozen=True)
class Sending:
    """How a test sends a request again and again.

    `always` gives it a name even where it is short. Without `with_body` the body is left to the call.
    """

    request: StressedRequest
    always: bool = False
    with_body: bool = True

    @property
    def named(self) -> bool:
        """It is long enough to be given a name, `send`."""
        return self.always or (not self.by_fixture and len(self.request.call()) > LONGEST)

    def given(self, body: str) -> Sending:
        """The same with the source text of a body that nothing else in the test speaks of."""
        return replace(self, request=self.request.given(body)) if self.with_body else self

    @property
    def by_fixture(self) -> bool:
        """The module's fixture sends it."""
        return self.request.is_sent_by_fixture

    @property
    def lines(self) -> str:
        """The lines that name it; none where it is written out."""
        if not self.named:
            return ""
        if self.by_fixture:
            request = self.request if self.with_body else self.request.bare_of_body
            line = request.partial_call("send")
            return "" if line == f"send = {self._sends}" and not self.with_body else line
        request = self.request if self.with_body else self.request.with_body("sent")
        if any(made in request.call() for made in MADE_ANEW):
            taken = [] if self.with_body else ["sent: Body"]
            sent = request.call(depth=2, head="return")
            typed = request.subject.resolved.mapping.typed
            head = signature("send", taken, "Response", typed=typed)
            return f"\n{head}\n{INDENT}{sent}\n"
        return self._partial(request)

    @property
    def _sends(self) -> str:
        """The fixture that sends it."""
        return self.request.fixture.name if self.request.fixture else ""

    def _partial(self, request: StressedRequest) -> str:
        operation = request.subject.operation
        options = [o for o in request.options if self.with_body or not o.endswith("=sent")]
        arguments = [f"api.{operation.method.lower()}", literal(operation.path), *options]
        return call("send = partial", [*arguments, *request.caller])

    def now(self, head: str = "response =", depth: int = 2, *, newer: bool = False) -> str:
        """The line that sends it; with a `newer` ETag than that of the first time, if it has one."""
        if not self.named:
            return self.request.call(depth=depth, head=head)
        if self.by_fixture:
            etag = ["etag=etag"] if newer and self.request.needs_etag else []
            return call(f"{head} send", etag, depth=depth)
        bound = newer and self.request.needs_etag and "def send(" not in self.lines
        headers = [o for o in self.request.options if o.startswith("headers=")] if bound else []
        return call(f"{head} send", headers, depth=depth)

    def of(self, *bodies: str) -> str:
        """The line that makes `first` and `second` of it, each with its body."""
        by_place = self.by_fixture or "def send(" in self.lines
        given = "" if by_place else f"{self.request.body_option}="
        send = "send" if self.lines or not self.by_fixture else self._sends
        made = [f"partial({send}, {given}{body})" for body in bodies]
        return f"first, second = {', '.join(made)}"
