"""What an older document allowed and a newer one does not, told in sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gen_suite.spec.promises import broken_promises
from gen_suite.spec.read import read_document

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def thing(required: Any = (), **fields: Any) -> Any:
    return {"type": "object", "properties": fields, "required": list(required)}


def spec(
    sent: Any = None, answered: Any = None, parameters: Any = (), path: str = "/coins/{id}"
) -> Any:
    media = {"application/json": {"schema": answered or thing()}}
    put: dict[str, Any] = {"responses": {"200": {"description": "", "content": media}}}
    put["parameters"] = [
        {"name": path.partition("{")[2][:-1], "in": "path", "required": True, "schema": TEXT},
        *parameters,
    ]
    if sent is not None:
        put["requestBody"] = {"content": {"application/json": {"schema": sent}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "", "version": "1"},
        "paths": {path: {"put": put}},
    }


def in_query(name: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": TEXT}


CASES: dict[str, tuple[Any, Any, list[str]]] = {
    "nothing but the name of a parameter": (spec(thing()), spec(thing(), path="/coins/{coin}"), []),
    "an operation": (spec(), spec(path="/tokens/{id}"), ["is gone"]),
    "a parameter": (
        spec(parameters=[in_query("q")]),
        spec(),
        ["no longer takes the query parameter q"],
    ),
    "a new parameter, not required": (spec(), spec(parameters=[in_query("q")]), []),
    "a new required parameter": (
        spec(),
        spec(parameters=[in_query("q", required=True)]),
        ["now demands the query parameter q"],
    ),
    "a new field": (spec(thing(a=TEXT)), spec(thing(a=TEXT, b=TEXT)), []),
    "a new required field": (
        spec(thing(a=TEXT)),
        spec(thing(["b"], a=TEXT, b=TEXT)),
        ["now demands the field b"],
    ),
    "a required field that is not sent": (
        spec(thing(a=TEXT)),
        spec(thing(["b"], a=TEXT, b={**TEXT, "readOnly": True})),
        [],
    ),
    "a field inside an array": (
        spec(thing(a={"type": "array", "items": thing(x=TEXT)})),
        spec(thing(a={"type": "array", "items": thing(["y"], x=TEXT, y=TEXT)})),
        ["now demands the field a/*/y"],
    ),
    "a field that is taken": (
        spec(thing(a=TEXT, b=TEXT)),
        spec(thing(a=TEXT)),
        ["no longer takes the field b"],
    ),
    "a type": (
        spec(thing(a=TEXT)),
        spec(thing(a=WHOLE)),
        ["takes the field a as integer, no longer as string"],
    ),
    "null": (
        spec(thing(a={**TEXT, "nullable": True})),
        spec(thing(a=TEXT)),
        ["no longer takes null in the field a"],
    ),
    "a value": (
        spec(thing(a={"enum": ["x", "y"]})),
        spec(thing(a={"enum": ["x"]})),
        ["no longer takes 'y' in the field a"],
    ),
    "a limit": (
        spec(thing(a={**TEXT, "maxLength": 9}, b={**WHOLE, "minimum": 2})),
        spec(thing(a={**TEXT, "maxLength": 8}, b={**WHOLE, "minimum": 1})),
        ["limits the field a to maxLength 8 now"],
    ),
    "a field of the answer": (
        spec(answered=thing(a=TEXT)),
        spec(answered=thing(b=TEXT)),
        ["no longer answers the field a"],
    ),
    "a field of the answer that was sure": (
        spec(answered=thing(["a"], a=TEXT)),
        spec(answered=thing(a=TEXT)),
        ["no longer promises the field a in its answer"],
    ),
    "a new value in the answer": (
        spec(answered=thing(a={"enum": ["x"]})),
        spec(answered=thing(a={"enum": ["x", "y"]})),
        ["may answer 'y' in the field a now"],
    ),
}


@pytest.mark.parametrize(("older", "newer", "told"), CASES.values(), ids=CASES)
def test_what_is_told(tmp_path: Path, older: Any, newer: Any, told: list[str]) -> None:
    (tmp_path / "older.yaml").write_text(yaml.safe_dump(older))
    (tmp_path / "newer.yaml").write_text(yaml.safe_dump(newer))
    documents = [read_document(tmp_path / f"{name}.yaml") for name in ("older", "newer")]
    assert list(broken_promises(*documents)) == [f"PUT /coins/{{id}} {one}" for one in told]
