"""Fields of which one comes before the other are sent in that order, however a body is made."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings

from gen_suite.mapping.checks import Order
from gen_suite.runtime.payloads import ColumnLimit

QUIET = settings(max_examples=60, database=None, deadline=None)
MOMENT = {"type": "string", "format": "date-time"}
DAY = {"type": "string", "format": "date"}
TIME = {"type": "string", "format": "time-local"}


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


BOOKING = obj(
    title={"type": "string", "minLength": 1, "maxLength": 9}, starts_at=MOMENT, ends_at=MOMENT
)


def everything(space: Any) -> list[Any]:
    """Every body that the space gives, whichever way."""
    drawn: list[Any] = []

    @settings(QUIET)
    @given(space.bodies())
    def draw(body: Any) -> None:
        drawn.append(body)

    draw()
    edges = [edge.body for edge in space.edges()]
    return [space.example(), space.complete(), *edges, *drawn, *(b for _, b in space.without())]


@pytest.mark.parametrize(
    ("low", "high", "schema", "read"),
    [
        ("starts_at", "ends_at", MOMENT, datetime.fromisoformat),
        ("startDate", "endDate", DAY, date.fromisoformat),
        ("valid_from", "valid_until", DAY, date.fromisoformat),
        ("from", "to", MOMENT, datetime.fromisoformat),
        ("begin", "end", TIME, time.fromisoformat),
        ("check_in", "check_out", {"anyOf": [DAY, {"type": "null"}]}, date.fromisoformat),
        ("minPrice", "maxPrice", {"type": "number", "minimum": 0, "maximum": 5}, float),
        ("lower", "upper", {"type": "integer", "minimum": 1, "maximum": 3}, int),
    ],
)
def test_names_tell_which_comes_first(judged, low, high, schema, read) -> None:
    for one, other in ((low, high), (high, low)):
        found = judged(obj(**{one: schema, other: schema}))
        for body in everything(found.space):
            assert found.errors(body) == []
            if body.get(low) is not None and body.get(high) is not None:
                assert read(body[low]) < read(body[high])


def test_a_check_tells_which_comes_first(judged) -> None:
    schema = obj(price={"type": "integer"}, discount={"type": "integer"})
    space = judged(schema, orders=[Order("discount", "price")]).space
    assert all(body["discount"] < body["price"] for body in everything(space))


def test_a_check_has_the_last_word_on_names(judged) -> None:
    """Here the fields are named the other way round."""
    schema = obj(min={"type": "integer"}, max={"type": "integer"})
    space = judged(schema, orders=[Order("max", "min", strict=False)]).space
    assert all(body["max"] <= body["min"] for body in everything(space))


def test_also_in_elements_and_nested_objects(judged) -> None:
    schema = obj(period=BOOKING, slots={"type": "array", "minItems": 2, "items": BOOKING})
    for body in everything(judged(schema).space):
        for part in (body["period"], *body["slots"]):
            assert datetime.fromisoformat(part["starts_at"]) < datetime.fromisoformat(
                part["ends_at"]
            )


def test_a_column_leaves_room_on_one_side_only(judged) -> None:
    limit = ColumnLimit("t", "c", "integer", minimum=1, maximum=4)
    number = {"type": "integer", "minimum": 0}
    columns = {"min": limit, "max": limit}
    for body in everything(judged(obj(min=number, max=number), columns=columns).space):
        assert 1 <= body["min"] < body["max"] <= 4


def test_violations_of_other_fields_keep_the_order(judged) -> None:
    space = judged(BOOKING).space
    told = [v for v in space.violations() if v.pointer == "title"]
    assert told
    for violation in told:
        body = violation.of(json=space.example())["json"]
        assert datetime.fromisoformat(body["starts_at"]) < datetime.fromisoformat(body["ends_at"])


def test_names_of_rows_and_fields_of_other_kinds_are_left_alone(judged) -> None:
    wallet = {"type": "integer", "minimum": 1, "maximum": 1}
    text = {"type": "string"}
    body = judged(obj(fromWalletId=wallet, toWalletId=wallet, start=text, end=text)).space.example()
    assert body == {"fromWalletId": 1, "toWalletId": 1, "start": "amber", "end": "amber"}


def test_a_failure_still_shrinks(judged) -> None:
    shrunk = settings(QUIET, max_examples=500, phases=[Phase.generate, Phase.shrink])
    body = find(judged(BOOKING).space.bodies(), lambda body: True, settings=shrunk)
    assert body == {
        "title": "amber",
        "starts_at": "2024-01-01T00:00:00Z",
        "ends_at": "2024-01-01T01:00:00Z",
    }


def test_an_update_sends_both_or_neither(judged) -> None:
    """Alone, one would be held against what the row has in the other."""
    space = judged({**BOOKING, "required": []}, updates=True).space
    bodies = everything(space)
    assert all(("starts_at" in body) is ("ends_at" in body) for body in bodies)
    assert any("starts_at" in body for body in bodies)
    assert {"title": "amber"} in [body for _, body in space.without()]


def reversed_pairs(found: Any) -> list[Any]:
    return [one for one in found.space.violations() if one.rule == "order"]


@pytest.mark.parametrize(
    ("low", "high", "schema"),
    [
        ("starts_at", "ends_at", MOMENT),
        ("startDate", "endDate", DAY),
        ("begin", "end", TIME),
        ("check_in", "check_out", {"anyOf": [{"type": "null"}, DAY]}),
        ("minPrice", "maxPrice", {"type": "number", "minimum": 0, "maximum": 5}),
    ],
)
def test_a_pair_the_wrong_way_round_is_one_violation(judged, low, high, schema) -> None:
    found = judged(obj(**{low: schema, high: schema}))
    (violation,) = reversed_pairs(found)
    assert str(violation) == f"body: {high} before {low}"
    for body in (found.space.example(), {}):
        broken = violation.of(json=body)["json"]
        assert broken[low] > broken[high]
        assert found.errors(broken) == []


def test_the_rest_of_the_body_stays(judged) -> None:
    found = judged(BOOKING)
    (violation,) = reversed_pairs(found)
    body = {**found.space.example(), "title": "mine"}
    assert violation.of(json=body)["json"]["title"] == "mine"


def test_numbers_called_from_and_to_may_be_anything(judged) -> None:
    number = {"type": "integer"}
    assert reversed_pairs(judged(obj(**{"from": number, "to": number}))) == []


def test_a_pair_that_leaves_no_room_is_no_violation(judged) -> None:
    low, high = {"type": "integer", "maximum": 3}, {"type": "integer", "minimum": 4}
    assert reversed_pairs(judged(obj(min_size=low, max_size=high))) == []
