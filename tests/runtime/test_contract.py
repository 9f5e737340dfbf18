"""`conforms` on specs whose answers refer to other places than the components."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from gen_suite.runtime import conforms, contract
from gen_suite.runtime.client import OPERATION

SPEC = """\
openapi: 3.0.3
info: {title: t, version: "1"}
paths:
  /things:
    post:
      responses:
        "201":
          description: made
          content: {application/json: {schema: {$ref: "common files.yaml#/Thing"}}}
  /copies:
    post:
      responses:
        "201": {$ref: "#/paths/~1things/post/responses/201"}
  /kinds/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {$ref: "common files.yaml#/Thing/properties/id"}}
    put:
      responses:
        "200":
          description: changed
          content:
            application/json:
              schema:
                type: object
                required: [id]
                properties: {id: {$ref: "#/paths/~1kinds~1{id}/parameters/0/schema"}}
  /:
    post:
      responses:
        "201": {$ref: "#/components/responses/Made"}
components:
  responses:
    Made: {$ref: "#/paths/~1copies/post/responses/201"}
"""
COMMON = "Thing: {type: object, required: [id], properties: {id: {type: integer}}}\n"


@pytest.fixture(autouse=True)
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The active suite is one of a spec in two files."""
    (tmp_path / "openapi.yaml").write_text(SPEC)
    (tmp_path / "common files.yaml").write_text(COMMON)
    (tmp_path / "gen-suite.yaml").write_text("spec: openapi.yaml\n")
    monkeypatch.setenv("GEN_SUITE_CONFIG", str(tmp_path / "gen-suite.yaml"))
    contract._openapi.cache_clear()
    contract._shared_parts.cache_clear()
    yield
    contract._openapi.cache_clear()
    contract._shared_parts.cache_clear()


@pytest.fixture
def answer() -> Callable[[str, object], httpx.Response]:
    """The answer to an operation, with the status that its spec documents."""

    def make(label: str, body: object) -> httpx.Response:
        status = 200 if label.startswith("PUT ") else 201
        return httpx.Response(status, json=body, extensions={OPERATION: label})

    return make


@pytest.mark.parametrize("label", ["POST /things", "POST /copies", "PUT /kinds/{id}", "POST /"])
def test_what_an_answer_refers_to_is_followed_wherever_it_stands(
    answer: Callable[[str, object], httpx.Response], label: str
) -> None:
    assert conforms(answer(label, {"id": 1}))
    wrong = conforms(answer(label, {"id": "one"}))
    assert not wrong
    assert "'one' is not of type 'integer'" in wrong.reason
    assert "'id' is a required property" in conforms(answer(label, {})).reason
