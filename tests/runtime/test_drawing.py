"""Drawn bodies in an emitted suite: profiles, seeds, replay, and failures that say what was sent."""

import json
import re
from pathlib import Path

import pytest

SUITE = "tests/api"
STORES = "test_stores_what_it_claims"
RECORDING = """
import json
from pathlib import Path
from gen_suite.runtime import bodies, covers
from hypothesis import given

@covers("POST /notes", "success")
@given(body=bodies("POST /notes"))
def test_recording(api, database, body):
    with Path("bodies.txt").open("a") as file:
        file.write(json.dumps(body) + "\\n")
    assert api.post("/notes", json=body, actor="ann").status_code == 201
"""


def run(notes: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """The suite as at a desk: on CI, Hypothesis forgets seeds and failures unless told otherwise."""
    plain = ("--allow-db", "-p", "no:cacheprovider", "--hypothesis-profile=default")
    return notes.runpytest_subprocess(*plain, *arguments, SUITE)


def recorded(notes: pytest.Pytester, *arguments: str) -> list[dict[str, object]]:
    """The bodies that a passing test drew."""
    file = notes.path / "bodies.txt"
    file.unlink(missing_ok=True)
    (notes.path / SUITE / "test_recording.py").write_text(RECORDING)
    result = run(notes, "-k", "recording", *arguments)
    assert result.parseoutcomes()["passed"] == 1, result.stdout.str()
    return [json.loads(line) for line in file.read_text().splitlines()]


def failing_body(result: pytest.RunResult) -> dict[str, object]:
    """What Hypothesis' own report says was drawn."""
    shown = re.search(r"Failing test case: .*?body=(\{.*?\}),", result.stdout.str(), re.DOTALL)
    assert shown, result.stdout.str()
    body: dict[str, object] = eval(shown[1])
    return body


def test_text_is_clean_unless_the_profile_is_hostile(notes: pytest.Pytester) -> None:
    clean = [str(body["title"]) for body in recorded(notes)]
    assert len(clean) <= 10
    assert all(title.isascii() and title == title.strip() for title in clean)
    wild = [str(body["title"]) for body in recorded(notes, "--gen-suite-profile", "hostile")]
    assert 10 < len(wild) <= 50
    assert any("👍" in title for title in wild)
    assert any(title.startswith(" ") for title in wild)
    assert any(len(title) == 40 for title in wild)


def test_the_variable_names_a_profile_too(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEN_SUITE_PROFILE", "ci")
    assert len(recorded(notes)) > 10


def test_a_profile_that_is_none_is_refused(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEN_SUITE_PROFILE", "hostil")
    result = run(notes)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*GEN_SUITE_PROFILE names no profile: 'hostil'*"])
    result.stderr.fnmatch_lines(["*did you mean `hostile`?*"])


def test_a_seed_draws_the_same_again(notes: pytest.Pytester) -> None:
    first = recorded(notes, "--hypothesis-seed=7")
    assert recorded(notes, "--hypothesis-seed=7") == first
    assert recorded(notes, "--hypothesis-seed=8") != first


def test_a_failure_is_small_and_comes_first_in_the_next_run(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_BUG", "echo")
    assert failing_body(run(notes, "-k", STORES)) == {"title": "amber"}
    assert (notes.path / ".hypothesis" / "examples").is_dir()
    again = run(notes, "-k", STORES, "--hypothesis-verbosity=verbose", "-s")
    drawn = re.findall(r"body=(.*),", again.stdout.str())
    assert drawn[0] == "{'title': 'amber'}"


def test_reproduce_failure_brings_it_back(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_BUG", "echo")
    failed = run(notes, "-k", STORES, "--hypothesis-profile=ci")
    blob = re.search(r"@reproduce_failure\(.*?, (b['\"].*?['\"])\)", failed.stdout.str())
    assert blob, failed.stdout.str()
    module = _reproducing(notes.path / SUITE / "test_create_note.py", blob[0])
    again = run(notes, "-k", STORES)
    assert failing_body(again) == failing_body(failed) == {"title": "amber"}
    monkeypatch.delenv("NOTES_BUG")
    assert "DidNotReproduce" in run(notes, "-k", STORES).stdout.str(), module


def _reproducing(file: Path, decorator: str) -> str:
    """The emitted module with the decorator that Hypothesis told to add."""
    text = file.read_text()
    head, _, rest = text.partition(f"def {STORES}")
    above, given, body = head.rpartition("@given")
    text = f"{above}{decorator}\n{given}{body}def {STORES}{rest}"
    text = text.replace(
        "from hypothesis import given", "from hypothesis import given, reproduce_failure"
    )
    file.write_text(text)
    return text
