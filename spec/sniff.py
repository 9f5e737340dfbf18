"""What a file seems to be that is no OpenAPI document, so that the message can say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_TEXTS = (
    ("<!doctype html", "a web page; was the page saved instead of the file?"),
    ("<html", "a web page; was the page saved instead of the file?"),
    ("<?xml", "XML, perhaps WSDL or WADL"),
    ("<", "markup"),
    ("#%raml", "RAML; convert it to OpenAPI first"),
    ("format: 1a", "API Blueprint; convert it to OpenAPI first"),
    ("type query", "a GraphQL schema"),
    ("schema {", "a GraphQL schema"),
    ('syntax = "proto', "a protobuf file"),
    ("#!", "a script"),
    ("%pdf", "a PDF"),
)


def _postman(data: dict[str, Any]) -> bool:
    info = data.get("info")
    return isinstance(info, dict) and ("_postman_id" in info or "item" in data)


_SHAPES: tuple[tuple[Callable[[dict[str, Any]], bool], str], ...] = (
    (_postman, "a Postman collection; export it as OpenAPI"),
    (lambda d: "asyncapi" in d, "an AsyncAPI document, which describes messages"),
    (lambda d: "swaggerVersion" in d, "a Swagger 1.x document; convert it to OpenAPI 3"),
    (lambda d: "arazzo" in d, "an Arazzo document; name the OpenAPI document it describes"),
    (lambda d: "overlay" in d, "an OpenAPI overlay; apply it to its document first"),
    (lambda d: "__schema" in d or "__schema" in _dict(d, "data"), "a GraphQL introspection"),
    (lambda d: "entries" in _dict(d, "log"), "a HAR recording"),
    (lambda d: "spec" in d and ("target" in d or "resources" in d), "a table-mapping file"),
    (lambda d: "services" in d and "paths" not in d, "a Docker Compose file"),
    (lambda d: "dependencies" in d and "name" in d, "a package.json"),
    (lambda d: "_format" in d and "resources" in d, "an Insomnia export"),
    (lambda d: "$schema" in d or {"type", "properties"} <= d.keys(), "a JSON Schema"),
    (lambda d: "paths" in d or "components" in d, "a part of an OpenAPI document"),
)


def _dict(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def describe(data: Any) -> str:
    """A guess in words, to follow "it seems to be", from parsed data; empty if there is none."""
    if isinstance(data, str):
        return describe_text(data) or "plain text"
    if isinstance(data, list):
        return "a list"
    if not isinstance(data, dict):
        return f"the single value {data!r}"
    for matches, words in _SHAPES:
        if matches(data):
            return words
    return ""


def describe_text(text: str) -> str:
    """A guess from text alone, for what is neither JSON nor YAML; empty if there is none."""
    start = text.lstrip()[:200].lower()
    for prefix, words in _TEXTS:
        if start.startswith(prefix):
            return words
    return ""
