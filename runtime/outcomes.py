"""Outcomes of a test beside passed and failed: what the test needs could not be had."""

from __future__ import annotations

from typing import Final

from _pytest.outcomes import Skipped  # pytest.skip.Exception, which has no type

NOT_REACHED: Final = "not reached"
OUTCOME: Final = "gen_suite.outcome"
"""Name of the report property that holds an outcome which pytest has no word for."""


class NotReached(Skipped):
    """What a test needs failed elsewhere, so that it shows nothing: `reason` says what.

    For pytest and Hypothesis it is a skip, so nothing shrinks it; results file, coverage and terminal
    call it "not reached".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
