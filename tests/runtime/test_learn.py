"""The learner's own steps that need no running API."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from gen_suite.mapping.infer.observed import Trial
from gen_suite.runtime.learn import LONGEST_SAID, _is_part, _said
from gen_suite.runtime.learn_body import Variation
from gen_suite.runtime.learn_request import Plan, Sender, _answer
from gen_suite.runtime.learn_search import Search
from gen_suite.runtime.payloads import PayloadSpace, payloads_for
from gen_suite.runtime.secrets import remember
from gen_suite.spec.read import read_document


def test_no_part_of_a_secret_is_left_of_what_a_refusal_says() -> None:
    remember("s3cr3t-of-the-learner")
    text = "x" * (LONGEST_SAID - 5) + "s3cr3t-of-the-learner is refused"
    said = _said(Trial("ada", 422, answer={"detail": text}))
    assert len(said) <= LONGEST_SAID
    assert "s3c" not in said
    assert _said(Trial("ada", 422, answer={"token": "abc"})) == '{"token": "***"}'
    assert _said(None) == ""


SPEC = """
openapi: 3.1.0
info: {title: Rooms, version: "1"}
paths:
  /rooms/{id}:
    patch:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                title: {type: string}
                starts: {type: string, format: date-time}
                ends: {type: string, format: date-time}
                seats: {type: integer}
      responses: {"200": {description: ok}}
"""


@dataclass
class FakeSender:
    """Answers like an API that refuses an end without a start before it."""

    space: PayloadSpace
    write: Any
    shows_caller: bool = False
    asked: list[frozenset[str]] = field(default_factory=list)

    def try_(self, plan: Plan) -> Trial:
        self.asked.append(frozenset(plan.body))
        return Trial(plan.actor, 409 if "ends" in plan.body else 200, body=plan.body)


@pytest.mark.parametrize(
    ("kind", "accepted"), [("updates", {"title", "starts", "seats"}), ("creates", set())]
)
def test_an_update_tries_one_field_after_the_other(
    kind: str, accepted: set[str], tmp_path: Path
) -> None:
    (tmp_path / "openapi.yaml").write_text(SPEC)
    document = read_document(tmp_path / "openapi.yaml")
    operation = document.operation("PATCH /rooms/{id}")
    space = payloads_for(document, operation)
    sender = FakeSender(space, SimpleNamespace(kind=kind, operation=operation))
    found = Search(cast("Sender", sender), ("ada",)).find()
    assert found is not None
    plan, _ = found
    assert set(plan.body) == accepted
    assert _is_part(plan.body, space) == bool(accepted)


@pytest.mark.parametrize(
    ("value", "pattern"),
    [("a@a.aa", r"^[a-z0-9._-]+@[a-z0-9-]+\.[a-z]{2,10}$"), ("12", "^[0-9]{2}$")],
)
def test_a_text_with_a_pattern_is_varied_too(value: str, pattern: str, tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(SPEC)
    document = read_document(tmp_path / "openapi.yaml")
    schema = {"type": "string", "pattern": pattern, "maxLength": 120}
    made = Variation(document).vary(value, None, schema, lambda at: False)
    assert made != value
    assert re.search(pattern, made)


@pytest.mark.parametrize("null", [{"type": "null"}, {"enum": [None]}])
def test_what_may_be_null_is_varied_as_what_it_is_else(
    null: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "openapi.yaml").write_text(SPEC)
    document = read_document(tmp_path / "openapi.yaml")
    moment = {"anyOf": [{"type": "string", "format": "date-time"}, null], "title": "Starts"}
    inner = {"type": "object", "properties": {"starts": moment}}
    schema = {"type": "object", "properties": {"room": {"anyOf": [inner, null]}}}
    body = {"room": {"starts": "2026-06-01T09:00:00Z"}}
    made = Variation(document).vary(body, None, schema, lambda at: False)
    assert made != body
    assert datetime.fromisoformat(made["room"]["starts"])


@dataclass
class ChoosySender(FakeSender):
    """Answers like an API that refuses with 403 whoever names its seats, and needs a title."""

    def try_(self, plan: Plan) -> Trial:
        self.asked.append(frozenset(plan.body))
        status = 403 if "seats" in plan.body else 201 if "title" in plan.body else 400
        return Trial(plan.actor, status, body=plan.body)


def test_a_value_may_be_what_is_forbidden(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(f"{SPEC}security: [{{key: []}}]\n")
    document = read_document(tmp_path / "openapi.yaml")
    operation = document.operation("PATCH /rooms/{id}")
    assert operation.security
    space = payloads_for(document, operation)
    write = SimpleNamespace(kind="creates", operation=operation)
    sender = ChoosySender(space, write, shows_caller=True)
    found = Search(cast("Sender", sender), ("ada",)).find()
    assert found is not None
    assert set(found[0].body) == {"title", "starts", "ends"}


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        ("application/json", '{"detail": "no"}', {"detail": "no"}),
        ("text/plain; charset=utf-8", "No such  user\n", "No such user"),
        (
            "text/html",
            "<html><head><title>x</title><style>p {}</style></head><h1>Forbidden</h1>"
            "<p>the house is closed &amp; dark</p></html>",
            "Forbidden the house is closed & dark",
        ),
        ("image/png", "...", None),
    ],
)
def test_a_refusal_is_read_whatever_it_is_written_in(kind: str, text: str, answer: Any) -> None:
    response = httpx.Response(409, headers={"Content-Type": kind}, text=text)
    assert _answer(response) == answer


@dataclass
class PickySender(FakeSender):
    """Refuses two optional fields with 422, naming the first that it comes to where it `names` them."""

    names: bool = True

    def try_(self, plan: Plan) -> Trial:
        self.asked.append(frozenset(plan.body))
        wrong = next((name for name in ("seats", "ends") if name in plan.body), None)
        if wrong is None:
            return Trial(plan.actor, 201, body=plan.body)
        said = f"{wrong} cannot be set when it is disabled" if self.names else "not allowed"
        return Trial(plan.actor, 422, body=plan.body, answer={"detail": said})


@pytest.mark.parametrize("kind", ["creates", "updates"])
@pytest.mark.parametrize("names", [True, False])
def test_optional_fields_that_are_refused_are_left_out(
    kind: str, names: bool, tmp_path: Path
) -> None:
    (tmp_path / "openapi.yaml").write_text(SPEC)
    document = read_document(tmp_path / "openapi.yaml")
    operation = document.operation("PATCH /rooms/{id}")
    space = payloads_for(document, operation)
    sender = PickySender(space, SimpleNamespace(kind=kind, operation=operation), names=names)
    search = Search(cast("Sender", sender), ("ada",))
    found = search.find()
    assert found is not None
    assert set(found[0].body) == {"title", "starts"}
    assert set(search.left_out(found[0])) == {"seats", "ends"}
    assert len(sender.asked) == (3 if names else 6 if kind == "creates" else 5)


def test_a_body_has_none_of_the_fields_that_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(SPEC)
    document = read_document(tmp_path / "openapi.yaml")
    operation = document.operation("PATCH /rooms/{id}")
    space = payloads_for(document, operation, leave_out=("seats", "ends"))
    assert set(space.complete()) == {"title", "starts"}
    assert not any("seats" in example.body for example in space.edges())
    assert not any(violation.pointer == "seats" for violation in space.violations())
    assert "seats: never sent, `leave_out` says so" in space.findings
    assert {"seats", "ends"} <= set(payloads_for(document, operation).complete())


def test_other_words_leave_what_means_something(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(SPEC)
    document = read_document(tmp_path / "openapi.yaml")
    schema = {
        "type": "object",
        "properties": {
            "title": {"type": "string", "maxLength": 12},
            "slug": {"type": "string"},
            "state": {"type": "string", "enum": ["open", "closed"]},
            "mail": {"type": "string", "format": "email"},
            "notes": {"type": "array", "items": {"type": "string"}},
        },
    }
    body = {
        "title": "amber",
        "slug": "a-1",
        "state": "open",
        "mail": "a@b.example",
        "notes": ["amber"],
    }
    other = Variation(document).reworded(body, {**body, "slug": "a-2"}, schema)
    assert other["title"] != "amber"
    assert len(other["title"]) <= 12
    assert other["notes"] != ["amber"]
    assert {name: other[name] for name in ("slug", "state", "mail")} == {
        name: body[name] for name in ("slug", "state", "mail")
    }
