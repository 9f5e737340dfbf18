"""Results that add up: runs after one another, runs on several engines, runs that were killed."""

import json
from dataclasses import replace
from pathlib import Path

from gen_suite.matrix.merging import add_run, merge, read_results, renewed
from gen_suite.matrix.results import Journal, Results, Run, TestResult, read_file, write_results

LABEL = "POST /orders"


def result(name: str, outcome: str = "passed", operation: str = LABEL) -> TestResult:
    return TestResult(f"t.py::{name}", outcome, 0.25, ((operation, "success"),))


def run(day: int, *tests: TestResult, engine: str = "sqlite", **more: object) -> Results:
    started = f"2026-01-{day:02}T00:00:00+00:00"
    results = Results(started, 1.0, tests, runs=(Run(started, 1.0, engine=engine),))
    return replace(results, **more)  # type: ignore[arg-type]


def nothing_gone(test: str) -> bool:
    return False


def outcomes(results: Results) -> dict[str, str]:
    return {test.id.partition("::")[2]: test.outcome for test in results.tests}


def days(results: Results) -> dict[str, str]:
    return {t.id.partition("::")[2]: results.run_of(t).started[8:10] for t in results.tests}


def test_a_run_renews_what_it_ran_and_leaves_the_rest_with_its_date() -> None:
    before = run(1, result("a", "failed"), result("b"), result("c"))
    after = renewed(before, run(2, result("a")), nothing_gone)
    assert outcomes(after) == {"a": "passed", "b": "passed", "c": "passed"}
    assert days(after) == {"a": "02", "b": "01", "c": "01"}
    assert (after.started[8:10], after.complete) == ("02", True)
    whole = renewed(after, run(3, *(result(name) for name in "abc")), nothing_gone)
    assert [r.started[8:10] for r in whole.runs] == ["03"]


def test_what_is_gone_is_dropped() -> None:
    before = run(1, result("a"), result("b"))
    after = renewed(before, run(2, result("a")), lambda test: test == "t.py::b")
    assert outcomes(after) == {"a": "passed"}


def test_findings_and_answers_of_what_was_tested_anew_are_said_anew() -> None:
    before = run(
        1,
        result("a"),
        result("b", operation="POST /notes"),
        findings=(f"{LABEL}: mended", "POST /notes: stays", "the database: stays"),
        answers=((LABEL, 500, ""), ("POST /notes", 201, "")),
    )
    now = run(2, result("a"), findings=(f"{LABEL}: new",), answers=((LABEL, 201, ""),))
    after = renewed(before, now, nothing_gone)
    assert after.findings == ("POST /notes: stays", "the database: stays", f"{LABEL}: new")
    assert after.answers == (("POST /notes", 201, ""), (LABEL, 201, ""))


def test_of_a_test_that_ran_more_than_once_the_latest_counts_in_any_order_of_files() -> None:
    monday, tuesday = run(1, result("a", "failed")), run(2, result("a"))
    assert (
        outcomes(merge([monday, tuesday])) == outcomes(merge([tuesday, monday])) == {"a": "passed"}
    )
    assert merge([tuesday, monday]).started == monday.started


def test_a_test_keeps_what_it_came_to_on_each_engine() -> None:
    merged = merge([run(1, result("a", "skipped")), run(2, result("a"), engine="mariadb")])
    assert [(merged.run_of(t).engine, t.outcome) for t in merged.tests] == [
        ("sqlite", "skipped"),
        ("mariadb", "passed"),
    ]


def test_shards_are_one_run_in_pieces() -> None:
    whole = run(1, *(result(name) for name in "abcdef"))
    shards = [replace(whole, tests=whole.tests[place::3]) for place in range(3)]
    merged = merge(shards)
    assert sorted(outcomes(merged)) == sorted(outcomes(whole))
    assert merged.runs == whole.runs


def test_a_run_adds_to_the_file_and_fresh_starts_anew(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    add_run(run(1, result("a")), file)
    add_run(run(2, result("b")), file)
    assert days(read_file(file)) == {"a": "01", "b": "02"}
    add_run(run(3, result("c")), file, fresh=True)
    assert days(read_file(file)) == {"c": "03"}


def test_a_damaged_file_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text('{"format": 1, "tes')
    add_run(run(1, result("a")), file)
    assert outcomes(read_file(file)) == {"a": "passed"}


def killed(file: Path, *tests: TestResult, process: int) -> None:
    """What a run leaves that was killed: a journal whose last line was cut off."""
    journal = Journal(file, Run("2026-01-02T00:00:00+00:00", engine="sqlite"))
    for test in tests:
        journal.add(test)
    journal.add_finding("a note")
    journal.close()
    with journal.path.open("a") as cut_off:
        cut_off.write('{"test": {"id": "t.py::c", "outc')
    journal.path.rename(file.with_suffix(f".{process}.jsonl"))


NOBODY = 2**22 + 1
"""No process has this number: Linux ends at 2**22."""


def test_the_journal_of_a_killed_run_renews_what_it_ran(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    write_results(run(1, result("a"), result("b")), file)
    killed(file, result("b"), result("b", "failed"), process=NOBODY)
    results = read_results(file)
    assert outcomes(results) == {"a": "passed", "b": "failed"}
    assert [run.complete for run in results.runs] == [True, False]
    assert results.findings == ("a note",)
    assert not results.complete


def test_the_next_run_takes_in_what_a_killed_one_left(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    killed(file, result("b", "failed"), process=NOBODY)
    add_run(run(3, result("c")), file)
    assert days(read_file(file)) == {"b": "02", "c": "03"}
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".lock"]


def test_the_journal_of_a_run_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    killed(file, result("b", "failed"), process=1)  # a process that lives
    add_run(run(3, result("c")), file)
    assert outcomes(read_file(file)) == {"c": "passed"}
    assert outcomes(read_results(file)) == {"c": "passed", "b": "failed"}


def test_a_journal_alone_is_read(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    killed(file, result("b"), process=NOBODY)
    assert outcomes(read_results(file)) == {"b": "passed"}
    assert json.loads(file.with_suffix(f".{NOBODY}.jsonl").read_text().splitlines()[0])["run"]
