"""`writeOnly` and Swagger 2.0: what `conforms` demands of an answer, in every version of the format."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from gen_suite.runtime import complete, conforms, contract, example
from gen_suite.runtime.client import OPERATION

LABEL = "POST /users"
USER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "password", "pin", "token"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "password": {"type": "string", "writeOnly": True},
        "pin": {"$ref": "#/components/schemas/Pin"},
        "token": {"allOf": [{"$ref": "#/components/schemas/Pin"}], "description": "its token"},
        "notes": {"type": "array", "items": {"$ref": "#/components/schemas/Note"}},
    },
}
PIN = {"type": "string", "writeOnly": True}
NOTE = {
    "allOf": [
        {"type": "object", "properties": {"key": {"type": "string", "writeOnly": True}}},
        {"type": "object", "required": ["text", "key"], "properties": {"text": {"type": "string"}}},
    ]
}


def openapi(version: str) -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}}
    return {
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/users": {
                "post": {
                    "requestBody": body,
                    "responses": {"201": {"description": "made", **body}},
                }
            }
        },
        "components": {"schemas": {"User": USER, "Pin": PIN, "Note": NOTE}},
    }


def swagger() -> dict[str, Any]:
    """The same as Swagger 2.0 has it, where only readOnly exists."""
    user = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "name": {"type": "string"},
            "notes": {"type": "array", "items": {"$ref": "#/definitions/Note"}},
        },
    }
    note = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
    schema = {"$ref": "#/definitions/User"}
    return {
        "swagger": "2.0",
        "info": {"title": "t", "version": "1"},
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {
            "/users": {
                "post": {
                    "parameters": [{"name": "user", "in": "body", "schema": schema}],
                    "responses": {"201": {"description": "made", "schema": schema}},
                }
            }
        },
        "definitions": {"User": user, "Note": note},
    }


DOCUMENTS = {"3.0": openapi("3.0.3"), "3.1": openapi("3.1.0"), "2.0": swagger()}


@pytest.fixture(params=DOCUMENTS)
def version(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The active suite is one of a document of that version."""
    (tmp_path / "openapi.json").write_text(json.dumps(DOCUMENTS[request.param]))
    (tmp_path / "gen-suite.yaml").write_text("spec: openapi.json\n")
    monkeypatch.setenv("GEN_SUITE_CONFIG", str(tmp_path / "gen-suite.yaml"))
    contract._openapi.cache_clear()
    contract._shared_parts.cache_clear()
    return str(request.param)


def answer(body: object) -> httpx.Response:
    return httpx.Response(201, json=body, extensions={OPERATION: LABEL})


def test_an_answer_without_its_secrets_conforms(version: str) -> None:
    assert conforms(answer({"id": 1, "name": "Ann", "notes": [{"text": "hi"}]}))


def test_what_the_schema_says_beside_secrets_still_holds(version: str) -> None:
    assert "'id' is a required property" in conforms(answer({"name": "Ann"})).reason
    wrong = conforms(answer({"id": "one", "name": "Ann", "notes": [{}]})).reason
    assert "'one' is not of type 'integer'" in wrong
    assert "'text' is a required property" in wrong


@pytest.mark.parametrize("version", ["3.0", "3.1"], indirect=True)
@pytest.mark.parametrize(
    ("shown", "place"),
    [
        ({"password": "hunter2"}, "password"),
        ({"pin": "hunter2"}, "pin"),
        ({"token": "hunter2"}, "token"),
        ({"notes": [{"text": "hi", "key": "hunter2"}]}, "notes/0/key"),
    ],
)
def test_a_secret_in_an_answer_is_wrong_and_is_not_repeated(
    version: str, shown: dict[str, object], place: str
) -> None:
    wrong = conforms(answer({"id": 1, "name": "Ann", **shown}))
    assert wrong.reason == (
        f"POST /users 201: {place}: the spec calls it writeOnly, and the answer shows it"
    )


def test_what_is_read_only_is_never_sent(version: str) -> None:
    assert "id" not in example(LABEL)
    assert "id" not in complete(LABEL)
    if version != "2.0":
        assert example(LABEL)["password"]
