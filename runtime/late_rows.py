"""Rows that an application writes after its answer: waited for before they get into another watch."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..machine import Limit

if TYPE_CHECKING:
    from ..mapping.resolved import Write
    from .database import Database
    from .database.engine import Mark

POLL_SECONDS = 0.02
LONGEST = 3.0
"""Seconds that are waited at most, whatever `within` allows: nothing is asserted here."""


@dataclass
class LateRows:
    """The late rows of the operations that succeeded since `begin`.

    Only for what the application does by itself: what a worker does, it does while a test runs it.
    """

    database: Database
    writes: Mapping[str, Write]
    _since: Mark | None = None
    _due: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Nothing is on its way from here on."""
        self._since, self._due = self.database.mark(), []

    def succeeded(self, operation: str) -> None:
        """A request of this operation was answered with a success."""
        write = self.writes.get(operation)
        if write is not None and any(change.within is not None for change in write.changes):
            self._due.append(operation)

    def arrived(self) -> None:
        """Return when all late rows are there, or have had their time."""
        if self._due and self._since is not None:
            expected: Counter[str] = Counter()
            for name in self._due:
                expected += _steps(self.writes[name])
            changes, limit = self.database.since(self._since), Limit(LONGEST)
            while not (expected <= Counter(step.table for step in changes.steps) or limit.is_over):
                time.sleep(POLL_SECONDS)
        self.begin()


def _steps(write: Write) -> Counter[str]:
    """By table in which something comes late: how many row changes there are in the end, at least."""
    late = {change.table for change in write.changes if change.within is not None}
    own = [write.resource.table] if write.resource is not None and write.kind else []
    steps = Counter(table for table in own if table in late)
    for change in write.changes:
        if change.table in late and (change.rows != "any" or change.within is not None):
            steps[change.table] += change.rows if isinstance(change.rows, int) else 1
    return steps
