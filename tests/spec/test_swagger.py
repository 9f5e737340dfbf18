"""Swagger 2.0: what a write operation needs, in the terms of OpenAPI 3."""

from pathlib import Path

import openapi_spec_validator
import pytest

from gen_suite.spec.model import Document
from gen_suite.spec.read import read_document

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def pets() -> Document:
    return read_document(DATA / "petstore2.json")


def test_the_document(pets: Document) -> None:
    assert pets.problems == ()
    assert (pets.version, pets.raw["openapi"], pets.base_path) == ("2.0", "3.0.3", "/v2")
    assert "swagger" not in pets.raw


def test_the_conversion_is_valid_openapi_3(pets: Document) -> None:
    validator = openapi_spec_validator.OpenAPIV30SpecValidator(pets.raw)
    assert [error.message for error in validator.iter_errors()] == []


def test_a_shared_body_parameter_becomes_the_request_body(pets: Document) -> None:
    add = pets.operation("addPet")
    assert [p.name for p in add.parameters] == ["trace"]
    assert add.request_body is not None
    assert add.request_body.required
    assert add.json_body is not None
    assert add.json_body.schema == {"$ref": "#/components/schemas/Pet"}
    assert add.json_body.examples == {"example": {"name": "Rex"}}
    assert pets.follow(add.json_body.schema)["required"] == ["name"]


def test_a_form_with_a_file(pets: Document) -> None:
    upload = pets.operation("POST /pets/{id}/photo")
    assert upload.request_body is not None
    (media,) = upload.request_body.content.values()
    assert media.type == "multipart/form-data"
    assert media.schema["required"] == ["file"]
    assert media.schema["properties"]["file"] == {"type": "string", "format": "binary"}
    assert media.encoding == {"labels": {"explode": True}}


def test_a_form_without_a_named_form_type_is_urlencoded(pets: Document) -> None:
    body = pets.operation("PUT /pets/{id}/photo").request_body
    assert body is not None
    assert list(body.content) == ["application/x-www-form-urlencoded"]
    (media,) = body.content.values()
    assert media.schema["properties"]["title"] == {"type": "string", "description": "A title"}


def test_parameters_get_schemas_and_styles(pets: Document) -> None:
    _, tags, ids, limit = pets.operation("GET /pets").parameters
    assert (tags.style, tags.explode) == ("form", True)
    assert (ids.style, ids.explode) == ("pipeDelimited", False)
    assert tags.schema == {"type": "array", "items": {"type": "string"}}
    assert limit.schema == {"type": "integer", "maximum": 100, "default": 10}
    assert limit.examples == {"example": 5, "default": 10}


def test_responses_get_a_schema_per_produced_type(pets: Document) -> None:
    response = pets.operation("GET /pets").responses["200"]
    assert list(response.content) == ["application/json", "application/xml"]
    assert response.content["application/json"].examples == {"example": [{"name": "Rex"}]}
    assert response.content["application/xml"].examples == {}
    assert response.headers["X-Total"].schema == {"type": "integer"}
    refused = pets.operation("addPet").responses["400"]
    assert refused.content["application/json"].schema == {"$ref": "#/components/schemas/Error"}


def test_schemas_speak_openapi_3(pets: Document) -> None:
    pet = pets.raw["components"]["schemas"]["Pet"]
    assert pet["discriminator"] == {"propertyName": "kind"}
    assert pet["properties"]["kind"] == {"type": "string", "nullable": True}
    assert pet["properties"]["$ref"] == {"type": "string"}  # a property of that name, no reference


def test_security(pets: Document) -> None:
    schemes = pets.security_schemes
    assert (schemes["basic"].type, schemes["basic"].scheme) == ("http", "basic")
    assert (schemes["key"].location, schemes["key"].parameter) == ("query", "api_key")
    assert list(schemes["oauth"].flows) == ["authorizationCode"]
    assert pets.operation("addPet").security == ({"oauth": ("write",)},)
    assert pets.operation("GET /pets").security == ({"key": ()},)


def test_a_problem_stands_where_the_file_has_it(tmp_path: Path) -> None:
    file = tmp_path / "swagger.yaml"
    file.write_text(
        "swagger: 2.0\n"
        "info: {title: t, version: '1'}\n"
        "paths:\n"
        "  /pets:\n"
        "    post:\n"
        "      parameters:\n"
        "        - {name: pet, in: body, schema: {$ref: '#/definitions/Pet'}}\n"
        "      responses: {'200': {description: ok}}\n"
        "definitions:\n"
        "  Pet:\n"
        "    properties:\n"
        "      owner: {$ref: '#/definitions/Ownr'}\n"
        "  Owner: {type: object}\n"
    )
    document = read_document(file)
    (problem,) = [p for p in document.problems if p.level == "error"]
    assert (problem.where.line, problem.where.column) == (12, 15)
    assert "POST /pets is left out" in problem.message
    assert "/Owner'" in problem.hint
