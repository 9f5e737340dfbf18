"""One request that a test sends more than once: written out where it is short, else given a name."""

from __future__ import annotations

from dataclasses import dataclass

from .code import INDENT, WIDTH, call, literal
from .stressed import StressedRequest

MADE_ANEW = ("unique()", "str(uuid4())", "uuid4().hex")
"""Source text of values that differ from call to call."""
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
        return self.always or len(self.request.call()) > LONGEST

    @property
    def lines(self) -> str:
        """The lines that name it; none where it is written out."""
        if not self.named:
            return ""
        request = self.request if self.with_body else self.request.with_body("sent")
        if any(made in request.call() for made in MADE_ANEW):
            taken = "" if self.with_body else "sent: Body"
            sent = request.call(depth=2, head="return")
            return f"\ndef send({taken}) -> Response:\n{INDENT}{sent}\n"
        return self._partial(request)

    def _partial(self, request: StressedRequest) -> str:
        operation = request.subject.operation
        options = [o for o in request.options if self.with_body or not o.endswith("=sent")]
        arguments = [f"api.{operation.method.lower()}", literal(operation.path), *options]
        return call("send = partial", [*arguments, *request.caller])

    def now(self, head: str = "response =", depth: int = 2, *, newer: bool = False) -> str:
        """The line that sends it; with a `newer` ETag than that of the first time, if it has one."""
        if not self.named:
            return self.request.call(depth=depth, head=head)
        bound = newer and self.request.needs_etag and "def send(" not in self.lines
        headers = [o for o in self.request.options if o.startswith("headers=")] if bound else []
        return call(f"{head} send", headers, depth=depth)

    def of(self, *bodies: str) -> str:
        """The line that makes `first` and `second` of it, each with its body."""
        if "def send(" in self.lines:
            made = [f"partial(send, {body})" for body in bodies]
        else:
            made = [f"partial(send, {self.request.body_option}={body})" for body in bodies]
        return f"first, second = {', '.join(made)}"
