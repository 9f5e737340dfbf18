"""What changed since a base, and the gates of a build."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gen_suite.errors import UsageError
from gen_suite.matrix.build import Matrix
from gen_suite.matrix.cell import Cell, State
from gen_suite.matrix.comparison import Comparison, compare
from gen_suite.matrix.coverage import Coverage, after_run, gaps
from gen_suite.matrix.gates import not_met, read_gates
from gen_suite.matrix.report import format_named
from gen_suite.matrix.report.view import View
from gen_suite.matrix.results import Results, Run, TestResult

ORDERS, REFUNDS = "POST /orders", "POST /refunds"


def matrix(*operations: str, risk: str = "medium") -> Matrix:
    return Matrix(
        "Shop",
        tuple(
            Cell(operation, concern, State.PLANNED, risk=risk)
            for operation in operations
            for concern in ("success", "rollback")
        ),
    )


def run(*cells: tuple[str, str], failed: tuple[str, str] | None = None) -> Results:
    tests = tuple(
        TestResult(f"{cell}", "failed" if cell == failed else "passed", 0.1, (cell,))
        for cell in cells
    )
    return Results("2026-01-01T00:00:00+00:00", 1.0, tests)


BOTH = ((ORDERS, "success"), (ORDERS, "rollback"))


def compared(planned: Matrix, now: Results, base: Results) -> Comparison:
    return compare(planned, after_run(planned, now), base)


def test_what_is_tested_now_and_was_not_is_newly_covered() -> None:
    changed = compared(matrix(ORDERS), run(*BOTH), run(BOTH[0]))
    assert [cell.concern for cell in changed.covered] == ["rollback"]
    assert (changed.before, changed.now) == (Coverage(1, 2), Coverage(2, 2))
    assert changed.regressions == ()


def test_what_was_tested_and_is_not_is_newly_lost() -> None:
    changed = compared(matrix(ORDERS), run(*BOTH, failed=BOTH[1]), run(*BOTH))
    assert [cell.concern for cell in changed.lost] == ["rollback"]
    assert changed.regressions == (
        "POST /orders rollback was tested and is failed now",
        "50.0 % of the cells are tested, 100.0 % were",
    )


def test_an_endpoint_that_the_base_did_not_know_is_new() -> None:
    changed = compared(matrix(ORDERS, REFUNDS), run(*BOTH), run(*BOTH))
    assert (changed.new, changed.new_untested) == ((REFUNDS,), (REFUNDS,))
    assert changed.lost == ()
    assert changed.before == Coverage(2, 2)
    assert changed.regressions == ("50.0 % of the cells are tested, 100.0 % were",)
    tested = compared(matrix(ORDERS, REFUNDS), run(*BOTH, (REFUNDS, "success")), run(*BOTH))
    assert (tested.new, tested.new_untested) == ((REFUNDS,), ())


def test_an_endpoint_that_the_base_knew_untested_is_not_new() -> None:
    base = replace(run(*BOTH), runs=(Run("2026", operations={REFUNDS: "0" * 16}),))
    changed = compared(matrix(ORDERS, REFUNDS), run(*BOTH), base)
    assert changed.new == ()
    assert changed.regressions == ()


@pytest.mark.parametrize("name", ["terminal", "markdown", "html", "json"])
def test_every_format_says_what_changed(name: str) -> None:
    planned = matrix(ORDERS, REFUNDS)
    now = run(*BOTH, failed=BOTH[1])
    after = after_run(planned, now)
    view = View(after, now, width=200, comparison=compare(planned, after, run(*BOTH)))
    text = format_named(name).gaps(view)
    assert "POST /refunds" in text
    assert "new_untested" in text if name == "json" else "new, with nothing tested" in text
    assert "1 newly lost" in text


def reasons(*under: str, risk: str | None = None, matrix: Matrix, now: Results) -> list[str]:
    after = after_run(matrix, now)
    gates = read_gates(under, (risk,) if risk else (), False)
    return list(not_met(gates, after, now, gaps(after), None))


def test_a_gate_is_of_all_cells_or_of_one_concern() -> None:
    half = run(BOTH[0])
    assert reasons("50", "success=100", matrix=matrix(ORDERS), now=half) == []
    assert reasons("80", "rollback=70", matrix=matrix(ORDERS), now=half) == [
        "50.0 % tested, 80 % wanted",
        "rollback: 0.0 % tested, 70 % wanted",
    ]


def test_a_gate_of_risk_counts_that_risk_and_higher_ones() -> None:
    half = run(BOTH[0])
    for risk, met in (("high", True), ("medium", False), ("low", False)):
        found = reasons(risk=risk, matrix=matrix(ORDERS), now=half)
        assert found == (
            [] if met else [f"1 untested cell of {risk} risk, as POST /orders rollback"]
        )


def test_a_gate_of_failures_names_the_first() -> None:
    failed = run(*BOTH, failed=BOTH[1])
    gates = read_gates((), ("failed",), False)
    assert list(not_met(gates, matrix(ORDERS), failed, (), None)) == [
        "1 test failed, as ('POST /orders', 'rollback')"
    ]
    assert list(not_met(gates, matrix(ORDERS), run(*BOTH), (), None)) == []


def test_a_gate_of_regression_names_the_first() -> None:
    changed = compared(matrix(ORDERS), run(*BOTH, failed=BOTH[1]), run(*BOTH))
    gates = read_gates((), (), True)
    assert list(not_met(gates, matrix(ORDERS), run(), (), changed)) == [
        "worse than before: POST /orders rollback was tested and is failed now (+1 more)"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rolback=70", "there is no concern 'rolback'"),
        ("rollback=many", "'many' is no percentage"),
        ("101", "'101' is no percentage"),
        ("nan", "'nan' is no percentage"),
    ],
)
def test_what_is_no_gate_is_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_gates((text,), (), False)
