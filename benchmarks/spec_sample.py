"""A synthetic OpenAPI document of the shape and size of GitHub's, to measure loading offline.

Its measures follow the public document: about 1,100 operations, 600 of them writing, 13 MB of
indented JSON, most of it shared component schemas and long examples, deep chains of references,
some of them circular. The same seed gives the same bytes.

    python -m benchmarks.spec_sample out.json [--operations 1100]
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

# fmt: off
WORDS = (
    "account", "action", "alert", "archive", "asset", "branch", "build", "cache", "check",
    "code", "comment", "commit", "content", "delivery", "deploy", "device", "domain", "email",
    "environment", "event", "export", "file", "filter", "fork", "gist", "group", "hook",
    "import", "invite", "issue", "job", "key", "label", "license", "limit", "location",
    "member", "message", "milestone", "model", "node", "note", "organization", "owner",
    "package", "page", "patch", "plan", "policy", "project", "pull", "reaction", "release",
    "repository", "request", "review", "role", "rule", "runner", "schedule", "scope", "search",
    "secret", "session", "setting", "source", "stage", "status", "step", "subscription", "tag",
    "team", "template", "thread", "token", "topic", "traffic", "user", "value", "version",
    "view", "webhook", "workflow",
)
# fmt: on
METHODS = ("post", "put", "patch", "delete", "post", "get", "get", "get", "get")


def build(operations: int = 1100, seed: int = 7) -> dict[str, Any]:
    """The document as data; its size grows in proportion to `operations`."""
    rng = random.Random(seed)
    schemas: dict[str, Any] = {f"{word(rng)}-{i}": {} for i in range(operations * 4 // 5)}
    names = list(schemas)
    for index, name in enumerate(names):
        schemas[name] = entity(rng, names, index)
    examples = {f"{name}-example": {"value": value(rng, 3)} for name in names}
    return {
        "openapi": "3.0.3",
        "info": {"title": "A large API", "version": "1.1.4", "license": {"name": "MIT"}},
        "servers": [{"url": "https://api.example.com"}],
        "tags": [{"name": w, "description": text(rng, 12)} for w in WORDS],
        "paths": paths(rng, names, operations),
        "components": {
            "schemas": schemas,
            "examples": examples,
            "parameters": {f"{w}-id": parameter(w) for w in WORDS},
            "responses": {w: response(rng, names) for w in WORDS},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }


def word(rng: random.Random) -> str:
    return rng.choice(WORDS)


def text(rng: random.Random, words: int) -> str:
    return " ".join(word(rng) for _ in range(words)).capitalize() + "."


def reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def parameter(name: str) -> dict[str, Any]:
    return {
        "name": f"{name}_id",
        "in": "path",
        "required": True,
        "description": f"The unique identifier of the {name}.",
        "schema": {"type": "integer", "minimum": 1},
    }


def entity(rng: random.Random, names: list[str], index: int) -> dict[str, Any]:
    """One shared schema: scalar properties, nested objects, and references, also to itself."""
    properties: dict[str, Any] = {}
    for number in range(rng.randint(12, 34)):
        properties[f"{word(rng)}_{number}"] = scalar(rng)
    for number in range(3):
        properties[f"{word(rng)}_ref_{number}"] = reference("schemas", rng.choice(names))
    properties["parent"] = reference("schemas", names[index])
    properties["nested"] = {
        "type": "object",
        "properties": {word(rng): scalar(rng) for _ in range(5)},
        "required": [],
    }
    del properties["nested"]["required"]
    properties["items"] = {"type": "array", "items": reference("schemas", rng.choice(names))}
    return {
        "title": text(rng, 2),
        "description": text(rng, 14),
        "type": "object",
        "properties": properties,
        "required": list(properties)[:8],
    }


def scalar(rng: random.Random) -> dict[str, Any]:
    kind = rng.choice(("string", "string", "string", "integer", "boolean", "number"))
    schema: dict[str, Any] = {"type": kind, "description": text(rng, rng.randint(4, 16))}
    if kind == "string":
        schema |= rng.choice(
            (
                {"format": "date-time", "example": "2011-01-26T19:01:12Z"},
                {"format": "uri", "example": "https://api.example.com/x/1"},
                {"enum": [word(rng) for _ in range(1)] + ["other"]},
                {"maxLength": 100, "nullable": True},
            )
        )
    return schema


def value(rng: random.Random, depth: int) -> Any:
    """An example of a few kilobytes, as nested as real ones."""
    record: dict[str, Any] = {
        f"{word(rng)}_{n}": rng.choice((n, True, text(rng, 3), f"https://api.example.com/{n}"))
        for n in range(rng.randint(5, 11))
    }
    if depth:
        record["owner"] = value(rng, depth - 1)
        record["entries"] = [value(rng, 0) for _ in range(2)]
    return record


def response(rng: random.Random, names: list[str]) -> dict[str, Any]:
    return {"description": text(rng, 4), "content": content(rng, names)}


def content(rng: random.Random, names: list[str]) -> dict[str, Any]:
    name = rng.choice(names)
    media = {
        "schema": reference("schemas", name),
        "examples": {"default": reference("examples", f"{name}-example")},
    }
    return {"application/json": media}


def paths(rng: random.Random, names: list[str], count: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number in range(count):
        parents = [word(rng) for _ in range(rng.randint(1, 3))]
        template = "".join(f"/{parent}s/{{{parent}_id}}" for parent in dict.fromkeys(parents))
        method = METHODS[number % len(METHODS)]
        if method == "post":
            template += f"/{word(rng)}s-{number}"
        item = found.setdefault(template, {})
        if method in item:
            item = found.setdefault(f"{template}/{word(rng)}-{number}", {})
        item[method] = operation(rng, names, list(dict.fromkeys(parents)), method, number)
    return found


def operation(
    rng: random.Random, names: list[str], parents: list[str], method: str, number: int
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": text(rng, 4),
        "description": text(rng, 60),
        "tags": [parents[0]],
        "operationId": f"{parents[-1]}/{method}-{number}",
        "parameters": [reference("parameters", f"{parent}-id") for parent in parents],
        "externalDocs": {"url": "https://docs.example.com/rest"},
        "responses": {
            "201" if method == "post" else "200": response(rng, names),
            "403": reference("responses", word(rng)),
            "404": reference("responses", word(rng)),
            "422": reference("responses", word(rng)),
        },
        "x-github": {"category": parents[0], "previews": []},
    }
    if method == "get":
        found["parameters"] += [
            {"name": "page", "in": "query", "schema": {"type": "integer", "default": 1}},
            {"name": "per_page", "in": "query", "schema": {"type": "integer", "default": 30}},
        ]
    elif method != "delete":
        body = {
            "type": "object",
            "properties": {f"{word(rng)}_{n}": scalar(rng) for n in range(rng.randint(3, 14))},
        }
        example = {"value": value(rng, 1)}
        media = {"schema": body, "examples": {"default": example}}
        found["requestBody"] = {"required": True, "content": {"application/json": media}}
    return found


def write(path: Path, operations: int = 1100) -> dict[str, Any]:
    """Write the document as indented JSON and return it as data."""
    document = build(operations)
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    return document


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--operations", type=int, default=1100)
    arguments = parser.parse_args()
    document = write(arguments.file, arguments.operations)
    size = arguments.file.stat().st_size / 1e6
    count = sum(len(item) for item in document["paths"].values())
    print(f"{arguments.file}: {count} operations, {size:.1f} MB")


if __name__ == "__main__":
    main()
