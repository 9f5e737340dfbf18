"""`gen-suite gaps` on results that lie there: gates, a base, several files, files that it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gen_suite.cli.gaps import command
from gen_suite.errors import UsageError
from gen_suite.matrix.results import Results, Run, TestResult, write_results

SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "paths": {
        path: {
            "post": {"responses": {"201": {"description": "made"}, "422": {"description": "no"}}}
        }
        for path in ("/notes", "/tags")
    },
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "openapi.json").write_text(json.dumps(SPEC))
    (tmp_path / "gen-suite.yaml").write_text("spec: openapi.json\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return tmp_path


def results(file: Path, *cells: tuple[str, str], day: int = 1) -> Path:
    tests = tuple(
        TestResult(f"test_old.py::test_{concern}", "passed", 0.1, ((operation, concern),))
        for operation, concern in cells
    )
    started = f"2026-01-{day:02}T00:00:00+00:00"
    run = Run(started, operations={f"POST {path}": "0" * 16 for path in ("/notes", "/tags")})
    write_results(Results(started, 1.0, tests, runs=(run,)), file)
    return file


def gaps(*arguments: str | Path) -> Result:
    return CliRunner().invoke(
        command, [str(argument) for argument in arguments], standalone_mode=False
    )


NOTES = (("POST /notes", "success"), ("POST /notes", "contract"))


def test_a_gate_that_is_not_met_is_the_first_line_and_exit_1(folder: Path) -> None:
    results(folder / ".gen-suite" / "results.json", *NOTES)
    assert gaps("--fail-under", "1").return_value == 0
    done = gaps("--fail-under", "99", "--fail-under", "success=50")
    assert done.return_value == 1
    assert done.output.splitlines()[0].startswith("gate not met: ")
    assert "99 % wanted" in done.output.splitlines()[0]
    assert gaps("--fail-on", "low").return_value == 1


def test_what_is_worse_than_the_base_fails(folder: Path) -> None:
    now = results(folder / "now.json", NOTES[0])
    base = results(folder / "base.json", *NOTES)
    assert gaps(now, "--base", base).return_value == 0
    done = gaps(now, "--base", base, "--no-regression")
    assert done.return_value == 1
    assert "POST /notes contract was tested and is not run now" in done.output.splitlines()[0]
    assert isinstance(gaps("--no-regression").exception, UsageError)


def test_several_files_are_one(folder: Path) -> None:
    one = results(folder / "one.json", NOTES[0])
    two = results(folder / "two.json", NOTES[1], day=2)
    (folder / "bad.json").write_text("{")
    done = gaps(one, two, folder / "bad.json", "--format", "json")
    told = json.loads(done.stdout)
    assert told["counts"]["passed"] == 2
    assert [run["origin"] for run in told["runs"]] == [str(one), str(two)]
    assert "this is no results file" in told["warnings"][0]
    page = gaps(one, two, "--format", "html").stdout
    assert "Tested after each of 2 runs" in page


def test_a_file_is_written_and_written_anew(folder: Path) -> None:
    results(folder / ".gen-suite" / "results.json", *NOTES)
    for format_ in ("html", "markdown", "json"):
        file = folder / "out" / f"report.{format_}"
        for _ in range(2):
            done = gaps("--format", format_, "-o", file)
            assert done.exception is None
            assert done.stdout == ""
        assert "POST /tags" in file.read_text()


def test_a_file_that_is_something_else_is_left_alone(folder: Path) -> None:
    results(folder / ".gen-suite" / "results.json", *NOTES)
    file = folder / "index.html"
    file.write_text("<h1>mine</h1>")
    done = gaps("--format", "html", "-o", file)
    assert "exists and is no report of gen-suite" in str(done.exception)
    assert file.read_text() == "<h1>mine</h1>"
    assert gaps("--format", "html", "-o", file, "--force").exception is None
    assert "POST /tags" in file.read_text()
    assert "cannot be written" in str(gaps("-o", folder).exception)


def test_what_was_not_run_says_which_file_to_run(folder: Path) -> None:
    results(folder / ".gen-suite" / "results.json")
    suite = folder / "tests" / "api"
    suite.mkdir(parents=True)
    (suite / "test_tags.py").write_text(
        '@covers(\n    "POST /tags", "contract",\n    "success",\n)\ndef test(): ...\n'
    )
    told = json.loads(gaps("--format", "json").stdout)
    closes = {
        (gap["operation"], gap["concern"]): gap["closes"]
        for gap in told["gaps"]
        if gap["state"] == "not run"
    }
    assert closes["POST /tags", "contract"] == "pytest --allow-db tests/api/test_tags.py"
    assert closes["POST /notes", "contract"] == "gen-suite generate --allow-db"


def test_merged_results_are_a_base(folder: Path) -> None:
    one, two = (results(folder / f"{n}.json", cell) for n, cell in enumerate(NOTES))
    base = folder / "base.json"
    for _ in range(2):
        assert gaps(one, two, "--format", "results", "-o", base).exception is None
    told = json.loads(gaps(one, "--base", base, "--format", "json").stdout)["comparison"]
    assert [cell["concern"] for cell in told["lost"]] == ["contract"]


REFUNDS = """
from gen_suite.runtime import covers

@covers("POST /refunds", "success", "contract", "validation", "persistence", "rollback", "auth",
        "idempotency", "concurrency", "effects")
def test_refund():
    assert True
"""


def test_a_new_endpoint_is_named_fails_the_gate_and_passes_it_once_it_is_tested(
    folder: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)  # pytester has left it
    base = results(folder / "base.json", *NOTES)
    (folder / "test_old.py").write_text("def test_success(): ...\ndef test_contract(): ...\n")
    now = folder / ".gen-suite" / "results.json"
    now.parent.mkdir()
    now.write_bytes(base.read_bytes())
    gate = ("--base", base, "--no-regression")
    assert gaps(*gate).return_value == 0
    refunds = {"/refunds": {"post": {"responses": {"201": {"description": "made"}}}}}
    spec = {**SPEC, "paths": {**SPEC["paths"], **refunds}}  # type: ignore[dict-item]
    (folder / "openapi.json").write_text(json.dumps(spec))
    done = gaps(*gate, "--format", "markdown")
    assert done.return_value == 1
    assert "- new, with nothing tested: POST /refunds" in done.stdout
    assert "gate not met: worse than before" in done.stderr
    (folder / "test_refunds.py").write_text(REFUNDS)
    pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "-p", "no:schemathesis", folder / "test_refunds.py"
    )
    done = gaps(*gate, "--format", "markdown")
    assert done.stderr == ""
    assert done.return_value == 0
    assert "- new: POST /refunds" in done.stdout
