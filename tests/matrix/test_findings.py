"""What a run found out beside its tests stands under the gaps, in every format."""

import json
from dataclasses import replace

from gen_suite.matrix.build import Matrix
from gen_suite.matrix.cell import Cell, State
from gen_suite.matrix.findings import worst_first
from gen_suite.matrix.report import format_named
from gen_suite.matrix.report.view import View
from gen_suite.matrix.results import Results

FINDING = "POST /orders: note: spec allows 500 characters, orders.note holds 255"
MATRIX = Matrix("Shop", (Cell("POST /orders", "success", State.GAP, reason="why"),))


def shown(format_: str, *findings: str) -> str:
    results = Results("2026-01-01T00:00:00+00:00", 1.0, (), findings=findings)
    return format_named(format_).gaps(View(MATRIX, results, width=200))


def test_the_terminal_and_markdown_list_them() -> None:
    assert f"findings\n{FINDING}\n" in shown("terminal", FINDING)
    assert "### Findings\n\n- POST /orders: note: spec allows 500 characters," in shown(
        "markdown", FINDING
    )


def test_programs_read_them() -> None:
    assert json.loads(shown("json", FINDING))["findings"] == [FINDING]


def test_without_any_nothing_is_said() -> None:
    assert "indings" not in shown("terminal") + shown("markdown")
    assert json.loads(shown("json"))["findings"] == []


def test_before_a_run_there_are_those_of_the_matrix_and_after_it_each_once() -> None:
    assert View(MATRIX).findings == ()
    known = replace(MATRIX, findings=(FINDING,))
    assert View(known).findings == (FINDING,)
    results = Results("2026-01-01T00:00:00+00:00", 1.0, (), findings=("another", FINDING))
    assert View(known, results).findings == (FINDING, "another")
    for format_ in ("terminal", "markdown", "json"):
        assert "note: spec allows 500 characters" in format_named(format_).matrix(View(known))


def test_the_worst_of_many_is_that_of_most_risk_that_changed_rows() -> None:
    wrote = "POST /wallets/{id}/deposits sent twice: the second is answered 201, 1 row inserted"
    harmless = "POST /wallets sent twice: the second is answered 409, no row changes"
    other = "a run with --gen-suite-quick left out 12 cases"
    risks = {"POST /wallets": "high", "POST /wallets/{id}/deposits": "high", "POST /orders": "low"}
    assert worst_first((harmless, other, FINDING, wrote), risks) == [
        wrote, FINDING, other, harmless,
    ]  # fmt: skip
