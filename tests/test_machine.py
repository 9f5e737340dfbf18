"""How busy the machine is, and limits of time that know."""

from __future__ import annotations

import subprocess
import sys

from gen_suite.machine import Limit, is_asleep, patience, slowdown


def test_a_limit_is_never_shorter_than_stated() -> None:
    assert slowdown() >= 1.0
    assert patience(5.0) >= 5.0
    assert not Limit(3600.0).is_over
    short = Limit(0.01)
    while not short.is_over:
        pass


MOST_LOOKS = 10_000_000
"""Looks at a process before it counts as stuck: minutes on any machine."""


def test_a_process_that_waits_is_told_from_one_that_works() -> None:
    waits = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    works = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        # While they start they may do the other thing: how long is up to the machine.
        seen_waiting = any(is_asleep(waits.pid) for _ in range(MOST_LOOKS))
        seen_working = any(not is_asleep(works.pid) for _ in range(MOST_LOOKS))
        assert seen_waiting
        assert seen_working
    finally:
        for process in (waits, works):
            process.kill()
            process.wait()
