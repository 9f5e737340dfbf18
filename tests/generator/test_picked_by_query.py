"""Rows that a query parameter picks, `PATCH /directors?id=eq.7`, as PostgREST has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gen_suite.generator.plan import plan
from gen_suite.generator.render import render
from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import Resolved, resolve
from gen_suite.matrix.build import build
from gen_suite.spec.read import read_document

FILMS = Path(__file__).parents[1] / "examples" / "films"
TOKENS = {"EDITOR_TOKEN": "editor-token", "READER_TOKEN": "reader-token"}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The films with their mapping by hand and a filled database."""
    folder = tmp_path_factory.mktemp("films")
    shutil.copytree(FILMS, folder, dirs_exist_ok=True)
    (folder / "expected.yaml").rename(folder / "gen-suite.yaml")
    environment = os.environ | {"DATABASE_URL": "sqlite:///films.db"}
    subprocess.run([sys.executable, "app.py"], cwd=folder, env=environment, check=True)
    return folder


@pytest.fixture(scope="module")
def films(here: Path) -> Resolved:
    url = f"sqlite:///{here / 'films.db'}"
    mapping = read_mapping(here / "gen-suite.yaml", env=TOKENS | {"DATABASE_URL": url})
    return resolve(mapping, read_document(mapping.spec_path), reflect(url))


def test_the_query_is_bound_to_the_key(films: Resolved) -> None:
    (one,) = films.operations["PATCH /directors"].path
    assert (one.parameter, one.table, one.column, one.query) == ("id", "directors", "id", "eq.")
    both = films.operations["DELETE /nominations"].path
    assert {(one.parameter, one.query) for one in both} == {
        ("film_id", "eq."),
        ("competition_id", "eq."),
    }
    assert films.operations["POST /directors"].path == ()


def test_the_request_names_the_row_in_its_query(films: Resolved) -> None:
    files = {file.path: file.text for file in render(plan(build(films), films), films)}
    patch = files["test_patch_directors.py"]
    assert """params={"id": f"eq.{director['id']}"}""" in patch
    assert "path=" not in patch
    assert "can_be_read_back" not in patch
    for name, text in files.items():
        compile(text, name, "exec")


def test_the_emitted_tests_pass(here: Path) -> None:
    environment = os.environ | TOKENS | {"DATABASE_URL": f"sqlite:///{here / 'films.db'}"}
    generate = [sys.executable, "-m", "gen_suite", "generate", "--allow-db"]
    subprocess.run(generate, cwd=here, env=environment, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--allow-db", "-q", "-p", "no:cacheprovider",
         "--rootdir", str(here), "-k", "stores_what or leaves_nothing or one_at_a_time",
         "tests/api/test_patch_directors.py", "tests/api/test_delete_nominations.py"],
        cwd=here, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
