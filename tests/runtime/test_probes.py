"""Effects that come later: waited for, and each state counted."""

import time
from collections.abc import Sequence

from gen_suite.runtime import comes_to


class Clock:
    """A probe of something else than rows: states that come one after the other."""

    def __init__(self, *states: str) -> None:
        self._states, self._start = states, time.monotonic()

    def seen(self) -> Sequence[str]:
        return self._states[: 1 + int((time.monotonic() - self._start) / 0.05)]

    def __repr__(self) -> str:
        return "the clock"


def test_it_waits_until_the_state_is_there_and_no_longer() -> None:
    start = time.monotonic()
    assert comes_to(Clock("queued", "running", "done"), "done", within=5.0)
    assert 0.05 < time.monotonic() - start < 2.0


def test_a_state_that_does_not_come_is_told_with_what_came() -> None:
    check = comes_to(Clock("queued"), "done", within=0.1)
    assert not check
    assert repr(check) == "the clock went through ('queued',) in 0.1 s, and not to 'done'"
