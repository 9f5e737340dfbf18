"""Markers by which pytest selects tests of a suite, quick runs, and cases that a depth leaves out."""

import json
from pathlib import Path

import pytest

SUITE = "tests/api"


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("--allow-db", "-p", "no:cacheprovider", *arguments, SUITE)


def collected(pytester: pytest.Pytester, *arguments: str) -> list[str]:
    """The names of the tests that pytest would run."""
    result = run(pytester, "--collect-only", "-q", *arguments)
    return [line.partition("::")[2] for line in result.outlines if "::" in line]


def with_depth(pytester: pytest.Pytester, depth: str) -> None:
    mapping = pytester.path / "gen-suite.yaml"
    mapping.write_text(mapping.read_text().replace("depth: thorough", f"depth: {depth}"))


def test_tests_are_selected_by_concern_and_risk(notes: pytest.Pytester) -> None:
    (notes.path / SUITE / "test_own.py").write_text(
        "from gen_suite.runtime import covers\n\n\n"
        '@covers("POST /notes", "rollback")\ndef test_mine(): pass\n\n\n'
        '@covers("POST /gone", "rollback")\ndef test_of_nothing_known(): pass\n'
    )
    strict = ("--strict-markers", "-W", "error::pytest.PytestUnknownMarkWarning")
    chosen = collected(notes, *strict, "-m", "rollback and medium")
    assert "test_mine" in chosen
    assert "test_of_nothing_known" not in chosen
    assert not any("rejects" in name for name in chosen)
    assert collected(notes, "-m", "high") == []


def test_markers_are_described(notes: pytest.Pytester) -> None:
    result = notes.runpytest_subprocess("--markers")
    result.stdout.fnmatch_lines_random(
        [
            "@pytest.mark.rollback: tests of the concern rollback: Does a failure half-way leave *",
            "@pytest.mark.high: tests of operations of high risk",
        ]
    )


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_quick_run_does_one_case_of_each_and_says_so(
    notes: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    with (notes.path / SUITE / "test_create_note.py").open("a") as module:
        module.write(
            '\n\n@pytest.mark.parametrize("number", range(7))\n'
            "def test_of_ones_own(number: int) -> None: ...\n"
        )
    chosen = "rejects and not (unauthenticated or mass) or stores_what or own"
    result = run(notes, "--gen-suite-quick", "-k", chosen, *workers)
    result.assert_outcomes(passed=9)
    told = "--gen-suite-quick left out * cases of parametrised tests, and drew one example in each of 1 tests"
    result.stdout.fnmatch_lines([f"gen-suite: {told}"])
    results = json.loads((notes.path / ".gen-suite" / "results.json").read_text())
    assert results["findings"][0].startswith("--gen-suite-quick left out ")
    assert len(results["tests"]) == 2


def test_a_depth_leaves_cases_out_and_the_run_says_so(notes: pytest.Pytester) -> None:
    thorough = collected(notes, "-k", "rejects or edge")
    with_depth(notes, "essential")
    result = run(notes, "-k", "rejects or edge", "--collect-only", "-q")
    few = [line for line in result.outlines if "::" in line]
    assert len(few) < len(thorough)
    assert sum("test_rejects[" in name for name in few) == 8
    assert sum("stores_edge" in name for name in few) == 4
    result.stdout.fnmatch_lines(
        [
            "gen-suite: * cases of parametrised tests are left out for the depth of their operations; *"
        ]
    )


def test_a_test_draws_as_much_as_its_operation_is_worth(notes: pytest.Pytester) -> None:
    with_depth(notes, "{default: essential, persistence: thorough}")
    (notes.path / SUITE / "test_own.py").write_text(
        "from gen_suite.runtime import bodies, covers\n"
        "from hypothesis import given, settings\n\n"
        "drawn = []\n\n\n"
        '@covers("POST /notes", "auth")\n@given(body=bodies("POST /notes"))\n'
        "def test_few(body): drawn.append('few')\n\n\n"
        '@covers("POST /notes", "persistence")\n@given(body=bodies("POST /notes"))\n'
        "def test_all(body): drawn.append('all')\n\n\n"
        '@covers("POST /notes", "auth")\n@given(body=bodies("POST /notes"))\n'
        "@settings(max_examples=4)\ndef test_as_it_says(body): drawn.append('as it says')\n\n\n"
        "def test_counts():\n"
        "    counts = [drawn.count(name) for name in ('few', 'all', 'as it says')]\n"
        "    assert counts == [3, 10, 4]\n"
    )
    result = notes.runpytest_subprocess(str(Path(SUITE) / "test_own.py"))
    result.assert_outcomes(passed=4)
