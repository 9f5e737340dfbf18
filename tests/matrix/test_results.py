"""The results file: written whole, read back, refused when it is something else."""

import json
from pathlib import Path

import pytest

from gen_suite.errors import UsageError
from gen_suite.matrix.results import (
    Journal,
    Results,
    TestResult,
    merge,
    read_results,
    write_results,
)

ONE = TestResult("t.py::a", "passed", 0.25, (("POST /orders", "success"),))
RESULTS = Results("2026-01-01T00:00:00+00:00", 1.5, (ONE,), {"database": "sqlite:///x"}, ("note",))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "results.json"
    write_results(RESULTS, file)
    assert read_results(file) == RESULTS
    assert [path.name for path in file.parent.iterdir()] == ["results.json"]


def test_the_last_outcome_of_a_test_counts() -> None:
    later = Results("2026-01-02T00:00:00+00:00", 1.0, (TestResult("t.py::a", "failed", 1.0, ()),))
    merged = merge([RESULTS, later])
    assert [test.outcome for test in merged.tests] == ["failed"]
    assert merged.started == RESULTS.started


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "this is no results file"),
        ("[]", "has results format None"),
        ('{"format": 99}', "has results format 99; this version reads 1"),
        ('{"format": 1, "started": "x"}', "is no whole results file"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "results.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_results(file)


def test_missing_results_say_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="run the suite first: pytest --allow-db"):
        read_results(tmp_path / "results.json")


def test_the_file_names_its_format(tmp_path: Path) -> None:
    write_results(RESULTS, tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text())["format"] == 1


def test_of_a_run_that_did_not_end_the_journal_is_read(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    write_results(RESULTS, file)
    journal = Journal(file, "2026-01-02T00:00:00+00:00")
    journal.add(TestResult("t.py::b", "passed", 0.1, (("POST /orders", "auth"),)))
    journal.add_finding("a note")
    journal.add(TestResult("t.py::b", "failed", 0.2, (("POST /orders", "auth"),), "torn down"))
    with file.with_suffix(".jsonl").open("a") as cut_off:
        cut_off.write('{"test": {"id": "t.py::c", "outc')
    results = read_results(file)
    assert [(test.id, test.outcome) for test in results.tests] == [("t.py::b", "failed")]
    assert results.findings == ("a note",)
    assert not results.complete
    assert not merge([RESULTS, results]).complete
    write_results(RESULTS, file)
    assert read_results(file) == RESULTS
