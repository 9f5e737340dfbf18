"""A fault is said once: what needs the success of an operation is not reached where that cannot be had."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

SUITE = "tests/api"


def run(notes: pytest.Pytester, *arguments: str) -> tuple[pytest.RunResult, list[dict[str, Any]]]:
    result = notes.runpytest_subprocess(
        "--allow-db", "-p", "no:cacheprovider", "-p", "no:schemathesis", *arguments, SUITE
    )
    results = json.loads((notes.path / ".gen-suite" / "results.json").read_text())
    return result, results["tests"]


def outcomes(tests: list[dict[str, Any]], concern: str) -> Counter[str]:
    """What the cells of a concern came to."""
    return Counter(
        next((outcome for *cell, outcome in test.get("cells", ()) if cell == pair), test["outcome"])
        for test in tests
        for pair in test["covers"]
        if pair[1] == concern
    )


@pytest.mark.parametrize(
    "order",
    [(), ("--random-order", "--random-order-seed=4"), ("-n", "2")],
    ids=["in order", "at random", "two workers"],
)
def test_a_broken_operation_fails_one_test_of_its_success_and_nothing_else(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, order: tuple[str, ...]
) -> None:
    monkeypatch.setenv("NOTES_BUG", "crash")
    result, tests = run(notes, *order)
    shown = outcomes(tests, "success")
    assert 1 <= shown["failed"] <= (2 if "-n" in order else 1)  # each worker sees it for itself
    assert set(shown) <= {"failed", "not reached"}
    for concern in ("validation", "persistence", "rollback", "idempotency", "concurrency"):
        assert "failed" not in outcomes(tests, concern)
        assert outcomes(tests, concern)["not reached"] >= 1
    assert outcomes(tests, "auth")["passed"] >= 1
    output = result.stdout.str()
    assert "POST /notes broke: RuntimeError: the note was too heavy" in output
    assert output.count("not reached: POST /notes answers 500 to every valid request") == 1


LATE = """
from gen_suite.runtime import covers

@covers("POST /notes", "success")
def test_succeeds(api):
    assert api.post("/notes", json={"title": "x"}).status_code == 201

@covers("POST /notes", "persistence")
def test_writes(api, database):
    with database.watch() as changes:
        response = api.post("/notes", json={"title": "x"})
    assert response.status_code == 201
"""


def test_rows_of_a_refused_request_are_a_failure_all_the_same(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    (notes.path / SUITE / "test_create_note.py").write_text(LATE)
    monkeypatch.setenv("NOTES_BUG", "late")
    _, tests = run(notes)
    assert [test["outcome"] for test in tests] == ["failed", "failed"]
    assert "wrote all the same" in tests[1]["verdict"]
    monkeypatch.setenv("NOTES_BUG", "")
    _, tests = run(notes)
    assert [test["outcome"] for test in tests] == ["failed", "not reached"]


DEADLY = """
from gen_suite.runtime import covers

@covers("POST /notes", "persistence")
def test_before(api, database):
    assert api.post("/notes", json={"title": "x"}, actor="ann").status_code == 201

@covers("POST /notes", "persistence")
def test_during(api, database):
    assert api.post("/notes", json={"title": "deadly"}, actor="ann").status_code == 201

@covers("POST /notes", "persistence")
def test_after(api, database):
    assert api.post("/notes", json={"title": "x"}, actor="ann").status_code == 201
"""


def test_an_application_that_died_is_started_again_and_the_test_says_so(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_BUG", "deadly")
    (notes.path / SUITE / "test_create_note.py").write_text(DEADLY)
    result, tests = run(notes)
    assert [test["outcome"] for test in tests] == ["passed", "failed", "passed"]
    assert tests[1]["reason"] == (
        "POST /notes got no answer: the application ended with signal SIGKILL; its last lines:"
    )
    assert "out of memory, says the note" in result.stdout.str()


LATER = """
import os
import signal
from gen_suite.runtime import covers

@covers("POST /notes", "persistence")
def test_during(api, database, request):
    from gen_suite.runtime.plugin import session_of
    process = session_of(request.config)._app.process
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

@covers("POST /notes", "persistence")
def test_after(api, database):
    assert api.post("/notes", json={"title": "x"}, actor="ann").status_code == 201
"""


def test_a_test_in_which_the_application_ends_after_its_answers_does_not_pass(
    notes: pytest.Pytester,
) -> None:
    (notes.path / SUITE / "test_create_note.py").write_text(LATER)
    _, tests = run(notes)
    assert [test["outcome"] for test in tests] == ["failed", "passed"]
    assert tests[0]["reason"] == "the application ended with signal SIGKILL; its last lines:"


UNSHOWN = """
from gen_suite.runtime import covers

@covers("POST /notes", "rollback")
def test_did_not_fire(api, database):
    with database.fault("delete notes") as injected:
        response = api.post("/notes", json={"title": "x"}, actor="ann")
    with database.undone(), database.watch() as changes:
        api.post("/notes", json={"title": "x"}, actor="ann")
    assert injected.confirmed_by(changes)

@covers("POST /notes", "rollback")
def test_something_else_failed(api, database):
    with database.fault("delete notes") as injected:
        response = api.post("/notes", json={"title": "x"}, actor="ann")
    with database.undone(), database.watch() as changes:
        api.post("/notes", json={"title": "x"}, actor="ann")
    assert response.is_error, injected.confirmed_by(changes)
"""


def test_only_an_assertion_about_the_fault_itself_makes_a_skip(notes: pytest.Pytester) -> None:
    (notes.path / SUITE / "test_create_note.py").write_text(UNSHOWN)
    _, tests = run(notes)
    assert [test["outcome"] for test in tests] == ["skipped", "failed"]
    assert "failure at delete notes proves nothing" in tests[0]["reason"]
