"""Path parameters that name a row by a unique text, where its key is a number."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from gen_suite.mapping.infer.propose import propose
from gen_suite.mapping.infer.settle import settle
from gen_suite.mapping.reflect import reflect
from gen_suite.spec.read import read_document

SCHEMA = """
CREATE TABLE slot_pool (id INTEGER PRIMARY KEY, pool VARCHAR(50) NOT NULL UNIQUE, slots INTEGER);
CREATE TABLE connection (id INTEGER PRIMARY KEY, conn_id VARCHAR(50) NOT NULL UNIQUE, login TEXT);
CREATE TABLE variable (id INTEGER PRIMARY KEY, key VARCHAR(50) NOT NULL UNIQUE, val TEXT);
CREATE TABLE member (
    id INTEGER PRIMARY KEY, email VARCHAR(50) NOT NULL UNIQUE, user_name VARCHAR(50) UNIQUE
);
CREATE TABLE dag (dag_id VARCHAR(50) PRIMARY KEY, note TEXT);
CREATE TABLE dag_run (
    id INTEGER PRIMARY KEY, dag_id VARCHAR(50) NOT NULL REFERENCES dag (dag_id),
    run_id VARCHAR(50) NOT NULL, state TEXT, UNIQUE (dag_id, run_id)
);
CREATE TABLE note (
    id INTEGER PRIMARY KEY, text TEXT, pool_id INTEGER NOT NULL REFERENCES slot_pool (id)
);
"""


@pytest.mark.parametrize(
    ("path", "kind", "expected"),
    [
        ("/pools/{pool_name}", "string", "slot_pool.pool"),
        ("/pools/{pool_id}", "integer", "slot_pool.id"),
        ("/connections/{connection_id}", "string", "connection.conn_id"),
        ("/connections/{connection_id}", "integer", "connection.id"),
        ("/variables/{variable_key}", "string", "variable.key"),
        ("/members/{member_id}", "string", "member.id"),
        ("/dags/{dag_id}/dagRuns/{dag_run_id}", "string", "dag_run.run_id"),
        ("/pools/{pool_name}/notes/{id}", "string", "slot_pool.pool"),
    ],
)
def test_a_text_in_the_path_is_the_unique_text_that_it_is_named_for(
    path: str, kind: str, expected: str, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "paths.db") as database:
        database.executescript(SCHEMA)
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    held = [{"name": n, "in": "path", "required": True, "schema": {"type": kind}} for n in names]
    operation = {"parameters": held, "responses": {"204": {"description": "gone"}}}
    head = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}}
    (tmp_path / "openapi.json").write_text(
        json.dumps({**head, "paths": {path: {"delete": operation}}})
    )
    document = read_document(tmp_path / "openapi.json")
    schema = reflect(f"sqlite:///{tmp_path / 'paths.db'}")
    _, resolved = settle(propose(document, schema), document, schema, tmp_path / "m.yaml")
    bound = resolved.operations[f"DELETE {path}"].path
    assert expected in [f"{one.table}.{one.column}" for one in bound]
