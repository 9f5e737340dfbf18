"""Evidence: what a failure report keeps of the test's last steps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .secrets import mask_headers, mask_text

if TYPE_CHECKING:
    import httpx

    from .database import Changes

LONGEST = 2_000
"""Characters shown of one body: more than a screen is no help."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; `seconds` from sending to the whole answer."""

    operation: str
    actor: str | None
    request: httpx.Request
    response: httpx.Response
    seconds: float


@dataclass
class Evidence:
    """What the running test did so far; cleared before each Hypothesis example."""

    exchanges: list[Exchange] = field(default_factory=list)
    changes: list[Changes] = field(default_factory=list)
    verdict: str = ""
    app_log: str = ""

    def clear(self) -> None:
        self.exchanges.clear()
        self.changes.clear()
        self.verdict = ""
        self.app_log = ""

    def report(self) -> str:
        """One screen: verdict, what was sent, what was claimed, which rows changed, the app's log."""
        parts = [f"verdict    {self.verdict}"] if self.verdict else []
        parts += [_exchange(exchange) for exchange in self.exchanges[-2:]]
        if self.changes:
            rows = "\n".join(str(change) for change in self.changes[-1]) or "none"
            parts.append(_block("row changes", rows))
        if self.app_log:
            parts.append(_block("app log", mask_text(self.app_log[-LONGEST:])))
        return "\n\n".join(parts)


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
        return content[:LONGEST].decode(errors="backslashreplace")
    return mask_text(json.dumps(value, indent=1, ensure_ascii=False))[:LONGEST]


def _block(title: str, text: str) -> str:
    lines = text.rstrip().splitlines() or [""]
    return f"{title:<11}" + ("\n" + " " * 11).join(lines)
