"""Decorators of emitted tests never raise: a body that cannot be made costs its own tests alone."""

import json

import pytest

from .conftest import gen_suite


def test_a_body_that_can_no_longer_be_made_fails_its_own_tests(notes: pytest.Pytester) -> None:
    """The spec has changed since the suite was emitted."""
    spec = notes.path / "openapi.yaml"
    spec.write_text(
        spec.read_text().replace("minLength: 1, maxLength: 40", "minLength: 50, maxLength: 40")
    )
    own = notes.path / "tests" / "api" / "test_own.py"
    own.write_text("def test_health(api):\n    assert api.get('/health').is_success\n")
    run = notes.runpytest_subprocess(
        "--allow-db", "-p", "no:schemathesis", "-k", "edge or health or rejects"
    )
    assert run.parseoutcomes()["passed"] == 1
    assert "errors" not in run.parseoutcomes()
    results = json.loads((notes.path / ".gen-suite" / "results.json").read_text())
    assert results["tests"]
    for test in results["tests"]:
        assert test["outcome"] == "failed"
        assert "title: minLength 50 is above maxLength 40" in test["reason"]
    shown = gen_suite(notes.path, "matrix", "--gaps").stdout
    assert "no valid request can be made" in shown
