"""The JSON Schema of the mapping file, by which editors complete and check it.

`python -m gen_suite.mapping.json_schema` prints it; `gen-suite.schema.json` beside this module
is its published copy, held equal by a test.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .model import MappingFile

PUBLISHED = Path(__file__).with_name("gen-suite.schema.json")
_REFERENCE = {"type": "string", "pattern": r"^\$\{"}


def json_schema() -> dict[str, Any]:
    """Draft 2020-12, as the file is written: with aliases and shorthands."""
    made = MappingFile.model_json_schema(by_alias=True, mode="validation")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gen-suite table mapping",
    }
    tidied: dict[str, Any] = _tidy(made)
    return head | {key: value for key, value in tidied.items() if key != "title"}


def render() -> str:
    """The text of the published file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _tidy(node: Any, *, naming: bool = False) -> Any:
    """Without derived titles, and with `${NAME}` allowed where no text stands.

    `naming` says that the node's keys are names of properties, not keywords.
    """
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _tidy(value, naming=key in ("properties", "$defs") and not naming)
        for key, value in node.items()
        if naming or not _says_nothing(key, value)
    }
    if not naming and (kept.get("type") in ("number", "integer", "boolean") or "enum" in kept):
        return _or_reference(kept)
    return kept


def _says_nothing(key: str, value: Any) -> bool:
    derived = key in ("title", "writeOnly", "format")
    return derived or (key == "default" and value in (None, {}, [], ()))


def _or_reference(node: dict[str, Any]) -> dict[str, Any]:
    told = {key: node[key] for key in ("description", "default", "examples") if key in node}
    bare = {key: value for key, value in node.items() if key not in told}
    return told | {"anyOf": [bare, _REFERENCE]}


if __name__ == "__main__":
    print(render(), end="")
