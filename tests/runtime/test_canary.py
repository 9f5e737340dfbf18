"""An application that remembers what undo took back is named once, and started anew."""

from __future__ import annotations

import json
from typing import Any

import pytest

LISTED = """
  /notes:
    get:
      operationId: listNotes
      responses:
        "200":
          description: The titles.
          content: {application/json: {schema: {type: array, items: {type: string}}}}
"""
TEST = """
import pytest
from gen_suite.runtime import covers

@covers("POST /notes", "persistence")
@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_list_shows_what_is_stored(api, database, number):
    api.post("/notes", json={"title": f"note {number}"}, actor="ann")
    stored = [row["title"] for row in database.rows("notes")]
    assert api.get("/notes", actor="ann").json() == stored
"""


def run(notes: pytest.Pytester) -> dict[str, Any]:
    spec = notes.path / "openapi.yaml"
    spec.write_text(spec.read_text().replace("\n  /notes:\n", LISTED, 1))
    (notes.path / "tests" / "api" / "test_create_note.py").write_text(TEST)
    notes.runpytest_subprocess(
        "--allow-db", "-p", "no:cacheprovider", "-p", "no:schemathesis", "tests/api"
    )
    results: dict[str, Any] = json.loads((notes.path / ".gen-suite" / "results.json").read_text())
    return results


def test_an_application_that_keeps_rows_in_memory_is_named_once_and_disturbs_no_later_test(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTES_BUG", "remembers")
    results = run(notes)
    assert [test["outcome"] for test in results["tests"]] == ["passed"] * 3
    assert results["findings"] == [
        "the application remembers what was taken back: GET /notes answers other rows after the rows of "
        "POST /notes were taken back, until it is started anew: it keeps rows in memory"
    ]


def test_of_one_that_forgets_nothing_is_said(notes: pytest.Pytester) -> None:
    results = run(notes)
    assert [test["outcome"] for test in results["tests"]] == ["passed"] * 3
    assert results["findings"] == []
