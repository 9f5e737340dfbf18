"""The published JSON Schema: equal to the model, and of the same mind about files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gen_suite.mapping.json_schema import PUBLISHED, json_schema, render
from gen_suite.mapping.problems import MappingProblems
from gen_suite.mapping.read import parse_mapping
from gen_suite.spec.yaml import load_yaml

GOOD = [
    "spec: a.yaml",
    "{spec: a, target: {app: {url: http://x, timeout: 5}, environment: ci, isolation: test}}",
    "{spec: a, target: {app: {command: x, timeout: '${T:-5}', env: {A: 1, B: b}}, schemas: s}}",
    "{spec: a, actors: {a: {id: 1, plan: [x, 2], auth: {header: {K: v}}}, b: {login: {request: "
    "POST /login, json: [1], token: $response.body#/t}}}}",
    "{spec: a, resources: {o: {table: t, key: [a, b], fields: {x: y, z: {column: c, as: cents}, "
    "n: null}, timestamps: {created: c}, unique: u, arrange: {a: null, b: [1]}}}}",
    "{spec: a, resources: {o: {table: t}}, operations: {POST /o: {creates: o, changes: [{updates: "
    "t, where: {a: $request.path.id}, set: {n: +1}}], allow: {role: x, tenant: own}, risk: high, "
    "ignores: [a.b], not_applicable: {rollback: why}}}}",
    "{spec: a, lenient: true, operations: {POST /o: {lenient: false}}}",
]
BAD = [
    "{}",
    "{spec: 5}",
    "{spec: a, speck: b}",
    "{spec: a, target: {isolation: none}}",
    "{spec: a, target: {app: {url: http://x, timeout: soon}}}",
    "{spec: a, lenient: sometimes}",
    "{spec: a, operations: {POST /o: {lenient: sometimes}}}",
    "{spec: a, actors: {a: {auth: {baerer: x}}}}",
    "{spec: a, actors: {a: {fact: {nested: 1}}}}",
    "{spec: a, resources: {o: {}}}",
    "{spec: a, resources: {o: {table: t, fields: {a: 5}}}}",
    "{spec: a, resources: {o: {table: t, fields: {a: {column: b, as: backwards}}}}}",
    "{spec: a, operations: {POST /a: {create: b}}}",
    "{spec: a, operations: {POST /a: {changes: {inserts: b}}}}",
]


def test_the_published_file_is_the_model_s() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == render()


def test_the_module_prints_it() -> None:
    command = [sys.executable, "-m", "gen_suite.mapping.json_schema"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == render()


def test_it_is_a_json_schema() -> None:
    assert jsonschema_rs.meta.is_valid(json_schema())


@pytest.mark.parametrize("text", GOOD)
def test_what_the_model_takes_the_schema_takes(text: str) -> None:
    path = Path("gen-suite.yaml")
    assert parse_mapping(text, path, env={})
    assert list(jsonschema_rs.validator_for(json_schema()).iter_errors(load_yaml(text, path))) == []


@pytest.mark.parametrize("text", BAD)
def test_what_the_model_refuses_the_schema_refuses(text: str) -> None:
    path = Path("gen-suite.yaml")
    with pytest.raises(MappingProblems):
        parse_mapping(text, path, env={})
    assert not jsonschema_rs.is_valid(json_schema(), load_yaml(text, path))


def test_every_key_is_described() -> None:
    def undescribed(node: Any, at: str) -> list[str]:
        if not isinstance(node, dict):
            return []
        found = [
            f"{at}/{name}"
            for name, part in node.get("properties", {}).items()
            if not part.get("description")
        ]
        for name, part in node.get("$defs", {}).items():
            found += undescribed(part, name)
        return found

    assert undescribed(json_schema(), "") == []


def test_it_is_json_a_person_can_read() -> None:
    lines = PUBLISHED.read_text(encoding="utf-8").splitlines()
    assert json.loads("\n".join(lines))["title"] == "gen-suite table mapping"
    assert max(map(len, lines)) < 200
