"""Rows whose columns are arranged with `$actor.id`: each caller's row holds that caller's id."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from gen_suite.generator.rows import Rows
from gen_suite.mapping.infer.settle import read_text
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import resolve
from gen_suite.spec.read import read_document

MAPPING = """
spec: openapi.json
actors:
  tara: {id: 1}
  tom: {id: 2}
resources:
  course:
    table: courses
    arrange: {teacher_id: $actor.id}
"""


@pytest.mark.parametrize(
    ("actor", "expected"), [(None, 'actors["tara"].id'), ("tom", 'actors["tom"].id')]
)
def test_a_row_of_another_caller_holds_that_callers_id(
    actor: str | None, expected: str, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "courses.db") as database:
        database.executescript("CREATE TABLE courses (id INTEGER PRIMARY KEY, teacher_id INTEGER)")
    paths = {"/courses": {"post": {"responses": {"201": {"description": "made"}}}}}
    head = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}}
    (tmp_path / "openapi.json").write_text(json.dumps({**head, "paths": paths}))
    document = read_document(tmp_path / "openapi.json")
    schema = reflect(f"sqlite:///{tmp_path / 'courses.db'}")
    resolved = resolve(read_text(MAPPING, tmp_path / "m.yaml"), document, schema)
    made = Rows.of_suite(resolved).own("another_course", "course", actor=actor)
    assert dict(made.values) == {"teacher_id": expected}
