"""Passed cells some of whose tests were skipped: they count, and every report says so."""

import json

import pytest

from gen_suite.matrix.build import Matrix
from gen_suite.matrix.cell import Cell, State
from gen_suite.matrix.coverage import after_run
from gen_suite.matrix.report import FORMATS, format_named
from gen_suite.matrix.report.view import View
from gen_suite.matrix.results import Results, TestResult

LABEL = "POST /orders"
REASON = "5 of 6 tests skipped: no COMMIT fault"


def view(*, skipped: int) -> View:
    cells = [Cell(LABEL, name, State.PLANNED) for name in ("success", "rollback")]
    tests = [TestResult("s", "passed", 0.1, ((LABEL, "success"),))]
    tests += [
        TestResult(
            f"r{n}", "skipped" if n else "passed", 0.1, ((LABEL, "rollback"),), "no COMMIT fault"
        )
        for n in range(skipped + 1)
    ]
    results = Results("2026-01-01T00:00:00+00:00", 1.0, tuple(tests))
    return View(after_run(Matrix("Shop", tuple(cells)), results), results)


@pytest.mark.parametrize("format_", ["terminal", "markdown"])
def test_people_are_told(format_: str) -> None:
    report = format_named(format_)
    told = view(skipped=5)
    for text in (report.gaps(told), report.matrix(told)):
        assert "2 of 2 cells tested (100 %, 1 of them partly)" in text
    gaps = report.gaps(told)
    assert "partly tested" in gaps.lower()
    assert f"5 skipped: no COMMIT fault ({LABEL} rollback)" in gaps


def test_programs_are_told() -> None:
    report = format_named("json")
    data = json.loads(report.gaps(view(skipped=5)))
    assert data["coverage"] == {
        "tested": 2,
        "applicable": 2,
        "percent": 100.0,
        "partly": 1,
        "left_out": 0,
        "stated_not_applicable": 0,
        "percent_with_stated": 100.0,
    }
    assert [(c["operation"], c["concern"], c["reason"]) for c in data["partly"]] == [
        (LABEL, "rollback", REASON)
    ]
    assert data["gaps"] == []


@pytest.mark.parametrize("format_", FORMATS)
def test_where_nothing_was_skipped_nothing_is_said(format_: str) -> None:
    text = format_named(format_).gaps(view(skipped=0))
    assert "of them partly" not in text
    assert "partly tested" not in text.lower()


def test_a_reason_of_many_cells_is_one_line() -> None:
    cells = [Cell(f"POST /{name}", "rollback", State.PLANNED) for name in "abc"]
    tests = [
        TestResult(
            f"{cell.operation} {n}", outcome, 0.1, ((cell.operation, "rollback"),), "no server"
        )
        for cell in cells
        for n, outcome in enumerate(("passed", "skipped", "skipped"))
    ]
    results = Results("2026-01-01T00:00:00+00:00", 1.0, tuple(tests))
    gaps = format_named("terminal").gaps(
        View(after_run(Matrix("Shop", tuple(cells)), results), results)
    )
    assert gaps.count("no server") == 1
    assert "6 skipped: no server (3 cells)" in gaps
