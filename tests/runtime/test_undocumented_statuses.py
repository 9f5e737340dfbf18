"""Refusals that the spec does not document: findings of a run, and failures only where asked for."""

import json
import re
import subprocess
import sys

import pytest

from .conftest import failed_cells


@pytest.fixture
def bare(notes: pytest.Pytester) -> pytest.Pytester:
    """The notes API with a spec that documents its success alone, and its suite."""
    spec = notes.path / "openapi.yaml"
    text = re.sub(r'        "4(00|01|22)": .*\n', "", spec.read_text())
    assert "422" not in text
    spec.write_text(text)
    return notes


def run(pytester: pytest.Pytester) -> pytest.RunResult:
    gen_suite(pytester, "generate", "--allow-db")
    return pytester.runpytest_subprocess("--allow-db", "-p", "no:cacheprovider", "tests/api")


def gen_suite(pytester: pytest.Pytester, *arguments: str) -> str:
    command = [sys.executable, "-m", "gen_suite", *arguments]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_undocumented_refusals_are_one_finding_for_each_status(bare: pytest.Pytester) -> None:
    result = run(bare)
    assert "failed" not in result.parseoutcomes(), result.stdout.str()
    result.stdout.fnmatch_lines(
        [
            "gen-suite: statuses that the spec does not document: 400 (1 operation), "
            "401 (1 operation), 422 (1 operation)*"
        ]
    )
    told = json.loads(gen_suite(bare, "gaps", "--format", "json"))["findings"]
    assert "401 is answered and not documented (1): POST /notes" in told
    assert "422 is answered and not documented (1): POST /notes" in told


def test_undocumented_refusals_fail_where_every_status_must_be_documented(
    bare: pytest.Pytester,
) -> None:
    mapping = bare.path / "gen-suite.yaml"
    mapping.write_text("strict_statuses: true\n" + mapping.read_text())
    result = run(bare)
    result.stdout.fnmatch_lines(["*POST /notes answered 401; the spec documents 201*"])
    assert failed_cells(bare.path) == {
        ("test_rejects", "contract"),
        ("test_rejects_unauthenticated", "contract"),
    }


def test_a_crash_is_no_refusal_whatever_is_documented(
    bare: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_BUG", "crash")
    result = run(bare)
    result.stdout.fnmatch_lines(
        ["*assert POST /notes answered 500, which is no success*", "* 1 failed*39 not reached*"]
    )
