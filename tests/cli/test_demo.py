"""What the demo says at its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from gen_suite.cli import demo
from gen_suite.cli.project import open_project
from gen_suite.errors import UsageError
from gen_suite.matrix.build import Matrix
from gen_suite.matrix.cell import Cell, State
from gen_suite.matrix.coverage import after_run
from gen_suite.matrix.report.view import View
from gen_suite.matrix.results import FILE, Results, Run, TestResult, write_results

LABEL = "POST /orders"
PASSED = TestResult("t.py::test_creates", "passed", 0.1, ((LABEL, "success"),))
CUT = TestResult(
    "t.py::test_cut[1]",
    "skipped",
    0.1,
    ((LABEL, "success"),),
    "no connection to cut",
    unsupported=("postgresql", "mariadb"),
)
FAILED = TestResult(
    "t.py::test_stores",
    "failed",
    0.1,
    ((LABEL, "success"),),
    "got a 500",
    operation=LABEL,
    status=500,
)


def view(*tests: TestResult, findings: tuple[str, ...] = ()) -> View:
    runs = (Run("2026-01-01T00:00:00+00:00", engine="sqlite"),)
    results = Results(runs[0].started, 1.0, tests, findings=findings, runs=runs)
    matrix = Matrix("Shop", (Cell(LABEL, "success", State.PLANNED, risk="high"),))
    return View(after_run(matrix, results), results)


def ending(view: View, *changed: str) -> list[tuple[str, str]]:
    return list(demo.ending(view, changed, 26, Path("shop/report.html")))


def test_a_good_run_is_said_in_three_lines() -> None:
    assert ending(view(PASSED)) == [
        (
            "tested",
            "1 write operations, 1 of 1 cells tested (100 %): 0 failed, 0 skipped, 0 gaps",
        ),
        ("database", "all 26 tables are as they were before the run, row for row"),
        (
            "report",
            "shop/report.html: the matrix, with the tests behind each cell, for a browser",
        ),
    ]


def test_what_the_engine_cannot_do_is_one_line_with_a_count() -> None:
    said = dict(ending(view(PASSED, CUT, replace(CUT, id="t.py::test_cut[2]"))))
    assert said["not here"] == "2 tests cannot run on sqlite; on postgresql or mariadb they would"


def test_of_findings_there_are_their_number_and_the_worst() -> None:
    findings = ("PUT /tags: a", f"{LABEL} sent twice: the second is answered 201, 1 row inserted")
    said = dict(ending(view(PASSED, findings=findings)))
    assert said["findings"] == f"2 that no test settles; the worst: {findings[1]}"


def test_a_failure_is_said_with_its_cause_and_the_test_to_run_again() -> None:
    said = dict(ending(view(FAILED)))
    assert said["failed"].startswith("1 test; the likeliest cause: ")
    assert said["again"] == "pytest 't.py::test_stores'"


def test_tables_that_are_not_as_they_were_are_named() -> None:
    assert dict(ending(view(PASSED), "orders"))["database"] == "not as it was: orders"


def test_the_next_steps_can_be_copied() -> None:
    lines = list(demo.next_steps(Path("gen-suite-demo"), "tests/api"))
    assert lines[0] == "cd gen-suite-demo"
    assert lines[2].startswith(
        "SHOP_BUGS=not_committed pytest --allow-db -x tests/api/test_create_webhook.py "
    )
    assert lines[3].startswith("gen-suite gaps ")


def test_a_long_sentence_is_broken_under_its_label() -> None:
    assert demo._labelled("tested", "four cells of one operation", 31, False) == (
        "   tested     four cells of one\n              operation"
    )
    assert demo._labelled("", "pytest --allow-db tests/api", 0, False) == (
        "              pytest --allow-db tests/api"
    )


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    done = CliRunner().invoke(demo.command, [str(tmp_path)])
    assert isinstance(done.exception, UsageError)
    assert "holds something else" in done.exception.message
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_the_page_is_written_and_its_place_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder.parent)
    test = replace(PASSED, covers=(("POST /notes", "success"),))
    write_results(Results("2026-01-01T00:00:00+00:00", 1.0, (test,)), folder / FILE)
    project = open_project(None, folder / "gen-suite.yaml")
    demo._print_ending(project, (), 2, colour=False)
    said = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"   report     {folder.name}/report.html: ") for line in said)
    assert f"   next       cd {folder.name}" in said
    assert len(said) <= 12
    assert "POST /notes" in (folder / "report.html").read_text("utf-8")
