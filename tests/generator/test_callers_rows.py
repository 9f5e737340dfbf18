"""Rows whose columns are arranged with `$actor.id`: each caller's row holds that caller's id."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from gen_suite.generator.plan import plan
from gen_suite.generator.render import render
from gen_suite.generator.rows import Rows
from gen_suite.mapping.infer.settle import read_text
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import resolve
from gen_suite.matrix.build import build
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


GRADED = """
spec: openapi.json
actors:
  tara: {id: 1, role: teacher, auth: {bearer: t1}}
  sue: {id: 3, role: student, auth: {bearer: t3}}
resources:
  mark:
    table: marks
    owner: holder_id
operations:
  PATCH /marks/{id}: {updates: mark, allow: {role: [teacher]}}
"""


@pytest.mark.parametrize("owned", [True, False])
def test_a_caller_of_another_role_is_refused_its_own_rows(owned: bool, tmp_path: Path) -> None:
    """With a row of somebody else the API may refuse for the row, and never look at the role."""
    with sqlite3.connect(tmp_path / "marks.db") as database:
        database.executescript(
            "CREATE TABLE marks (id INTEGER PRIMARY KEY, grade INTEGER, holder_id INTEGER)"
        )
    body = {"type": "object", "properties": {"grade": {"type": "integer"}}}
    patch = {
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"200": {"description": "graded"}},
    }
    one = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    head = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}}
    schemes = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    paths = {"/marks/{id}": {"parameters": [one], "patch": patch}}
    whole = {**head, "paths": paths, "components": schemes, "security": [{"token": []}]}
    (tmp_path / "openapi.json").write_text(json.dumps(whole))
    mapping = GRADED if owned else GRADED.replace("    owner: holder_id\n", "")
    read = read_text(mapping, tmp_path / "m.yaml")
    schema = reflect(f"sqlite:///{tmp_path / 'marks.db'}")
    resolved = resolve(read, read_document(tmp_path / "openapi.json"), schema)
    files = {file.path: file.text for file in render(plan(build(resolved), resolved), resolved)}
    (module,) = [text for name, text in files.items() if "marks" in name]
    told = "rejects_another_role_with_rows_of_its_own("
    assert (told in module) is owned
    if owned:
        test = module.partition(told)[2].partition("@covers")[0]
        assert "sues_mark" in test.partition(")")[0]
        assert 'actor="sue", mark=sues_mark)' in test
        assert 'holder_id=actors["sue"].id' in module
