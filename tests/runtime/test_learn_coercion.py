"""What `learn` sends to see an API coerce: a number as text, a text with spaces around it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gen_suite.mapping.infer.observed import RowSeen, Trial
from gen_suite.mapping.leniency import Leniency
from gen_suite.runtime.learn_coercion import Coercions, is_coerced, near_misses, padded
from gen_suite.runtime.learn_request import Plan, Sender
from gen_suite.runtime.payloads import payloads_for
from gen_suite.spec.read import read_document

SPEC = """
openapi: 3.1.0
info: {title: Rooms, version: "1"}
paths:
  /rooms:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                owner: {type: integer}
                kind: {type: string, enum: [hall, cell]}
                login: {type: [string, "null"]}
                title: {type: string}
                seats: {type: integer}
                open: {type: boolean}
                since: {type: string, format: date-time}
      responses: {"201": {description: ok}}
"""
SINCE = "2024-01-15T09:30:00Z"
BODY = {"owner": 3, "kind": "hall", "title": "Blue", "seats": 7, "open": True, "since": SINCE}


def _sender(folder: Path) -> Sender:
    (folder / "openapi.yaml").write_text(SPEC)
    document = read_document(folder / "openapi.yaml")
    space = payloads_for(document, document.operation("POST /rooms"))
    references = [SimpleNamespace(pointer="owner")]
    write = SimpleNamespace(references=references, entry=None, kind="creates")
    return cast("Sender", SimpleNamespace(write=write, space=space))


def _trial(body: dict[str, Any], row: dict[str, Any], status: int = 201) -> Trial:
    return Trial("ada", status, body=body, rows=(RowSeen("rooms", "insert", {}, None, row),))


def test_one_number_is_sent_for_a_text_and_one_text_for_a_number(tmp_path: Path) -> None:
    sender = _sender(tmp_path)
    sent = {kind: (name, plan.body) for kind, name, plan in near_misses(sender, Plan("ada", BODY))}
    assert {kind: name for kind, (name, _) in sent.items()} == {
        "texts": "title", "numbers": "seats", "times": "since", "nulls": "kind",
    }  # fmt: skip
    assert type(sent["texts"][1]["title"]) is int
    assert type(sent["numbers"][1]["seats"]) is str
    assert sent["numbers"][1] == {**BODY, "seats": sent["numbers"][1]["seats"]}
    assert sent["times"][1]["since"] == "2024-01-01T12:00:00"
    assert sent["nulls"][1]["kind"] is None


@pytest.mark.parametrize(
    ("kind", "body", "row", "status", "expected"),
    [
        ("numbers", {"seats": "7"}, {"seats": 7}, 201, True),
        ("numbers", {"seats": "7"}, {"seats": "7"}, 201, False),
        ("numbers", {"seats": "7"}, {"seats": 7}, 422, False),
        ("texts", {"title": 12}, {"title": "12"}, 201, True),
        ("texts", {"title": 12}, {"title": 12}, 201, False),
    ],
)
def test_only_what_is_stored_in_the_fields_own_type_is_coerced(
    kind: Leniency, body: dict[str, Any], row: dict[str, Any], status: int, expected: bool
) -> None:
    assert is_coerced(kind, next(iter(body)), _trial(body, row, status)) is expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"numbers": [True]}, set()),
        ({"numbers": [True, True]}, {"numbers"}),
        ({"numbers": [True, True, False]}, set()),
        ({"numbers": [True], "texts": [True]}, {"numbers", "texts"}),
        ({"numbers": [True, True], "times": [True]}, {"numbers", "times"}),
        ({"times": [True]}, set()),
        ({"nulls": [False, True, True]}, {"nulls"}),
        ({"numbers": [True, True], "nulls": [True]}, {"numbers"}),
    ],
)
def test_what_several_fields_take_is_taken_on_purpose(
    told: dict[Leniency, list[bool]], expected: set[str]
) -> None:
    """One field alone may have been forgotten: that stays a violation."""
    seen = Coercions()
    for kind, answers in told.items():
        for number, taken in enumerate(answers):
            seen.note(kind, f"POST /rooms ({number})", taken=taken)
    assert seen.on_purpose.keys() == expected


def test_spaces_are_put_around_texts_that_are_stored_as_they_are_sent(tmp_path: Path) -> None:
    """A name that is stored in lower case would no longer be told if it were trimmed as well; one of
    a list of values would be refused, and the whole request with it."""
    sender, document = _sender(tmp_path), read_document(tmp_path / "openapi.yaml")
    body = {**BODY, "login": "Ada", "owner": "u-1"}
    trials = [_trial(body, {**BODY, "login": "ada", "owner": "u-1"})]
    plan = padded(document, sender, Plan("ada", body), trials)
    assert plan is not None
    assert plan.body == {**body, "title": " Blue "}
    assert padded(document, sender, Plan("ada", {"seats": 7}), trials) is None
