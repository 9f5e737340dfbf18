"""Whether an operation's success can be had in this run, told by the answers to its valid requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

SUCCESS = "success"
"""The concern whose tests send valid requests only."""


class Reachability:
    """What the valid requests of each operation were answered so far.

    A test of another concern of an operation none of whose valid requests got through shows nothing
    when it sees the very answers that these got: a 422 for a body with a fault is no proof where the
    body without it gets a 422 too, and a write that did not happen is one fault, not thirty. Of the
    tests that send valid requests the first one shows it.
    """

    def __init__(self) -> None:
        self._refused: dict[str, set[int]] = defaultdict(set)
        self._shown: dict[str, set[int]] = defaultdict(set)
        self._succeeded: set[str] = set()

    def saw(self, operation: str, status: int, *, valid: bool) -> None:
        """An answer came; `valid`: to a request that should succeed."""
        if status < 400:
            self._succeeded.add(operation)
        elif valid:
            self._refused[operation].add(status)

    def forget_shown(self, operation: str) -> None:
        """The test that showed it counts for nothing: another one has to."""
        self._shown.pop(operation, None)

    def is_known(self, operation: str) -> bool:
        """Whether some request of the operation succeeded, or a valid one was refused."""
        return operation in self._succeeded or operation in self._refused

    def obstacle(self, operation: str, statuses: Sequence[int], *, valid: bool = False) -> str:
        """Why a test that got these answers of the operation shows nothing, "" when it shows something.

        `valid`: it sends valid requests itself, so that the first such test shows what others then do
        not show again.
        """
        if operation in self._succeeded or not statuses:
            return ""
        refused = self._refused.get(operation, set())
        if not refused.issuperset(statuses):
            return ""
        if valid and not self._shown[operation].issuperset(statuses):
            self._shown[operation].update(statuses)
            return ""
        listed = ", ".join(map(str, sorted(refused)))
        return f"{operation} answers {listed} to every valid request"
