"""A thousand operations are resolved at once, whatever they share."""

from __future__ import annotations

import json
import time
from pathlib import Path

from gen_suite.mapping.read import parse_mapping
from gen_suite.mapping.resolve import resolve
from gen_suite.mapping.schema import Column, ForeignKey, Schema, Table
from gen_suite.spec.read import read_document

RESOURCES = 250


def test_a_thousand_operations(tmp_path: Path) -> None:
    spec, mapping, schema = _spec(), _mapping(), _schema()
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(spec))
    document = read_document(path)
    read = parse_mapping(mapping, tmp_path / "gen-suite.yaml", env={})
    best = 9.0
    for _ in range(3):
        start = time.process_time()
        resolved = resolve(read, document, schema)
        best = min(best, time.process_time() - start)
    assert len(resolved.operations) == 4 * RESOURCES
    write = resolved.operations["POST /thing7s"]
    assert len(write.fields) == 20
    assert write.references[0].table == "things6"
    assert best < 0.5


def _spec() -> dict[str, object]:
    paths: dict[str, object] = {}
    schemas: dict[str, object] = {}
    for n in range(RESOURCES):
        fields = {f"someField{i}": {"type": "string"} for i in range(19)}
        schemas[f"New{n}"] = {
            "type": "object",
            "properties": {**fields, f"thing{n - 1}Id": {"type": "integer"}},
        }
        schemas[f"Thing{n}"] = {
            "allOf": [
                {"$ref": f"#/components/schemas/New{n}"},
                {"type": "object", "properties": {"id": {"type": "integer"}}},
            ]
        }
        body = {
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/New{n}"}}}
        }
        answer = {
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/Thing{n}"}}}
        }
        done = {"200": {"description": "ok", **answer}}
        parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
        paths[f"/thing{n}s"] = {"post": {"requestBody": body, "responses": done}}
        paths[f"/thing{n}s/{{id}}"] = {
            "parameters": [parameter],
            "put": {"requestBody": body, "responses": done},
            "patch": {"requestBody": body, "responses": done},
            "delete": {"responses": {"204": {"description": "gone"}}},
        }
    info = {"title": "Big", "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": schemas}}


def _mapping() -> str:
    lines = ["spec: openapi.json", "resources:"]
    lines += [f"  thing{n}: {{table: things{n}}}" for n in range(RESOURCES)]
    lines.append("operations:")
    for n in range(RESOURCES):
        lines += [
            f"  POST /thing{n}s: {{creates: thing{n}, changes: [{{inserts: log}}]}}",
            f"  PUT /thing{n}s/{{id}}: {{updates: thing{n}}}",
            f"  PATCH /thing{n}s/{{id}}: {{updates: thing{n}}}",
            f"  DELETE /thing{n}s/{{id}}: {{deletes: thing{n}}}",
        ]
    return "\n".join(lines)


def _schema() -> Schema:
    tables = {"log": Table("log", columns={"id": Column("id", "integer")}, primary_key=("id",))}
    for n in range(RESOURCES):
        names = ["id", *(f"some_field{i}" for i in range(19)), f"thing{n - 1}_id"]
        parent = ForeignKey((f"thing{n - 1}_id",), f"things{n - 1}", ("id",), "CASCADE")
        tables[f"things{n}"] = Table(
            f"things{n}",
            columns={name: Column(name, "text") for name in names},
            primary_key=("id",),
            foreign_keys=(parent,) if n else (),
        )
    return Schema(tables, "sqlite")
