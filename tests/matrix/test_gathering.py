"""Several results files as one, and what does not belong together."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gen_suite.cli.project import open_project
from gen_suite.errors import UsageError
from gen_suite.matrix.fingerprint import functions, of_file
from gen_suite.matrix.gathering import gather, sources
from gen_suite.matrix.outdated import SPEC, TEST, Present, outdated
from gen_suite.matrix.results import Results, Run, TestResult, write_results

SPEC_TEXT = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "paths": {
        "/notes": {
            "post": {
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/N"}}}
                },
                "responses": {"201": {"description": "made"}},
            }
        },
        "/tags": {"post": {"responses": {"201": {"description": "made"}}}},
    },
    "components": {"schemas": {"N": {"$ref": "#/components/schemas/M"}, "M": {"type": "object"}}},
}
DAY = "2026-01-0{}T00:00:00+00:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "openapi.json").write_text(json.dumps(SPEC_TEXT))
    (tmp_path / "gen-suite.yaml").write_text("spec: openapi.json\n")
    return tmp_path


def present(folder: Path) -> Present:
    return Present(open_project(None, folder / "gen-suite.yaml").resolved, folder)


def results(day: int, name: str, what: tuple[str, str], **run: object) -> Results:
    made = Run(DAY.format(day), 1.0, spec=what[0], mapping=what[1])
    test = TestResult(f"t.py::{name}", "passed", 0.1, (("POST /notes", "success"),))
    return Results(made.started, 1.0, (test,), runs=(replace(made, **run),))  # type: ignore[arg-type]


def test_files_of_several_machines_are_merged_and_say_where_they_came_from(folder: Path) -> None:
    now = present(folder)
    write_results(results(1, "a", now.what, engine="sqlite"), folder / "one.json")
    write_results(results(2, "b", now.what, complete=False), folder / "two.json")
    gathered = gather([folder / "one.json", folder / "two.json"], now)
    assert [test.id for test in gathered.results.tests] == ["t.py::a", "t.py::b"]
    assert list(sources(gathered.results)) == [
        f"2026-01-01 00:00, 1 test, sqlite, {folder / 'one.json'}",
        f"2026-01-02 00:00, 1 test, {folder / 'two.json'}, did not come to its end",
    ]


def test_a_folder_stands_for_its_files(folder: Path) -> None:
    now = present(folder)
    (folder / "runs").mkdir()
    for name in "ab":
        write_results(results(1, name, now.what), folder / "runs" / f"{name}.json")
    assert len(gather([folder / "runs"], now).results.tests) == 2
    (folder / "none").mkdir()
    with pytest.raises(UsageError, match="there is no results file in"):
        gather([folder / "none"], now)


def test_what_is_damaged_is_named_and_the_rest_is_used(folder: Path) -> None:
    now = present(folder)
    write_results(results(1, "a", now.what), folder / "one.json")
    (folder / "two.json").write_text('{"format": 1, "tests": [')
    (folder / "three.json").write_text('{"format": 99}')
    files = [folder / f"{name}.json" for name in ("two", "one", "three", "four")]
    gathered = gather(files, now)
    assert [test.id for test in gathered.results.tests] == ["t.py::a"]
    damaged, other, missing = gathered.warnings
    assert damaged.startswith(f"{folder / 'two.json'}:1:")
    assert "three.json has results format 99" in other
    assert "there are no results at" in missing
    with pytest.raises(UsageError, match="this is no results file"):
        gather([folder / "two.json", folder / "three.json"], now)


def test_results_of_another_spec_or_mapping_are_left_aside(folder: Path) -> None:
    now = present(folder)
    write_results(results(1, "a", now.what), folder / "one.json")
    write_results(results(2, "b", ("0" * 16, now.what[1])), folder / "two.json")
    write_results(results(2, "c", (now.what[0], "0" * 16)), folder / "three.json")
    gathered = gather([folder / f"{name}.json" for name in ("one", "two", "three")], now)
    assert [test.id for test in gathered.results.tests] == ["t.py::a"]
    assert gathered.warnings == (
        f"{folder / 'two.json'} is left aside: it is of another spec",
        f"{folder / 'three.json'} is left aside: it is of another mapping",
    )


def test_where_nothing_tells_which_are_right_all_are_refused(folder: Path) -> None:
    write_results(results(1, "a", ("1" * 16, "")), folder / "one.json")
    write_results(results(2, "b", ("2" * 16, "")), folder / "two.json")
    with pytest.raises(UsageError, match="do not belong together"):
        gather([folder / "one.json", folder / "two.json"], present(folder))


def results_of_today(folder: Path) -> Results:
    """Results of both operations as spec, mapping and tests are now."""
    (folder / "tests").mkdir()
    file = folder / "tests" / "test_it.py"
    file.write_text("def test_notes():\n    assert 1\n\n\ndef test_tags():\n    assert 2\n")
    now = present(folder)
    run = Run(
        DAY.format(1),
        spec=now.what[0],
        mapping=now.what[1],
        operations=now.operations,
        files={"tests/test_it.py": of_file(file)},
    )
    tests = tuple(
        TestResult(
            f"tests/test_it.py::test_{name}[case]",
            "passed",
            0.1,
            ((f"POST /{name}", "success"),),
            source=functions(file)[f"test_{name}"].fingerprint,
        )
        for name in ("notes", "tags")
    )
    return Results(run.started, 1.0, tests, runs=(run,))


def old(results: Results, folder: Path) -> dict[str, str]:
    found = outdated(results, present(folder)).items()
    return {test.rpartition("::")[2].partition("[")[0]: reason for (test, _), reason in found}


def test_of_results_of_today_nothing_is_said(folder: Path) -> None:
    results = results_of_today(folder)
    assert old(results, folder) == {}
    (folder / "gen-suite.yaml").write_text(
        "# a comment\nspec: openapi.json\ntarget: {environment: ci}\n"
    )
    assert old(results, folder) == {}


def test_a_changed_schema_makes_the_results_of_its_operations_old(folder: Path) -> None:
    results = results_of_today(folder)
    changed = json.loads(json.dumps(SPEC_TEXT))
    changed["components"]["schemas"]["M"]["type"] = "array"
    (folder / "openapi.json").write_text(json.dumps(changed))
    assert old(results, folder) == {"test_notes": SPEC}


def test_a_changed_entry_makes_the_results_of_its_operation_old(folder: Path) -> None:
    results = results_of_today(folder)
    (folder / "gen-suite.yaml").write_text(
        "spec: openapi.json\noperations:\n  POST /tags: {risk: high}\n"
    )
    assert old(results, folder) == {"test_tags": SPEC}


def test_a_changed_test_makes_its_own_results_old(folder: Path) -> None:
    results = results_of_today(folder)
    file = folder / "tests" / "test_it.py"
    file.write_text("import os\n\n\n" + file.read_text().replace("assert 2", "assert 3"))
    assert old(results, folder) == {"test_tags": TEST}


def test_where_no_suite_lies_nothing_is_said_of_its_tests(folder: Path) -> None:
    results = results_of_today(folder)
    (folder / "tests" / "test_it.py").unlink()
    assert old(results, folder) == {"test_notes": TEST, "test_tags": TEST}
    (folder / "tests").rmdir()
    assert old(results, folder) == {}
