"""The line that says how far a run is."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gen_suite.runtime.progress import Progress, duration

TESTS = """
    import pytest

    @pytest.mark.parametrize("number", range(20))
    def test_a(number):
        assert number != 7
"""


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def lines(progress: Progress, clock: Clock, seconds: float) -> list[str]:
    """What is shown of a run whose tests take so long each."""
    shown = []
    for _ in range(progress.total):
        clock.now += seconds
        shown.append(progress.advance())
    return [line for line in shown if line]


def test_a_log_gets_a_line_for_each_tenth_with_the_time_left() -> None:
    clock = Clock()
    shown = lines(Progress(terminal=False, total=3000, clock=clock), clock, 0.1)
    assert len(shown) == 10
    assert shown[0] == "300 of 3,000 tests (10 %), 0 failed, about 4 min 30 s left"
    assert shown[8] == "2,700 of 3,000 tests (90 %), 0 failed, about 30 s left"
    assert shown[9] == "3,000 of 3,000 tests (100 %), 0 failed, in 5 min 0 s"


def test_a_log_of_slow_tests_gets_a_line_every_half_minute() -> None:
    clock = Clock()
    shown = lines(Progress(terminal=False, total=20, clock=clock), clock, 15.0)
    assert [line.partition(" ")[0] for line in shown] == [str(n) for n in range(2, 21, 2)]


def test_a_terminal_gets_a_line_five_times_a_second() -> None:
    clock = Clock()
    shown = lines(Progress(terminal=True, total=100, clock=clock), clock, 0.11)
    assert len(shown) == 50


def test_no_time_is_told_before_anything_is_known() -> None:
    clock = Clock()
    progress = Progress(terminal=True, total=100, clock=clock)
    clock.now = 60.0  # workers start
    assert progress.advance() == "1 of 100 tests (1 %), 0 failed"
    clock.now = 64.0
    assert progress.advance() == "2 of 100 tests (2 %), 0 failed, about 6 min 32 s left"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (59.4, "59 s"), (60, "1 min 0 s"), (130, "2 min 10 s"), (3900, "1 h 5 min")],
)
def test_a_duration_is_said_as_a_person_would(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_run_shows_it_instead_of_a_sign_for_each_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    done = pytester.runpytest_inprocess(
        "-q", "-p", "gen_suite.runtime.progress", "-o", "console_output_style=classic"
    )
    text = done.stdout.str()
    assert "20 of 20 tests (100 %), 1 failed, in 1 s" in text
    assert "\r" not in text
    assert "...." not in text
    done.stdout.fnmatch_lines(["FAILED *test_a?7?*", "1 failed, 19 passed in *"])
