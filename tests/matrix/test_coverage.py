"""Coverage after a run, and the gaps by risk."""

from dataclasses import replace
from pathlib import Path

from gen_suite.matrix.answered import Documented
from gen_suite.matrix.build import Matrix
from gen_suite.matrix.cell import Cell, State
from gen_suite.matrix.coverage import (
    Coverage,
    after_run,
    coverage,
    engine_limits,
    gaps,
    unknown_covers,
)
from gen_suite.matrix.merging import merge
from gen_suite.matrix.report.view import View
from gen_suite.matrix.results import Results, Run, TestResult

LABEL = "POST /orders"


def matrix(*cells: Cell) -> Matrix:
    return Matrix("Shop", cells)


def cell(
    concern: str, state: State = State.PLANNED, risk: str = "medium", reason: str = ""
) -> Cell:
    return Cell(LABEL, concern, state, risk=risk, reason=reason)


def run(*tests: TestResult) -> Results:
    return Results("2026-01-01T00:00:00+00:00", 1.0, tests)


def ran(outcome: str, concern: str, name: str = "t", reason: str = "") -> TestResult:
    return TestResult(name, outcome, 0.1, ((LABEL, concern),), reason)


def states(matrix: Matrix) -> list[State]:
    return [cell.state for cell in matrix.cells]


def test_a_cell_whose_tests_all_passed_is_passed() -> None:
    after = after_run(matrix(cell("success")), run(ran("passed", "success")))
    assert states(after) == [State.PASSED]


def test_one_failed_test_fails_its_cell_and_says_why() -> None:
    results = run(ran("passed", "success", "a"), ran("failed", "success", "b", "got a 500"))
    after = after_run(matrix(cell("success")), results)
    assert states(after) == [State.FAILED]
    assert after.cells[0].reason == "got a 500"


def test_a_skipped_test_counts_for_nothing() -> None:
    results = run(ran("skipped", "rollback", reason="decide: which rows"))
    after = after_run(matrix(cell("rollback", State.GAP)), results)
    assert states(after) == [State.SKIPPED]
    assert coverage(after.cells).tested == 0


def test_a_passed_cell_says_what_of_it_was_skipped() -> None:
    results = run(
        ran("passed", "rollback", "a"), ran("skipped", "rollback", "b", "no COMMIT fault")
    )
    after = after_run(matrix(cell("rollback")), results)
    assert states(after) == [State.PASSED]
    assert after.cells[0].reason == "1 of 2 tests skipped: no COMMIT fault"


def test_a_handwritten_test_closes_a_gap() -> None:
    after = after_run(matrix(cell("rollback", State.GAP)), run(ran("passed", "rollback")))
    assert states(after) == [State.PASSED]


def test_what_was_planned_but_did_not_run_is_no_coverage() -> None:
    after = after_run(matrix(cell("success"), cell("auth")), run(ran("passed", "auth")))
    assert states(after) == [State.NOT_RUN, State.PASSED]
    assert (coverage(after.cells).tested, coverage(after.cells).applicable) == (1, 2)


def test_what_does_not_apply_is_left_out_of_the_percentage() -> None:
    cells = [cell("success", State.PASSED), cell("auth", State.NOT_APPLICABLE)]
    assert coverage(cells).percent == 100.0


def test_what_the_mapping_states_as_not_applicable_is_counted_apart_and_the_share_told_with_it() -> (
    None
):
    stated = replace(cell("rollback", State.NOT_APPLICABLE, reason="a worker writes"), stated=True)
    whole = matrix(cell("success"), stated, cell("auth", State.NOT_APPLICABLE))
    results = run(ran("passed", "success"))
    shown = View(after_run(whole, results), results)
    assert shown.coverage == Coverage(1, 1, stated=1)
    assert shown.summary.endswith("0 gaps, 1 stated as not applicable (50 % with them)")


def test_gaps_come_worst_first() -> None:
    low = cell("contract", State.GAP, risk="low", reason="a")
    high = cell("persistence", State.GAP, risk="high", reason="b")
    found = gaps(matrix(low, high))
    assert [(gap.concerns, gap.score) for gap in found] == [("persistence", 15), ("contract", 2)]


def test_gaps_with_one_reason_are_one_line() -> None:
    cells = [cell(name, State.GAP, reason="not mapped") for name in ("effects", "persistence")]
    assert [gap.concerns for gap in gaps(matrix(*cells))] == ["persistence, effects"]


def test_a_mark_that_names_no_cell_is_told() -> None:
    results = run(TestResult("t.py::t", "passed", 0.1, (("POST /order", "success"),)))
    assert unknown_covers(matrix(cell("success")), results) == (
        "t.py::t covers POST /order / success; did you mean `POST /orders`?",
    )
    results = run(TestResult("t.py::t", "passed", 0.1, ((LABEL, "rolback"),)))
    (told,) = unknown_covers(matrix(cell("success")), results)
    assert "did you mean `rollback`?" in told


def test_a_cell_none_of_whose_tests_was_reached_is_not_tested_and_says_what_is_missing() -> None:
    reason = "POST /orders refused every valid request"
    results = run(
        ran("not reached", "validation", "a", reason), ran("skipped", "validation", "b", "no rows")
    )
    after = after_run(matrix(cell("validation")), results)
    assert states(after) == [State.NOT_REACHED]
    assert after.cells[0].reason == reason
    assert coverage(after.cells).tested == 0
    assert [gap.cell.reason for gap in gaps(after)] == [reason]


def test_a_passed_cell_says_how_many_of_its_tests_were_not_reached() -> None:
    results = run(
        ran("passed", "auth", "a"),
        ran("not reached", "auth", "b", "no row of another tenant"),
        ran("skipped", "auth", "c", "no other tenant"),
    )
    after = after_run(matrix(cell("auth")), results)
    assert states(after) == [State.PASSED]
    assert after.cells[0].reason == (
        "1 of 3 tests not reached: no row of another tenant; 1 of 3 tests skipped: no other tenant"
    )


def test_a_hundred_percent_is_said_of_the_whole_only() -> None:
    assert Coverage(458, 459).shown() == "99"
    assert Coverage(4999, 5000).shown(1) == "99.9"
    assert Coverage(459, 459).shown() == "100"
    assert Coverage(29, 50).shown() == "58"


def test_cells_that_were_not_reached_are_one_gap_that_the_success_of_the_operation_closes() -> None:
    reason = "POST /orders answers 500 to every valid request"
    results = run(
        ran("failed", "success", "t.py::succeeds", "assert 500 == 201"),
        ran("not reached", "validation", "a", reason),
        ran("not reached", "rollback", "b", reason),
        ran("not reached", "rollback", "c", reason),
    )
    cells = [cell(name) for name in ("success", "validation", "rollback")]
    unreached = gaps(after_run(matrix(*cells), results))[0]
    assert unreached.concerns == "rollback, validation"
    assert unreached.cell.reason == reason
    assert unreached.cell.closes == "pytest 't.py::succeeds'"


def answered(*answers: tuple[str, int, str]) -> list[Cell]:
    """The cell of a success that passed, after a run with those answers."""
    documented = Documented(("200", "201", "422"), ("200", "201"), ("application/json", "text/csv"))
    whole = Matrix("Shop", (cell("success"),), documented={LABEL: documented})
    results = replace(run(ran("passed", "success")), answers=answers)
    return list(after_run(whole, results).cells)


def test_a_documented_success_that_no_test_saw_is_a_gap() -> None:
    (found,) = answered((LABEL, 201, "application/json"), (LABEL, 201, "text/csv"))
    assert found.state is State.PASSED
    assert found.unseen == "no test saw 200, which the spec documents as success"
    reported = gaps(Matrix("Shop", (found,)))
    assert [(gap.cell.state, gap.cell.reason) for gap in reported] == [(State.GAP, found.unseen)]
    assert '@covers("POST /orders", "success")' in found.closes


def test_a_documented_media_type_that_no_test_sent_is_a_gap() -> None:
    seen = [(LABEL, status, "application/json") for status in (200, 201)]
    (found,) = answered(*seen)
    assert found.unseen == "no test sent text/csv, which the spec documents for the body"
    (whole,) = answered(*seen, (LABEL, 422, "text/csv"))
    assert not whole.unseen


def test_undocumented_refusals_are_one_finding_for_each_status() -> None:
    documented = {
        name: Documented(statuses, ("201",), ())
        for name, statuses in {
            "POST /a": ("201",),
            "POST /b": ("201", "4XX"),
            "POST /c": ("201",),
        }.items()
    }
    answers = [(name, status, "") for name in documented for status in (201, 401, 404, 500)]
    results = replace(run(ran("passed", "success")), answers=tuple(answers))
    found = after_run(Matrix("Shop", (), documented=documented), results).findings
    assert found == (
        "401 is answered and not documented (2): POST /a, POST /c",
        "404 is answered and not documented (2): POST /a, POST /c",
    )


def test_what_was_not_run_says_what_to_run_where_the_suite_has_a_test_of_it() -> None:
    cells = matrix(cell("success"), cell("auth"), cell("contract"))
    marked = {(LABEL, "success"): Path("tests/api/test_it.py")}
    after = after_run(cells, run(ran("passed", "contract")), marked=marked)
    assert [(cell.reason, cell.closes) for cell in after.cells[:2]] == [
        ("its tests were not run", "pytest --allow-db tests/api/test_it.py"),
        ("the suite has no test of it yet", "gen-suite generate --allow-db"),
    ]


def on(engine: str, *tests: TestResult) -> Results:
    return replace(run(*tests), runs=(Run("2026-01-01T00:00:00+00:00", engine=engine),))


CUT = replace(
    ran("skipped", "rollback", "cut", "no connection to cut"), unsupported=("postgresql", "mariadb")
)


def test_what_the_engine_does_not_allow_is_no_gap_and_counted_once() -> None:
    results = on("sqlite", CUT, replace(CUT, id="cut 2"))
    after = after_run(matrix(cell("rollback")), results)
    assert states(after) == [State.SKIPPED]
    assert gaps(after) == ()
    assert coverage(after.cells) == Coverage(0, 1)
    (limit,) = engine_limits(results)
    assert (limit.engine, limit.tests, limit.cells) == ("sqlite", 2, 1)
    assert View(after, results).engine_note == (
        "2 tests cannot run on sqlite; on postgresql or mariadb they would: no connection to cut (2)"
    )


def test_what_ran_on_another_engine_counts() -> None:
    results = merge([on("postgresql", ran("passed", "rollback", "cut")), on("sqlite", CUT)])
    after = after_run(matrix(cell("rollback")), results)
    assert (states(after), after.cells[0].reason) == ([State.PASSED], "")
    assert engine_limits(results) == ()


def test_what_failed_on_one_engine_failed() -> None:
    results = merge(
        [
            on("mariadb", ran("failed", "rollback", "a")),
            on("sqlite", ran("passed", "rollback", "a")),
        ]
    )
    assert states(after_run(matrix(cell("rollback")), results)) == [State.FAILED]


def test_a_cell_says_which_of_its_results_are_old() -> None:
    results = run(ran("passed", "success", "a"), ran("passed", "success", "b"))
    after = after_run(matrix(cell("success")), results, old={("a", 0): "the test itself"})
    assert after.cells[0].outdated == "1 of 2 results older than the test itself"
    assert states(after) == [State.PASSED]
    assert View(after, results).outdated_note == (
        "outdated: 1 cell of 1 operation (POST /orders) with results that are older than what they "
        "are about: run them again"
    )
