"""What `learn` sees a PUT make of fields that it leaves out, and the test that comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gen_suite.mapping.infer.observed import RowSeen, Trial
from gen_suite.mapping.infer.settle import read_text
from gen_suite.mapping.resolve import resolve
from gen_suite.mapping.schema import Column, Schema, Table
from gen_suite.matrix.replaced import reset_fields
from gen_suite.matrix.subject import Subject
from gen_suite.runtime.learn_request import Plan, Sender
from gen_suite.runtime.learn_resets import resets
from gen_suite.runtime.payloads import payloads_for
from gen_suite.spec.read import read_document

SPEC = """
openapi: 3.1.0
info: {title: Rooms, version: "1"}
paths:
  /rooms/{id}:
    put:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [title]
              properties:
                title: {type: string}
                note: {type: string}
                seats: {type: integer}
      responses: {"200": {description: ok}}
"""
MAPPING = """
spec: openapi.yaml
resources: {room: {table: rooms}}
operations: {"PUT /rooms/{id}": {updates: room, resets: %s}}
"""
BODY = {"title": "Blue", "note": "by the river", "seats": 7}
COLUMNS = ("id", "title", "note", "seats")


def _resolved(folder: Path, stated: str = "{}") -> Any:
    (folder / "openapi.yaml").write_text(SPEC)
    columns = {
        name: Column(name, "text" if name in ("title", "note") else "integer") for name in COLUMNS
    }
    schema = Schema({"rooms": Table("rooms", columns=columns, primary_key=("id",))}, "sqlite")
    read = read_text(MAPPING % stated, folder / "gen-suite.yaml")
    return resolve(read, read_document(folder / "openapi.yaml"), schema)


@pytest.mark.parametrize(
    ("befores", "afters", "expected"),
    [
        (("old", "older"), ("", ""), {"note": ""}),
        (("old", "older"), ("old", "older"), {}),
        (("", ""), ("", ""), {}),
        (("old", "old"), ("", ""), {}),
        (("old", "older"), ("old!", "older!"), {}),
    ],
)
def test_a_field_is_set_back_where_two_values_become_one(
    tmp_path: Path, befores: tuple[str, str], afters: tuple[str, str], expected: dict[str, Any]
) -> None:
    resolved = _resolved(tmp_path)
    write = resolved.operations["PUT /rooms/{id}"]
    space = payloads_for(resolved.document, write.operation)
    session = SimpleNamespace(suite=SimpleNamespace(resolved=resolved))
    sender = cast("Sender", SimpleNamespace(write=write, space=space, session=session))
    pairs: Iterator[tuple[str, str]] = zip(befores, afters, strict=True)
    sent = []

    def send(_: Sender, plan: Plan) -> Trial:
        before, after = next(pairs)
        sent.append(plan.body)
        old = {"id": 1, "title": "Red", "note": before, "seats": 5}
        new = {**old, "title": "Blue", "note": after}
        return Trial(
            "ada", 200, body=plan.body, rows=(RowSeen("rooms", "update", {"id": 1}, old, new),)
        )

    assert resets(sender, Plan("ada", BODY), send) == expected
    assert sent == [{"title": "Blue"}] * 2


@pytest.mark.parametrize(("stated", "expected"), [("{}", {}), ('{note: ""}', {"note": ""})])
def test_what_is_set_back_is_tested(tmp_path: Path, stated: str, expected: dict[str, Any]) -> None:
    resolved = _resolved(tmp_path, stated)
    subject = Subject(resolved.operations["PUT /rooms/{id}"], resolved)
    assert reset_fields(subject) == expected
