"""Values that are stored as a function of the user's makes them, on a real API."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

RULES = """
def stored_title(title):
    return title[:3]


def stored_as_sent(title):
    return title
"""


def mapped(notes: pytest.Pytester, fields: str) -> Path:
    """The notes API with a mapping that says more of its fields, its suite emitted anew."""
    mapping = notes.path / "gen-suite.yaml"
    text = mapping.read_text()
    mapping.write_text(text.replace("table: notes", f"table: notes\n    fields: {fields}"))
    command = [sys.executable, "-m", "gen_suite", "generate", "--allow-db"]
    subprocess.run(command, cwd=notes.path, check=True, capture_output=True)
    return notes.path / "tests" / "api" / "test_create_note.py"


def run(notes: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return notes.runpytest_subprocess(
        "--allow-db",
        "-p",
        "no:cacheprovider",
        *arguments,
        "tests/api",
        "-k",
        "persistence or stores",
    )


@pytest.mark.parametrize(
    ("function", "bug", "outcome"),
    [
        ("stored_title", "echo", "passed"),  # the API cuts titles: now it says so
        ("stored_title", "", "failed"),
        ("stored_as_sent", "echo", "failed"),
        ("stored_as_sent", "", "passed"),
    ],
)
def test_the_function_tells_what_is_stored(
    notes: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    bug: str,
    outcome: str,
) -> None:
    (notes.path / "rules").mkdir()
    (notes.path / "rules" / "titles.py").write_text(RULES)
    monkeypatch.setenv("PYTHONPATH", str(notes.path))
    monkeypatch.setenv("NOTES_BUG", bug)
    emitted = mapped(notes, f"{{title: {{column: title, as: rules.titles.{function}}}}}")
    assert "\nimport rules.titles\n" in emitted.read_text()
    assert f'transformed("title", rules.titles.{function})' in emitted.read_text()
    assert outcome in run(notes).parseoutcomes()


def test_generate_imports_nothing(notes: pytest.Pytester) -> None:
    (notes.path / "trap.py").write_text("open('sprung', 'w').close()")
    mapped(notes, "{title: {column: title, as: trap.spring}}")
    assert not (notes.path / "sprung").exists()


@pytest.mark.parametrize(("bug", "outcome"), [("", "failed"), ("starless", "passed")])
def test_what_is_computed_cannot_be_sent(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, bug: str, outcome: str
) -> None:
    monkeypatch.setenv("NOTES_BUG", bug)
    mapped(notes, "{stars: {column: stars, as: computed}}")
    result = notes.runpytest_subprocess(
        "--allow-db",
        "-p",
        "no:cacheprovider",
        "tests/api",
        "-k",
        "rejects_mass_assignment and stars",
    )
    assert outcome in result.parseoutcomes(), result.stdout.str()
    with sqlite3.connect(notes.path / "notes.db") as database:
        assert len(list(database.execute("SELECT * FROM notes"))) == 1
