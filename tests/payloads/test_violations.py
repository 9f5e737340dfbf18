"""Each violation breaks the rule it names, at the place it names, and nothing else."""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import Any

import pytest

from gen_suite.runtime.payloads import CannotBreak


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


ORDER = obj(
    ("email", "items", "kind"),
    email={"type": "string", "format": "email", "maxLength": 60},
    kind={"type": "string", "enum": ["gift", "own"]},
    code={"type": "string", "pattern": "^[A-Z]{3}$"},
    note={"type": "string", "minLength": 2, "maxLength": 20},
    born={"type": "string", "format": "date"},
    price={"type": "number", "minimum": 1, "maximum": 100, "multipleOf": 0.01},
    tags={"type": "array", "items": {"type": "string"}, "uniqueItems": True, "maxItems": 3},
    address=obj(("city",), city={"type": "string", "minLength": 1}),
    items={
        "type": "array",
        "minItems": 1,
        "maxItems": 2,
        "items": obj(("quantity",), quantity={"type": "integer", "minimum": 1}),
    },
)
NAMES = """
body: not an object
body: null
body: a property that is not declared
missing email
missing kind
missing items
email: not a string
email: null
email: longer than 60
email: not an email
email: amber.example.com
kind: null
kind: not in its enum
code: not a string
code: null
code: does not match ^[A-Z]{3}$
code: one character off ^[A-Z]{3}$
code: a letter in the other case
code: a line break at the end
note: not a string
note: null
note: a number
note: shorter than 2
note: longer than 20
born: not a string
born: null
born: not a date
born: 2023-02-29
price: not a number
price: null
price: a number as text
price: true
price: below 1
price: above 100
price: far above 100
price: not a multiple of 0.01
tags: not an array
tags: null
tags: an element without its array
tags: more than 3 elements
tags: the same element twice
tags/0: not a string
tags/0: null
tags/0: a number
address: not an object
address: null
address: a property that is not declared
missing address/city
address/city: not a string
address/city: null
address/city: a number
address/city: empty
items: not an array
items: null
items: an element without its array
items: empty
items: more than 2 elements
items/0: not an object
items/0: null
items/0: a property that is not declared
missing items/0/quantity
items/0/quantity: not an integer
items/0/quantity: null
items/0/quantity: a number as text
items/0/quantity: true
items/0/quantity: 1.5
items/0/quantity: below 1
body: malformed JSON
body: wrong media type
body: empty
""".strip().splitlines()
SENDING = {"malformed", "media type", "empty"}


@pytest.mark.parametrize("choices", [["beginner", "advanced"], ["y", "n"], ["a", "bb"]])
def test_what_is_not_in_an_enum_is_no_longer_than_what_is(judged, choices: list[str]) -> None:
    """A limit of the column would refuse it, although nobody looks at the enum."""
    schema = {"type": "object", "properties": {"a": {"type": "string", "enum": choices}}}
    found = judged(schema).space.violations()
    (sent,) = [one.of(json={})["json"]["a"] for one in found if one.name == "a: not in its enum"]
    assert sent not in choices
    assert len(sent) <= max(map(len, choices))


def test_there_is_one_for_each_constraint_under_a_telling_name(judged) -> None:
    assert [str(violation) for violation in judged(ORDER).space.violations()] == NAMES


def expected(rule: str) -> set[str]:
    """The keywords a validator may name: null and a wrong type break an enum, too."""
    return {"null": {"type", "enum", "const"}, "type": {"type"}}.get(rule, {rule})


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_each_breaks_its_rule_and_no_other(judged, version) -> None:
    found = judged(ORDER, version=version)
    body = found.space.example()
    for violation in found.space.violations():
        if violation.rule in SENDING:
            continue
        errors = found.errors(found.sent(violation.of(json=body)))
        place = violation.pointer
        if violation.rule == "required":
            place = place.rpartition("/")[0]
        assert {where for where, _ in errors} == {place}, str(violation)
        assert {rule for _, rule in errors} <= expected(violation.rule), str(violation)
    assert body == judged(ORDER, version=version).space.example(), "the caller's body is untouched"


def test_whatever_the_schema_each_is_refused_for_one_reason(case) -> None:
    found = case
    violations = [v for v in found.space.violations() if v.rule not in SENDING]
    assert len({str(violation) for violation in violations}) == len(violations)
    for violation in violations:
        for body in (found.space.example(), found.space.complete()):
            before = copy.deepcopy(body)
            try:
                broken = found.sent(violation.of(json=body))
            except CannotBreak:
                continue
            assert body == before
            errors = found.errors(broken)
            composed = {rule for _, rule in errors} & {"oneOf", "anyOf", "if", "not"}
            assert errors, str(violation)
            assert composed or len({where for where, _ in errors}) == 1, (str(violation), errors)


def test_a_constraint_that_another_implies_has_no_violation(judged) -> None:
    schema = obj(
        (), code={"type": "string", "pattern": "^[A-Z]{3}$", "minLength": 3, "maxLength": 3}
    )
    names = [v.name for v in judged(schema).space.violations() if v.pointer == "code"]
    assert names == [
        "code: not a string",
        "code: null",
        "code: does not match ^[A-Z]{3}$",
        "code: a letter in the other case",
    ]


def test_the_pattern_of_a_date_is_broken_by_another_date(judged) -> None:
    schema = obj((), day={"type": "string", "format": "date", "pattern": "^2[0-9]{3}-"})
    violation = by_name(judged(schema).space, "day: does not match ^2[0-9]{3}-")
    assert violation.of(json={})["json"] == {"day": "9999-12-31"}


def by_name(space: Any, name: str) -> Any:
    return next(violation for violation in space.violations() if violation.name == name)


def test_null_is_no_violation_where_the_standard_leaves_it_open(judged) -> None:
    schema = obj((), a={"nullable": True, "anyOf": [{"type": "integer"}, {"type": "string"}]})
    names = [v.name for v in judged(schema, version="3.0.3").space.violations()]
    assert "a: null" not in names
    assert any(name.startswith("a: ") for name in names)


def test_it_reaches_places_that_the_body_does_not_have(judged) -> None:
    space = judged(ORDER).space
    body = space.example()
    assert "address" not in body
    assert by_name(space, "address/city: empty").of(json=body)["json"]["address"] == {"city": ""}
    body["items"] = []
    broken = by_name(space, "items/0/quantity: below 1").of(json=body)["json"]
    assert broken["items"] == [{"quantity": 0}]


def test_what_the_test_filled_in_stays(judged) -> None:
    space = judged(ORDER).space
    body = {**space.example(), "items": [{"quantity": 7}, {"quantity": 8}]}
    broken = by_name(space, "items/0/quantity: null").of(json=body)["json"]
    assert broken["items"] == [{"quantity": None}, {"quantity": 8}]


def test_bodies_that_are_sent_wrongly(judged) -> None:
    space = judged(ORDER).space
    body = space.example()
    malformed = by_name(space, "body: malformed JSON").of(json=body)
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(malformed["content"])
    assert malformed["headers"] == {"Content-Type": "application/json"}
    mistyped = by_name(space, "body: wrong media type").of(json=body, headers={"X-Mine": "1"})
    assert json.loads(mistyped["content"]) == body
    assert mistyped["headers"] == {"X-Mine": "1", "Content-Type": "text/plain"}
    assert by_name(space, "body: empty").of(json=body)["content"] == b""


def test_parameters_are_broken_one_at_a_time(judged) -> None:
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}},
        {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
        {"name": "sort", "in": "query", "required": True, "schema": {"enum": ["name", "age"]}},
        {"name": "X-Key", "in": "header", "required": True, "schema": {"type": "string", "minLength": 8}},
    ]  # fmt: skip
    space = judged({"type": "object"}, parameters=parameters, path="/things/{id}").space
    found = {v.name: v for v in space.violations() if v.place != "body"}
    assert list(found) == [
        "path id: not an integer",
        "path id: 1.5",
        "path id: below 1",
        "missing query sort",
        "query limit: not an integer",
        "query limit: 0.5",
        "query limit: above 100",
        "query sort: not in its enum",
        "missing header X-Key",
        "header X-Key: shorter than 8",
    ]
    given = {"json": {}, "path": {"id": 5}, "params": {"sort": "age"}}
    assert found["path id: below 1"].of(**given)["path"] == {"id": 0}
    above = found["query limit: above 100"].of(**given)
    assert above == {**given, "params": {"sort": "age", "limit": 101}}
    assert found["missing query sort"].of(**given)["params"] == {}
    assert found["query sort: not in its enum"].of()["params"]["sort"] not in ("name", "age")
    missing = found["missing header X-Key"].of(headers={"X-Key": "12345678", "X-Other": "1"})
    assert missing["headers"] == {"X-Other": "1"}


def test_a_body_that_may_be_left_out_is_not_sent_as_nothing_or_as_something_else(judged) -> None:
    must = {str(one) for one in judged(obj(a={"type": "string"})).space.violations()}
    may = judged(obj(a={"type": "string"}), required=False)
    beside = {str(one) for one in may.space.violations()}
    assert must - beside == {"body: null", "body: wrong media type", "body: empty"}


def test_of_much_that_can_be_broken_every_field_has_its_turn(judged) -> None:
    """And each one at the top is broken in all ways."""
    inner = obj(**{f"field{n}": {"type": "string", "maxLength": 9} for n in range(40)})
    space = judged(obj(name={"type": "string"}, **{f"part{n}": inner for n in range(10)})).space
    found = space.violations()
    assert len(found) == 120 + 3
    places = Counter(one.pointer.partition("/")[0] for one in found if "/" in one.pointer)
    assert len(places) == 10
    assert max(places.values()) - min(places.values()) <= 1
    assert {"name: null", "name: not a string", "part9: null"} <= {str(one) for one in found}
    assert len(space.without()) == 60
