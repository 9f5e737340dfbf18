"""Whether the application remembers what undo took back: a read whose answer must be as it was before.

Rows vanish behind the application's back when a test ends. One that keeps rows in memory (an identity map
that outlives the request, a cache, a counter) may go on showing them, or break on them, and then later
tests fail for what an earlier one did. So for each operation the list that shows its rows is read before
its first test, while that test's rows are there, and after they were taken back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import GenSuiteError
from .actors import ANONYMOUS

if TYPE_CHECKING:
    from ..spec.model import Document, Operation
    from .client import Client

Answer = tuple[int, bytes]


class Canary:
    """Reads the list beside an operation, as the first caller who may."""

    def __init__(self, document: Document, client: Client, actors: Iterable[str]) -> None:
        self._gets = {o.path: o for o in document.operations if o.method == "GET" and _bare(o)}
        self._client = client
        self._actors = [*actors, ANONYMOUS]
        self._before: dict[str, tuple[str, Answer] | None] = {}

    def read_before(self, operation: str) -> None:
        """Keep what the list beside an operation shows; one that differs from read to read is left alone."""
        path = self._path(operation)
        if not path or path in self._before:
            return
        self._before[path] = None
        for actor in self._actors:
            answer = self._read(path, actor)
            if answer is not None and answer[0] < 300:
                stable = self._read(path, actor) == answer
                self._before[path] = (actor, answer) if stable else None
                return

    def read(self, operation: str) -> None:
        """Read it while the rows of a test are there, so that a cache would hold them."""
        path = self._path(operation)
        if before := self._before.get(path):
            self._read(path, before[0])

    def differs(self, operation: str) -> str:
        """How the list beside an operation differs from what it was before any test, "" if it does not."""
        path = self._path(operation)
        before = self._before.get(path)
        if before is None:
            return ""
        actor, answer = before
        now = self._read(path, actor)
        if now is None or now == answer:
            return ""
        what = f"{now[0]}" if now[0] != answer[0] else "other rows"
        return f"GET {path} answers {what} after the rows of {operation} were taken back"

    def drop(self, operation: str) -> None:
        """That list changes by itself: it tells nothing."""
        self._before[self._path(operation)] = None

    def _path(self, operation: str) -> str:
        """The list nearest to an operation: the longest path above it, or its own, that a bare GET has."""
        _, _, path = operation.partition(" ")
        while path and path not in self._gets:
            path = path.rpartition("/")[0]
        return path

    def _read(self, path: str, actor: str) -> Answer | None:
        try:
            response = self._client.get(path, actor=actor)
        except GenSuiteError:
            return None
        return response.status_code, response.content


def _bare(operation: Operation) -> bool:
    """A GET that needs nothing but its address."""
    return "{" not in operation.path and not any(p.required for p in operation.parameters)
