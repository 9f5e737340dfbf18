"""Operations made from one schema, and a judge of payloads that shares no code with the product."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError, validators
from jsonschema.protocols import Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4, DRAFT202012

from gen_suite.runtime.payloads import FilePart, PayloadSpace, payloads_for
from gen_suite.spec.read import read_document

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import openapi_schema_validator as osv


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


TREE = {
    "Tree": obj(("name",), name={"type": "string"}, left={"$ref": "#/components/schemas/Tree"},
                children={"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}),
    "Chain": obj(("next",), next={"anyOf": [{"$ref": "#/components/schemas/Chain"},
                                            {"type": "integer"}]}),
    "Cat": {"type": "object", "required": ["kind", "lives"],
            "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}},
    "Dog": {"type": "object", "required": ["kind", "barks"],
            "properties": {"kind": {"type": "string"}, "barks": {"type": "boolean"}}},
    "Pet": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
            "discriminator": {"propertyName": "kind",
                              "mapping": {"cat": "#/components/schemas/Cat"}}},
    "Base": {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}},
             "discriminator": {"propertyName": "type",
                               "mapping": {"round": "#/components/schemas/Round"}}},
    "Round": {"allOf": [{"$ref": "#/components/schemas/Base"},
                        {"type": "object", "required": ["radius"],
                         "properties": {"radius": {"type": "number", "minimum": 0}}}]},
}  # fmt: skip

BOTH = {
    "texts": obj(("a", "b", "c"), a={"type": "string", "minLength": 3, "maxLength": 5},
                 b={"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
                 c={"type": "string", "minLength": 40}),
    "numbers": obj(("a", "b", "c", "d"), a={"type": "integer", "minimum": 5, "maximum": 7},
                   b={"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 2},
                   c={"type": "integer", "multipleOf": 7, "minimum": 50},
                   d={"type": "number", "minimum": 0.001, "maximum": 0.004}),
    "below zero": {"type": "integer", "maximum": -20000},
    "enum": obj(("a",), a={"enum": ["x", 1, True, {"deep": [1]}]}),
    "arrays": obj(("a", "b"), a={"type": "array", "items": {"type": "integer"}, "minItems": 2,
                                 "maxItems": 3, "uniqueItems": True},
                  b={"type": "array", "items": {"type": "string", "enum": ["x", "y", "z"]},
                     "uniqueItems": True, "minItems": 3}),
    "map": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    "few properties": {"type": "object", "minProperties": 2, "maxProperties": 2,
                       "properties": {name: {"type": "integer"} for name in "abcd"}},
    "allOf": {"allOf": [{"type": "object", "required": ["a"],
                         "properties": {"a": {"type": "string", "maxLength": 9}}},
                        {"type": "object", "required": ["b"],
                         "properties": {"a": {"type": "string", "minLength": 8},
                                        "b": {"type": "integer"}}}]},
    "anyOf required": {"type": "object", "properties": {"a": {"type": "string"},
                                                        "b": {"type": "string"}},
                       "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "oneOf overlapping": {"type": "object", "properties": {"a": {"type": "string"},
                                                           "b": {"type": "string"}},
                          "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    "oneOf of types": {"oneOf": [{"type": "integer"}, {"type": "string"},
                                 {"type": "array", "items": {"type": "integer"}}]},
    "oneOf of sizes": {"oneOf": [obj((), a={"type": "string"}),
                                 obj((), a={"type": "string"}, b={"type": "string"})]},
    "not": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "not": {"required": ["a", "b"]}},
    "recursive": {"$ref": "#/components/schemas/Tree"},
    "recursive and required": {"$ref": "#/components/schemas/Chain"},
    "discriminator": {"$ref": "#/components/schemas/Pet"},
    "inheritance": {"$ref": "#/components/schemas/Base"},
    "anything": {},
    "list of bodies": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
}  # fmt: skip
OLD = {
    "nullable": obj(("a",), a={"type": "string", "nullable": True}),
    "nullable beside anyOf": obj(("a",), a={"nullable": True, "anyOf": [{"type": "integer"}]}),
    "exclusive": obj(("a",), a={"type": "number", "minimum": 0, "exclusiveMinimum": True,
                                "maximum": 1, "exclusiveMaximum": True}),
    "read-only": obj(("id", "a"), id={"type": "integer", "readOnly": True},
                     a={"type": "string", "writeOnly": True}),
}  # fmt: skip
NEW = {
    "type list": obj(("a",), a={"type": ["string", "null"], "maxLength": 4}),
    "optional as anyOf": obj(("a",), a={"anyOf": [{"type": "string", "minLength": 2},
                                                  {"type": "null"}]}),
    "const": obj(("a",), a={"const": "fixed"}),
    "exclusive": obj(("a",), a={"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6}),
    "tuple": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}],
              "items": False, "minItems": 2},
    "pattern properties": {"type": "object", "patternProperties": {"^x-[a-z]+$": {"type": "integer"}},
                           "additionalProperties": False, "minProperties": 1},
    "property names": {"type": "object", "propertyNames": {"pattern": "^[A-Z]{2}$"},
                       "additionalProperties": {"type": "string"}, "minProperties": 2},
    "dependent": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                  "dependentRequired": {"a": ["b"]}},
    "if": {"type": "object", "required": ["kind"],
           "properties": {"kind": {"enum": ["person", "company"]}, "vat": {"type": "string"}},
           "if": {"properties": {"kind": {"const": "company"}}}, "then": {"required": ["vat"]}},
    "beside $ref": {"$ref": "#/components/schemas/Cat", "properties": {"lives": {"maximum": 9}}},
    "boolean": True,
}  # fmt: skip
CASES = [
    *((name, schema, version) for name, schema in BOTH.items() for version in ("3.0.3", "3.1.0")),
    *((name, schema, "3.0.3") for name, schema in OLD.items()),
    *((name, schema, "3.1.0") for name, schema in NEW.items()),
]


@dataclass(frozen=True)
class Judged:
    """A space and the independent validator of its body."""

    space: PayloadSpace
    validator: Validator

    @staticmethod
    def sent(arguments: dict[str, Any]) -> Any:
        """The body of a request as JSON has it; null travels as content, since `json=None` is no body."""
        return arguments["json"] if "json" in arguments else json.loads(arguments["content"])

    def errors(self, body: Any) -> list[tuple[str, str]]:
        """The place and the keyword of each error."""
        found = self.validator.iter_errors(without_files(body))
        return sorted({("/".join(map(str, e.absolute_path)), str(e.validator)) for e in found})


def without_files(body: Any) -> Any:
    if isinstance(body, FilePart):
        return body.filename
    if isinstance(body, dict):
        return {name: without_files(part) for name, part in body.items()}
    return [without_files(part) for part in body] if isinstance(body, list) else body


def validator_of(raw: dict[str, Any], schema: Any) -> Validator:
    """The `jsonschema` validator of a schema of a document, in the dialect of its version."""
    modern = raw["openapi"].startswith("3.1")
    contents = Resource.from_contents(raw, DRAFT202012 if modern else DRAFT4)
    registry = Registry().with_resource("urn:document", contents)
    kind = osv.OAS31Validator if modern else osv.validators.OAS30WriteValidator
    kind = validators.extend(kind, {"pattern": ecma_pattern})
    checker = osv.oas31_format_checker if modern else osv.oas30_format_checker
    return kind(absolute(schema), registry=registry, format_checker=checker)


def ecma_pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    """The package asks Python's engine, whose $ lets a line break follow; ECMA-262's does not."""
    strict = pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern
    if isinstance(value, str) and re.search(strict, value) is None:
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def absolute(schema: Any) -> Any:
    if isinstance(schema, list):
        return [absolute(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: f"urn:document{part}" if name == "$ref" and isinstance(part, str) else absolute(part)
        for name, part in schema.items()
    }


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., Judged]:
    """`judged(schema, version="3.1.0", components=..., media="application/json", **options)`."""

    def make(
        schema: Any,
        *,
        version: str = "3.1.0",
        components: dict[str, Any] | None = None,
        media: str = "application/json",
        extra: dict[str, Any] | None = None,
        parameters: list[Any] | None = None,
        path: str = "/things",
        required: bool = True,
        **options: Any,
    ) -> Judged:
        raw = {
            "openapi": version,
            "info": {"title": "t", "version": "1"},
            "paths": {
                path: {
                    "post": {
                        "parameters": parameters or [],
                        "requestBody": {
                            "required": required,
                            "content": {media: {"schema": schema, **(extra or {})}},
                        },
                        "responses": {"201": {"description": "made"}},
                    }
                }
            },
            "components": {"schemas": components or {}},
        }
        file = tmp_path / "openapi.json"
        file.write_text(json.dumps(raw))
        document = read_document(file)
        space = payloads_for(document, document.operation(f"POST {path}"), **options)
        return Judged(space, validator_of(raw, schema))

    return make


@pytest.fixture(params=CASES, ids=[f"{name}-{version}" for name, _, version in CASES])
def case(request: pytest.FixtureRequest, judged: Callable[..., Judged]) -> Judged:
    """Each kind of schema that bodies are made of."""
    _, schema, version = request.param
    return judged(schema, version=version, components=TREE)


@pytest.fixture
def judge_of() -> Callable[[dict[str, Any], Any], Judged]:
    """`judge_of(document, operation)`: an operation of a document that was read."""

    def make(document: Any, operation: Any) -> Judged:
        space = payloads_for(document, operation)
        media = space.media()
        return Judged(space, validator_of(document.raw, media.schema if media else {}))

    return make
