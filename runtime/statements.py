"""How many statements an application sends for one page of a list, or reads for one bulk request.

They are counted on the wire between a second instance of the application and the database server.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .database import Check, Unsupported
from .outcomes import NotReached

if TYPE_CHECKING:
    from httpx import Response

    from .client import Client
    from .listing import Listing
    from .wire import Wire

TRIES = 3
"""A pool may open a connection in the middle of one try: the least of several counts."""

QUIET_SECONDS = 0.02
"""How long nothing may be said on the wire before a request is over."""

READS = ("select", "with", "table", "show")
"""First words of statements that read. What a bulk request writes is one statement for each row in
most applications, and no fault; what it reads need not grow with it."""

AROUND = ("begin", "start", "commit", "rollback", "savepoint", "release", "set", "discard", "")
"""First words of what pools and transactions say around statements, sooner or later."""


_VALUE = re.compile(r"'(?:[^'\\]|\\.|'')*'|\b\d+(?:\.\d+)?\b")


@dataclass
class Asked:
    """The statements behind one page; `wanted` rows were to be on it, `rows` came.

    Of a bulk request, those that read; `rows` are then its elements.
    """

    path: str
    wanted: int
    rows: int
    statements: Sequence[str]
    failure: str = ""
    verdict: str = ""
    method: str = "GET"

    @property
    def shown(self) -> Check:
        """Whether as many rows came as were to be counted for."""
        reason = f"GET {self.path} shows {self.rows} rows on a page of {self.wanted}"
        return Check(self.rows == self.wanted, reason)

    def no_more_than(self, few: Asked) -> Check:
        """Holds when as many statements, or fewer, were behind this page as behind one of few rows."""
        if len(self.statements) <= len(few.statements):
            return Check(True)
        more = Counter(map(_shape, self.statements)) - Counter(map(_shape, few.statements))
        statement, times = more.most_common(1)[0]
        self.verdict = (
            f"{self.method} {self.path} asks the database {len(self.statements)} times for {self.rows} rows, "
            f"{len(few.statements)} times for {few.rows}: {times} times more `{_short(statement)}`"
        )
        return Check(False, self.verdict)

    def __repr__(self) -> str:
        return (
            f"{len(self.statements)} statements for {self.rows} rows of {self.method} {self.path}"
        )


@dataclass(frozen=True)
class Statements:
    """Counts; `open_wire` gives a client of an application and the wire it speaks over, once."""

    open_wire: Callable[[], tuple[Client, Wire]]

    def of(self, listing: Listing, *, rows: int, **request: Any) -> Asked:
        """What one page of so many rows takes; `request` is what `api.get` takes: `actor`, `path`.

        Raises Unsupported where the engine is no server, or the application comes by another way.
        """
        client, wire = self.open_wire()
        params = listing.sized(rows)
        found: list[list[str]] = []
        for _ in range(1 + TRIES):  # the first fills caches
            wire.take()
            page = listing.of(client.get(listing.path, params=params, **request))
            found.append(_until_quiet(wire))
        _came(found)
        least = min(found[1:], key=len)
        asked = Asked(listing.path, params.get(listing.size, rows), len(page), least)
        client.evidence.saw(asked)
        return asked

    def behind(self, send: Callable[[Client, int], Response], elements: int) -> Asked:
        """What a bulk request of so many elements reads; `send` makes a new one each time.

        Raises Unsupported as `of` does, NotReached where the request is refused.
        """
        client, wire = self.open_wire()
        found: list[list[str]] = []
        for _ in range(1 + TRIES):  # the first fills caches
            wire.take()
            response = send(client, elements)
            if not response.is_success:
                raise NotReached(
                    f"{response.request.method} {response.request.url.path} with "
                    f"{elements} elements answers {response.status_code}"
                )
            found.append(_until_quiet(wire))
        _came(found)
        least = min(map(_reads, found[1:]), key=len)
        path, method = response.request.url.path, response.request.method
        asked = Asked(path, elements, elements, least, method=method)
        client.evidence.saw(asked)
        return asked


def _came(found: Sequence[Sequence[str]]) -> None:
    if not any(found):
        raise Unsupported(
            "no statement came over the wire: target.app does not take its database from "
            "{database_url}"
        )


def _reads(statements: Sequence[str]) -> list[str]:
    return [one for one in statements if _first_word(one) in READS]


def _until_quiet(wire: Wire) -> list[str]:
    """The statements that were said, once nothing is said any more; those of transactions left out."""
    said = wire.take()
    while True:
        time.sleep(QUIET_SECONDS)
        more = wire.take()
        if not more:
            break
        said += more
    return [one for one in said if _first_word(one) not in AROUND]


def _first_word(statement: str) -> str:
    words = statement.strip(" \n\t;(").split(None, 1)
    return words[0].lower().rstrip(";") if words else ""


def _shape(statement: str) -> str:
    """A statement without its values: those differ from row to row, and may be nobody's business."""
    return _VALUE.sub("?", statement)


def _short(statement: str) -> str:
    one_line = " ".join(statement.split())
    return one_line if len(one_line) <= 120 else f"{one_line[:117]}..."
