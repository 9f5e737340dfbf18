"""A run of one file, one test or a choice renews what it ran; what is there no more is dropped."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest

SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "paths": {"/notes": {"post": {"responses": {"201": {"description": "made"}}}}},
}
HEAD = """
import pytest
from gen_suite.runtime import covers
"""
ONE = """
@covers("POST /notes", "success")
@pytest.mark.parametrize("case", ["a", "b"])
def test_first(case):
    assert case

@covers("POST /notes", "rollback")
def test_second():
    assert 1
"""
OTHER = """
@pytest.mark.covers("POST /notes", "auth")
def test_other():
    assert 1 == 2
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".json", openapi=json.dumps(SPEC))
    pytester.makefile(".yaml", **{"gen-suite": "spec: openapi.json\n"})
    pytester.makepyfile(test_one=HEAD + ONE, test_two=HEAD + OTHER)
    return pytester


def ran(suite: pytest.Pytester, *arguments: str) -> dict[str, str]:
    """The outcome of each test in the results after a run."""
    suite.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:schemathesis", *arguments)
    return {test["id"].partition("::")[2]: test["outcome"] for test in results(suite)["tests"]}


def results(suite: pytest.Pytester) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads((suite.path / ".gen-suite" / "results.json").read_text())
    return kept


ALL = {
    "test_first[a]": "passed",
    "test_first[b]": "passed",
    "test_second": "passed",
    "test_other": "failed",
}


@pytest.mark.parametrize(
    "choice",
    [
        ["test_one.py"],
        ["test_one.py::test_second"],
        ["-k", "second"],
        ["--ignore", "test_two.py"],
        ["-n", "1", "-k", "second"],
    ],
    ids=" ".join,
)
def test_a_part_renews_what_it_ran(suite: pytest.Pytester, choice: list[str]) -> None:
    assert ran(suite) == ALL
    assert ran(suite, *choice) == ALL
    assert len(results(suite)["runs"]) == 2
    assert ran(suite) == ALL
    assert len(results(suite)["runs"]) == 1


def test_fresh_starts_anew(suite: pytest.Pytester) -> None:
    ran(suite)
    assert ran(suite, "--fresh", "-k", "second") == {"test_second": "passed"}


def test_a_whole_run_by_workers_drops_what_is_gone(suite: pytest.Pytester) -> None:
    ran(suite)
    (suite.path / "test_one.py").write_text(HEAD + ONE.replace(', "b"]', "]"))
    assert "test_first[b]" not in ran(suite, "test_one.py", "-n", "1")


def test_what_is_there_no_more_is_dropped(suite: pytest.Pytester) -> None:
    ran(suite)
    (suite.path / "test_one.py").write_text(HEAD + ONE.replace(', "b"]', "]"))
    assert "test_first[b]" not in ran(suite, "test_one.py")
    (suite.path / "test_one.py").write_text(HEAD + ONE.replace("test_second", "test_third"))
    assert "test_second" not in ran(suite, "-k", "third")
    (suite.path / "test_two.py").unlink()
    assert "test_other" not in ran(suite, "-k", "third")


def test_a_file_that_cannot_be_collected_keeps_its_results(suite: pytest.Pytester) -> None:
    ran(suite)
    (suite.path / "test_one.py").write_text(HEAD + ONE + "\nimport nothing_of_this_name\n")
    assert ran(suite, "--continue-on-collection-errors") == ALL


def test_the_junit_xml_of_pytest_says_which_cells_a_test_is_about(suite: pytest.Pytester) -> None:
    ran(suite, "--junitxml", "junit.xml")
    cases = ET.parse(suite.path / "junit.xml").getroot().iter("testcase")
    properties = {
        case.get("name"): [(p.get("name"), p.get("value")) for p in case.iter("property")]
        for case in cases
    }
    assert properties["test_second"] == [("gen_suite.cell", "POST /notes / rollback: passed")]
    assert properties["test_other"] == [("gen_suite.cell", "POST /notes / auth: failed")]


def test_a_result_says_what_it_was_made_of(suite: pytest.Pytester) -> None:
    ran(suite)
    kept = results(suite)
    (run,) = kept["runs"]
    assert set(run["operations"]) == {"POST /notes"}
    assert set(run["files"]) == {"test_one.py", "test_two.py"}
    assert len(run["spec"]) == len(run["mapping"]) == 16
    assert (run["root"], run["engine"]) == (".", "")
    other = next(test for test in kept["tests"] if test["id"].endswith("other"))
    assert (other["line"], len(other["source"])) == (4, 16)
