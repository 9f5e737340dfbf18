"""Findings: what a run learned that nobody promised, so that no test may call it right or wrong."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..matrix.findings import NO_ROWS
from .database.row import DONE

if TYPE_CHECKING:
    import httpx

    from .database import Changes
    from .evidence import Evidence


class Findings:
    """Keeps findings of the running test for the results file."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def add(self, text: str) -> None:
        """Keep one sentence."""
        self._evidence.findings.append(text)

    def repeated(self, again: httpx.Response, changes: Changes) -> None:
        """Keep what the repeat of a request was answered, and what it changed."""
        label = self._evidence.exchanges[-1].operation
        self.add(
            f"{label} sent twice: the second is answered {again.status_code}, {_told(changes)}"
        )


def _told(changes: Changes) -> str:
    counts = Counter((change.table, DONE[change.kind]) for change in changes)
    if not counts:
        return NO_ROWS
    parts = [f"{n} row{'s' * (n > 1)} {done} in {table}" for (table, done), n in counts.items()]
    return ", ".join(parts)
