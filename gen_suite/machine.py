"""How busy this machine is, so that no limit of time is about that."""

from __future__ import annotations

import os
import time
from pathlib import Path

_LOAD = Path("/proc/loadavg")


def slowdown() -> float:
    """How many times longer than on an idle machine a process waits for its turn now; at least 1.0."""
    return max(1.0, _runnable() / (os.cpu_count() or 1))


def patience(seconds: float) -> float:
    """A limit stated for an idle machine, as long as it has to be on this one now."""
    return seconds * slowdown()


class Limit:
    """A limit of time that begins now: so many seconds of an idle machine, on a busy one as many more."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._since = time.monotonic()

    @property
    def is_over(self) -> bool:
        waited = time.monotonic() - self._since
        return waited > self.seconds and waited > patience(self.seconds)


def is_asleep(process: int) -> bool:
    """Whether a process waits for something else than a processor; True where that cannot be told."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state in "SI"


def _runnable() -> float:
    """How many processes want a processor: now, or on average over the last minute if that is more."""
    try:
        average = os.getloadavg()[0]
    except (AttributeError, OSError):
        return 0.0
    try:
        now = float(_LOAD.read_text().split()[3].partition("/")[0])
    except (OSError, ValueError, IndexError):
        return average
    return max(average, now)
