"""Failures of a run, grouped by likely cause."""

from __future__ import annotations

from typing import Any

from gen_suite.matrix.causes import causes, summary, unreached
from gen_suite.matrix.results import Results, TestResult


def ran(name: str, operation: str, status: int, **more: Any) -> TestResult:
    outcome = more.pop("outcome", "failed")
    concern = more.pop("concern", "persistence")
    covers = ((operation, concern),)
    return TestResult(name, outcome, 0.1, covers, operation=operation, status=status, **more)


def run(*tests: TestResult) -> Results:
    return Results("2026-01-01T00:00:00+00:00", 1.0, tests)


def texts(*tests: TestResult) -> list[tuple[int, str]]:
    return [(len(cause.tests), cause.text) for cause in causes(run(*tests))]


def test_one_status_of_one_operation_is_one_cause_and_the_most_costly_comes_first() -> None:
    accounts = [ran(f"a{n}", "POST /accounts", 500, reason=f"reason {n}") for n in range(3)]
    other = ran("n", "POST /notes", 201, reason="assert 3 == 4")
    assert texts(other, *accounts) == [
        (3, "POST /accounts answers 500 to every request"),
        (1, "POST /notes: assert 3 == 4"),
    ]


def test_to_every_request_is_said_only_where_it_is_so() -> None:
    fine = ran("b", "POST /accounts", 201, outcome="passed")
    assert texts(ran("a", "POST /accounts", 500), fine) == [(1, "POST /accounts answers 500")]


def test_the_same_exception_in_several_operations_is_one_cause() -> None:
    tests = [
        ran("a", "POST /a", 500, raised="KeyError: 'owner' in row 7"),
        ran("b", "POST /b", 500, raised="KeyError: 'owner' in row 12"),
        ran("c", "POST /b", 500, raised="ValueError: too late"),
    ]
    assert texts(*tests) == [
        (2, "POST /a, POST /b broke: KeyError: 'owner' in row 7"),
        (1, "POST /b broke: ValueError: too late"),
    ]


def test_the_same_verdict_on_the_same_column_is_one_cause() -> None:
    verdict = "echoed and never stored"
    tests = [
        ran("a", "POST /a", 201, verdict=verdict, column="title", reason="r 1"),
        ran("b", "PUT /a", 200, verdict=verdict, column="title", reason="s 2"),
        ran("c", "PUT /a", 200, verdict=verdict, column="stars", reason="t 3"),
    ]
    assert texts(*tests) == [
        (2, "POST /a, PUT /a (title): echoed and never stored"),
        (1, "PUT /a (stars): echoed and never stored"),
    ]


def test_one_refusal_everywhere_asks_what_it_may_be() -> None:
    several = [ran(name, f"POST /{name}", 401) for name in "abcde"]
    assert texts(*several) == [
        (5, "POST /a and 4 more operations answer 401: is the token of the caller still good?")
    ]
    gone = [ran(name, "PATCH /a", 404) for name in "ab"]
    assert texts(*gone) == [
        (
            2,
            "PATCH /a answers 404 to every request: rows are arranged for another tenant or owner, "
            "perhaps",
        )
    ]


def test_failures_without_an_answer_are_grouped_by_what_they_say() -> None:
    tests = [
        TestResult(f"t{n}", "failed", 0.1, (("POST /a", "auth"),), f"no row {n} of customers")
        for n in range(2)
    ]
    assert texts(*tests) == [(2, "POST /a: no row 0 of customers")]


def test_each_cause_names_the_test_that_shows_it_best() -> None:
    tests = [
        ran("t.py::stores", "POST /a", 500),
        ran("t.py::succeeds", "POST /a", 500, concern="success"),
    ]
    assert summary(causes(run(*tests))) == [
        "2  POST /a answers 500 to every request",
        "   -> pytest 't.py::succeeds'",
    ]


def test_what_was_not_reached_is_counted_by_reason() -> None:
    tests = [
        ran(name, "POST /a", 500, outcome="not reached", reason="POST /a answers 500")
        for name in "ab"
    ]
    assert unreached(run(*tests)) == ["2 not reached: POST /a answers 500"]
    assert causes(run(*tests)) == ()


def test_another_status_in_an_assertion_is_another_cause() -> None:
    tests = [
        ran("a", "POST /a", 201, reason="assert 201 in (400, 422)"),
        ran("b", "POST /a", 201, reason="assert 201 in (400, 422)"),
        ran("c", "POST /a", 500, reason="assert 500 in (400, 422)"),
    ]
    assert texts(*tests) == [
        (2, "POST /a: assert 201 in (400, 422)"),
        (1, "POST /a answers 500"),
    ]


def test_rows_of_a_refused_request_are_the_cause_and_not_its_status() -> None:
    verdict = "POST /notes refused the request (401) and wrote all the same"
    failed = ran("a", "POST /notes", 401, verdict=verdict, reason="rows changed")
    assert texts(failed) == [(1, verdict)]
