"""Failures end at a small payload that a person can read, without complaints about health."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, find, given, settings

QUIET = settings(
    max_examples=2_000, database=None, deadline=None, phases=[Phase.generate, Phase.shrink]
)


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


ORDER = obj(
    ("email", "items"),
    email={"type": "string", "format": "email"},
    note={"type": "string", "maxLength": 200},
    gift={"type": "boolean"},
    address=obj(("city",), city={"type": "string"}, street={"type": "string"}),
    items={
        "type": "array",
        "minItems": 1,
        "maxItems": 20,
        "items": obj(
            ("sku", "quantity"),
            sku={"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
            quantity={"type": "integer", "minimum": 1, "maximum": 100},
            note={"type": "string"},
        ),
    },
)
SMALL = {"email": "amber@example.com", "items": [{"sku": "AAA-0000", "quantity": 1}]}


@pytest.mark.parametrize(
    ("bad", "smallest"),
    [
        (lambda body: True, SMALL),
        (lambda body: "note" in body, {**SMALL, "note": "amber"}),
        (lambda body: body["items"][0]["quantity"] > 41,
         {**SMALL, "items": [{"sku": "AAA-0000", "quantity": 42}]}),
        (lambda body: len(body["items"]) > 1, {**SMALL, "items": SMALL["items"] * 2}),
        (lambda body: "street" in body.get("address", {}),
         {**SMALL, "address": {"city": "amber", "street": "amber"}}),
    ],
    ids=["nothing", "a field", "a number", "two elements", "a nested field"],
)  # fmt: skip
def test_shrinking_ends_small(judged, bad, smallest) -> None:
    found = find(judged(ORDER).space.bodies(), bad, settings=QUIET)
    assert found == smallest


def test_text_shrinks_to_few_words(judged) -> None:
    found = find(
        judged(ORDER).space.bodies(), lambda body: len(body.get("note", "")) > 15, settings=QUIET
    )
    assert found.keys() == {*SMALL, "note"}
    assert found["note"].count(" ") <= 2


def test_unique_parts_do_not_disturb_shrinking(judged) -> None:
    """The value is another one at each run of the test, the failure still shrinks and replays."""
    space = judged(ORDER, unique=["email", "items/*/sku"]).space
    found = find(space.bodies(), lambda body: body["items"][0]["quantity"] > 41, settings=QUIET)
    assert found["items"][0]["quantity"] == 42
    assert found["email"].startswith("amber.")
    assert found.keys() == {"email", "items"}


def test_a_failure_is_deterministic_for_hypothesis(judged) -> None:
    """No FlakyFailure, no Unsatisfiable: unique values lie outside what Hypothesis draws."""
    space = judged(ORDER, unique=["email", "items/*/sku"]).space

    @settings(QUIET, max_examples=300)
    @given(space.bodies())
    def fails(body: Any) -> None:
        assert body["items"][0]["quantity"] <= 41

    with pytest.raises(AssertionError) as error:
        fails()
    assert "42" in str(error.value)
