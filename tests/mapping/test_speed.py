"""Resolving takes time in proportion to the operations, whatever they share."""

from __future__ import annotations

import json
import time
from pathlib import Path

from gen_suite.mapping.read import parse_mapping
from gen_suite.mapping.resolve import Resolved, resolve
from gen_suite.mapping.schema import Column, ForeignKey, Schema, Table
from gen_suite.spec.read import read_document

RESOURCES = 250


def test_a_thousand_operations_take_little_more_than_sixteen_times_sixty(tmp_path: Path) -> None:
    few, _ = _resolved(tmp_path, RESOURCES // 16)
    many, resolved = _resolved(tmp_path, RESOURCES)
    assert len(resolved.operations) == 4 * RESOURCES
    write = resolved.operations["POST /thing7s"]
    assert len(write.fields) == 20
    assert write.references[0].table == "things6"
    assert (
        many < 4 * 16 * few
    )  # in proportion, and room for a busy machine; its square would be 256


def _resolved(folder: Path, resources: int) -> tuple[float, Resolved]:
    """Processor seconds of the best of three, and what came of it."""
    path = folder / f"openapi-{resources}.json"
    path.write_text(json.dumps(_spec(resources)))
    document, schema = read_document(path), _schema(resources)
    read = parse_mapping(_mapping(resources), folder / "gen-suite.yaml", env={})
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        resolved = resolve(read, document, schema)
        best = min(best, time.process_time() - start)
    return best, resolved


def _spec(resources: int) -> dict[str, object]:
    paths: dict[str, object] = {}
    schemas: dict[str, object] = {}
    for n in range(resources):
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


def _mapping(resources: int) -> str:
    lines = ["spec: openapi.json", "resources:"]
    lines += [f"  thing{n}: {{table: things{n}}}" for n in range(resources)]
    lines.append("operations:")
    for n in range(resources):
        lines += [
            f"  POST /thing{n}s: {{creates: thing{n}, changes: [{{inserts: log}}]}}",
            f"  PUT /thing{n}s/{{id}}: {{updates: thing{n}}}",
            f"  PATCH /thing{n}s/{{id}}: {{updates: thing{n}}}",
            f"  DELETE /thing{n}s/{{id}}: {{deletes: thing{n}}}",
        ]
    return "\n".join(lines)


def _schema(resources: int) -> Schema:
    tables = {"log": Table("log", columns={"id": Column("id", "integer")}, primary_key=("id",))}
    for n in range(resources):
        names = ["id", *(f"some_field{i}" for i in range(19)), f"thing{n - 1}_id"]
        parent = ForeignKey((f"thing{n - 1}_id",), f"things{n - 1}", ("id",), "CASCADE")
        tables[f"things{n}"] = Table(
            f"things{n}",
            columns={name: Column(name, "text") for name in names},
            primary_key=("id",),
            foreign_keys=(parent,) if n else (),
        )
    return Schema(tables, "sqlite")
