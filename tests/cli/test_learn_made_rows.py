"""Rows that only the API can make: `learn` has them made, and so does the suite, by `made_by`."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gen_suite.errors import MappingError
from gen_suite.mapping.infer.settle import read_text
from gen_suite.mapping.kept_schema import read_schema
from gen_suite.mapping.resolve import resolve
from gen_suite.spec.read import read_document

DOCUMENTS = Path(__file__).parents[1] / "examples" / "documents"


def _run(folder: Path, *words: str, bug: str = "") -> subprocess.CompletedProcess[str]:
    unset = ("DATABASE_URL", "GEN_SUITE_ALLOW_DB")
    environment = {k: v for k, v in os.environ.items() if k not in unset}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=environment | {"DOCUMENTS_BUG": bug},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents' mapping as `init` and `learn` leave it, and the suite made of it."""
    folder = tmp_path_factory.mktemp("documents")
    for name in ("app.py", "openapi.yaml"):
        shutil.copy(DOCUMENTS / name, folder)
    with sqlite3.connect(folder / "documents.db") as database:
        database.executescript((DOCUMENTS / "schema.sql").read_text())
    for words in (
        ["init", "openapi.yaml", "--database", "sqlite:///documents.db", "--allow-db", "--app", "wsgi:app:application"],
        ["learn", "--allow-db", "--yes"],
        ["generate", "--allow-db"],
    ):  # fmt: skip
        done = _run(folder, "gen_suite", *words)
        assert done.returncode == 0, done.stderr
    return folder


def test_learn_finds_who_makes_the_rows_that_are_refused_when_arranged(learned: Path) -> None:
    file = learned / "gen-suite.yaml"
    resolved = resolve(
        read_text(file.read_text(), file),
        read_document(learned / "openapi.yaml"),
        read_schema(learned),
    )
    made = {name: one.made_by for name, one in resolved.resources.items()}
    assert made == {"shelf": "PUT /shelves/{id}", "book": "POST /shelves/{shelf_id}/books"}
    writes = {label: write.kind for label, write in resolved.operations.items()}
    assert writes == {
        "PUT /shelves/{id}": "creates",
        "POST /shelves/{shelf_id}/books": "creates",
        "PATCH /shelves/{shelf_id}/books/{id}": "updates",
        "PUT /shelves/{shelf_id}/books/{id}": "updates",
        "DELETE /shelves/{shelf_id}/books/{id}": "deletes",
    }
    replacement = resolved.operations["PUT /shelves/{shelf_id}/books/{id}"].entry
    assert replacement is not None
    assert replacement.fill == {"id": "$request.path.id"}
    update = resolved.operations["PATCH /shelves/{shelf_id}/books/{id}"]
    assert [(one.parameter, one.resource, one.column) for one in update.path] == [
        ("shelf_id", "shelf", "id"),
        ("id", "book", "id"),
    ]


def test_the_suite_has_its_rows_made_and_passes(learned: Path) -> None:
    done = _run(learned, "pytest", "--allow-db", "-q", "-p", "no:cacheprovider", "tests/api")
    assert done.returncode == 0, done.stdout
    report = _run(learned, "gen_suite", "gaps").stdout
    assert "can be read back" not in report


@pytest.mark.parametrize(
    ("bug", "test"),
    [
        ("forgets", "test_patch_shelves_books_by_id.py::test_stores_what_it_claims"),
        ("strays", "test_patch_shelves_books_by_id.py::test_stores_what_it_claims"),
        ("leftover", "test_delete_shelves_books_by_id.py::test_deletes_the_row_and_no_other"),
    ],
)
def test_the_suite_sees_what_is_wrong_with_such_rows(learned: Path, bug: str, test: str) -> None:
    words = ["pytest", "--allow-db", "-q", "-p", "no:cacheprovider", f"tests/api/{test}"]
    done = _run(learned, *words, bug=bug)
    assert done.returncode == 1, done.stdout
    assert f"/{test}" in done.stdout


def test_made_by_names_an_operation_that_creates_the_resource(learned: Path) -> None:
    file = learned / "gen-suite.yaml"
    text = file.read_text().replace('made_by: "PUT /shelves/{id}"', "made_by: PUT /shelf")
    text = text.replace("made_by: PUT /shelves/{id}", "made_by: PUT /shelf")
    with pytest.raises(MappingError) as caught:
        resolve(
            read_text(text, file), read_document(learned / "openapi.yaml"), read_schema(learned)
        )
    assert "`PUT /shelf` does not say that it `creates: shelf`" in str(caught.value)
    assert "PUT /shelves/{id}" in str(caught.value)
