"""`@covers`: tells the matrix what a test is about, and Hypothesis that its examples are requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from .profiles import active_profile

Test = TypeVar("Test", bound=Callable[..., Any])

HYPOTHESIS_DEFAULT = 100


def covers(operation: str, *concerns: str) -> Callable[[Test], Test]:
    """Mark a test as one of `operation` ("POST /orders") x each of `concerns` ("persistence").

    The first concern is what the test is about; an assertion that fails and is about another one of
    them, as `conforms` is about the contract, fails the cell of that one (`runtime.attribution`).

    On a Hypothesis test it also settles what holds for every test that sends requests: no deadline,
    fixtures shared by the examples (their rows are undone after each), and the number of examples of
    the profile, unless the test or its Hypothesis profile says otherwise.
    """

    def decorate(test: Test) -> Test:
        if getattr(test, "is_hypothesis_test", False):
            _settle(test)
        marked: Test = pytest.mark.covers(operation, *concerns)(test)
        return marked

    return decorate


def _settle(test: Any) -> None:
    from hypothesis import HealthCheck, settings

    chosen = test._hypothesis_internal_use_settings
    wanted = active_profile().examples
    test._hypothesis_internal_use_settings = settings(
        chosen,
        deadline=None,
        max_examples=wanted if chosen.max_examples == HYPOTHESIS_DEFAULT else chosen.max_examples,
        suppress_health_check=[
            *chosen.suppress_health_check,
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
        ],
    )
