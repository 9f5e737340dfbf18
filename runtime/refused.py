"""`refused`: what a refusal is, said once: the right status, a documented answer, and no row written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from .contract import conforms
from .database.changes import Check

if TYPE_CHECKING:
    import httpx

    from .client import Send
    from .database import Database

Expected: TypeAlias = "int | Container[int] | Callable[..., Check]"
"""A status, several, or one of `rejected`, `unauthenticated`, `forbidden`."""


class ConcernError(AssertionError):
    """A failed check of a test that is about one concern; `held`: what the test is about did hold."""

    __module__ = "builtins"  # reports name it without a module, as they do AssertionError

    def __init__(self, message: str, concern: str, *, held: bool) -> None:
        super().__init__(message)
        self.concern = concern
        self.held = held


@dataclass(frozen=True)
class Refused:
    """Sends a request that must be refused: `refused(forbidden, create_order, actor="vera")`.

    `carriers` are the tables whose rows are messages.
    """

    database: Database
    carriers: Collection[str] = ()

    def __call__(
        self, expected: Expected, send: Send, *arguments: Any, **different: Any
    ) -> httpx.Response:
        """The answer. AssertionError when it is no such refusal, when rows changed all the same, or
        when the spec does not document it."""
        __tracebackhide__ = True  # pytest shows the line of the test
        with self.database.watch() as changes:
            response = send(*arguments, **different)
        if not (check := _is_expected(response, expected, different.get("change"))):
            raise AssertionError(repr(check))
        if not (check := changes.none()):
            written = {*changes.tables}
            if written and written <= {*self.carriers}:
                raise ConcernError(f"refused, and {check!r}", "effects", held=False)
            raise AssertionError(f"refused, and {check!r}")
        if not (check := conforms(response)):
            raise ConcernError(repr(check), "contract", held=True)
        return response


def _is_expected(response: httpx.Response, expected: Expected, change: Any) -> Check:
    status = response.status_code
    if callable(expected):
        return expected(response, change) if change is not None else expected(response)
    wanted = (expected,) if isinstance(expected, int) else expected
    said = "a refusal" if isinstance(expected, range) else expected
    return Check(status in wanted, f"answered {status}, not {said}")
