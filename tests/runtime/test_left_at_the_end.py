"""What is written after the last undo: taken back when the run ends, or told where that cannot be."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from .conftest import gen_suite

LATE = """
import os, sqlite3
import pytest
from gen_suite.runtime import covers
from gen_suite.runtime.plugin import session_of

def late(*statements):
    with sqlite3.connect("notes.db") as other:
        for statement in statements:
            other.execute(statement)

@pytest.fixture
def after(request):
    yield
    late("INSERT INTO notes (title) VALUES ('written by a background task')", *os.environ["LATE"].split(";"))

@covers("POST /notes", "persistence")
def test_it(after, api, database):
    assert api.post("/notes", json={"title": "x"}, actor="ann").status_code == 201
"""


def run(notes: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    (notes.path / "tests" / "api" / "test_late.py").write_text(LATE)
    return notes.runpytest_subprocess(
        "--allow-db", "-p", "no:cacheprovider", "tests/api/test_late.py", *arguments
    )


def dump(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "notes.db") as database:
        return list(database.iterdump())


def test_what_comes_after_the_last_undo_does_not_stay(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATE", "UPDATE notes SET stars = 0")
    before = dump(notes.path)
    result = run(notes)
    result.assert_outcomes(passed=1)
    assert result.ret == 0
    assert dump(notes.path) == before


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_what_cannot_be_taken_back_is_told_and_kept_for_restore(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, workers: tuple[str, ...]
) -> None:
    (notes.path / ".gen-suite").mkdir(exist_ok=True)
    if workers:  # in place: nothing can be cloned to a file that is none of ours
        (notes.path / "notes.gw0.db").write_bytes((notes.path / "notes.db").read_bytes())
    monkeypatch.setenv("LATE", "ALTER TABLE notes ADD COLUMN colour TEXT")
    result = run(notes, *workers)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "*the database is not as it was*",
            "*could not all be taken back*1 row change(s) in notes*",
            "*gen-suite restore --allow-db*",
        ]
    )
    assert "_gen_suite_" in "\n".join(dump(notes.path))
    done = gen_suite(notes.path, "restore", "--allow-db", "--discard")
    assert "left 1 row change(s) in place" in done.stdout
    assert "_gen_suite_" not in "\n".join(dump(notes.path))
