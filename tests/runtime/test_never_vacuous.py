"""A fault that does not fire, a race that does not meet, an engine that cannot: skips, never passes."""

import json

import pytest

HEAD = """
from functools import partial
import pytest
from hypothesis import given, strategies
from gen_suite.runtime.outcomes import NotReached
from gen_suite.runtime import covers, example, serial_outcomes, race, writes
from gen_suite.runtime.fixtures import actors, api, database, findings, worker

@covers("POST /notes", "rollback")
"""


def outcomes(notes: pytest.Pytester, body: str) -> tuple[dict[str, int], dict]:
    (notes.path / "tests" / "api" / "test_own.py").write_text(HEAD + body)
    result = notes.runpytest_subprocess(
        "--allow-db", "-p", "no:cacheprovider", "tests/api/test_own.py"
    )
    results = json.loads((notes.path / ".gen-suite" / "results.json").read_text())
    return result.parseoutcomes(), results


def test_what_an_engine_cannot_do_is_a_skip_with_its_reason(notes: pytest.Pytester) -> None:
    body = """
def test_own(api, database):
    with database.fault("insert notes", error="deadlock"):
        api.post("/notes", json=example("POST /notes"), actor="ann")
"""
    counts, results = outcomes(notes, body)
    assert counts == {"skipped": 1}
    assert "constraint errors only" in results["tests"][0]["reason"]


def test_a_test_whose_fault_may_not_have_fired_does_not_pass(notes: pytest.Pytester) -> None:
    body = """
def test_own(api, database):
    with database.fault("delete notes"):
        response = api.post("/notes", json=example("POST /notes"), actor="ann")
    assert response.is_success
"""
    counts, results = outcomes(notes, body)
    assert counts == {"skipped": 1}
    assert "failure at delete notes" in results["tests"][0]["reason"]


def test_a_fault_that_a_control_run_confirms_passes(notes: pytest.Pytester) -> None:
    body = """
def test_own(api, database):
    body = example("POST /notes")
    with database.undone(), database.watch() as seen:
        api.post("/notes", json=body, actor="ann")
    assert writes(seen) == ["insert notes", "commit"]
    with database.watch() as changes, database.fault("insert notes") as injected:
        response = api.post("/notes", json=body, actor="ann")
    assert injected.confirmed_by(seen)
    assert response.is_error
    assert changes.none()
"""
    assert outcomes(notes, body)[0] == {"passed": 1}


def test_a_finding_stands_in_the_results(notes: pytest.Pytester) -> None:
    body = """
def test_own(api, database, findings):
    body = example("POST /notes")
    api.post("/notes", json=body, actor="ann")
    with database.watch() as changes:
        again = api.post("/notes", json=body, actor="ann")
    findings.repeated(again, changes)
"""
    counts, results = outcomes(notes, body)
    assert counts == {"passed": 1}
    assert results["findings"] == [
        "POST /notes sent twice: the second is answered 201, 1 row inserted in notes"
    ]


def test_a_test_that_lacks_what_it_needs_is_not_reached(notes: pytest.Pytester) -> None:
    body = """
@given(number=strategies.integers())
def test_own(api, number):
    raise NotReached("POST /notes answered 500 to every valid request")

@pytest.fixture
def row():
    raise NotReached("no row can be arranged")

@covers("POST /notes", "auth")
def test_other(api, row):
    pass
"""
    _, results = outcomes(notes, body)
    assert [(test["outcome"], test["reason"]) for test in results["tests"]] == [
        ("not reached", "POST /notes answered 500 to every valid request"),
        ("not reached", "no row can be arranged"),
    ]
