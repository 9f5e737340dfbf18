"""Evidence: what a failure report keeps of the test's last steps."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from .secrets import mask_headers, mask_text

if TYPE_CHECKING:
    import httpx

    from .database import Changes, Check

LONGEST = 2_000
"""Characters shown of one body: more than a screen is no help."""

RAISED = 200
"""Characters kept of the line of an exception."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; `seconds` from sending to the whole answer."""

    operation: str
    actor: str | None
    request: httpx.Request
    response: httpx.Response
    seconds: float


class Trial(Protocol):
    """Something a test brings about and cannot force: a fault that must fire, a race that must meet.

    `failure` is what a fault makes happen, "" for others; `verdict` what went wrong, once it is known.
    """

    failure: str
    verdict: str

    @property
    def shown(self) -> Check:
        """Whether it happened; without that the test shows nothing."""


@dataclass
class Evidence:
    """What the running test did so far; cleared before each Hypothesis example."""

    exchanges: list[Exchange] = field(default_factory=list)
    changes: list[Changes] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    answers: set[tuple[str, int, str]] = field(default_factory=set)
    """(operation, status, media type of the request) of all answers since they were taken last."""
    watched_from: int = 0
    """How many exchanges there were when the last watch began."""
    verdict: str = ""
    column: str = ""
    """The field that the verdict is about."""
    app_log: str = ""
    observer: Callable[[Exchange], None] = lambda exchange: None
    """Is told of each exchange."""

    def saw(self, what: Any) -> None:
        """Keep what the database tells of: a watch that begins, or a trial."""
        if hasattr(what, "shown"):
            self.trials.append(what)
        else:
            self.changes.append(what)
            self.watched_from = len(self.exchanges)

    def unshown(self) -> str:
        """Why a test in which nothing failed shows nothing all the same, "" when it does show something."""
        for trial in self.trials:
            if not (trial.shown.ok and trial.shown.known):
                return repr(trial.shown)
        return "; ".join(changes.untold for changes in self.changes if changes.untold)

    def keep(self, exchange: Exchange) -> None:
        """Keep one request with its answer."""
        self.exchanges.append(exchange)
        sent = exchange.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        self.answers.add((exchange.operation, exchange.response.status_code, sent))
        self.observer(exchange)

    def take_answers(self) -> list[tuple[str, int, str]]:
        """The answers since they were taken last, in a fixed order."""
        taken = sorted(self.answers)
        self.answers.clear()
        return taken

    @property
    def raised(self) -> str:
        """The last exception that the application logged, in one line; "" when it logged none."""
        return last_exception(self.app_log)

    def clear(self) -> None:
        self.exchanges.clear()
        self.watched_from = 0
        self.changes.clear()
        self.trials.clear()
        self.findings.clear()
        self.verdict = self.column = ""
        self.app_log = ""

    def report(self) -> str:
        """One screen: verdict, what was sent, what was claimed, which rows changed, the app's log.

        The whole is masked; what is cut is so before too, or a part of a secret would be left.
        """
        parts = [f"verdict    {self.verdict}"] if self.verdict else []
        parts += [_exchange(exchange) for exchange in self.exchanges[-2:]]
        parts += [_block("trial", repr(trial)) for trial in self.trials]
        if self.changes:
            rows = "\n".join(str(change) for change in self.changes[-1]) or "none"
            parts.append(_block("rows", rows))
        if self.app_log:
            parts.append(_block("app log", mask_text(self.app_log)[-LONGEST:]))
        return mask_text("\n\n".join(parts))


def _exchange(exchange: Exchange) -> str:
    request, response = exchange.request, exchange.response
    who = exchange.actor or "no credentials"
    sent = f"{request.method} {request.url.raw_path.decode()}  as {who}"
    answer = f"{response.status_code} {response.reason_phrase}  in {exchange.seconds * 1000:.0f} ms"
    return "\n".join(
        [
            _block("sent", f"{sent}\n{_headers(request.headers)}{_body(request.content)}"),
            _block("claimed", f"{answer}\n{_body(response.content)}"),
        ]
    )


def _headers(headers: Mapping[str, str]) -> str:
    plain = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length"}
    shown = {name: value for name, value in headers.items() if name.lower() not in plain}
    return "".join(f"{name}: {value}\n" for name, value in mask_headers(shown).items())


def _body(content: bytes) -> str:
    try:
        value: Any = json.loads(content)
    except ValueError:
        return mask_text(content.decode(errors="backslashreplace"))[:LONGEST]
    return mask_text(json.dumps(value, indent=1, ensure_ascii=False))[:LONGEST]


def _block(title: str, text: str) -> str:
    lines = text.rstrip().splitlines() or [""]
    return f"{title:<11}" + ("\n" + " " * 11).join(lines)


_EXCEPTION = re.compile(
    r"^(?:\s*(?:Uncaught |Caused by: )?)"
    r"((?:[A-Za-z_$][\w$]*[.:]{1,2})*[A-Z]\w*(?:Error|Exception|Violation|Warning|Fault|Panic)\b.*)$"
)


def last_exception(log: str) -> str:
    """The last line of a log that names an exception: of Python, Java, Ruby, Node, PHP or .NET."""
    for line in reversed(log.splitlines()):
        if named := _EXCEPTION.match(line):
            return named.group(1).strip()[:RAISED]
    return ""
