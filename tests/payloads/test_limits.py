"""Schemas that explode, and keywords of the wrong kind: a reason within few steps, never a hang."""

from __future__ import annotations

from typing import Any

import pytest

from gen_suite.runtime.payloads.ecma import found_in, is_nested
from gen_suite.runtime.payloads.errors import NoPayload

from .conftest import obj

TEXT = {"type": "string"}
COPIED_EMAIL = r"^\w+([\.-]?\w+)*@\w+([\.-]?\w+)*(\.\w{2,3})+$"


def ten(letter: str) -> dict[str, Any]:
    return {"anyOf": [obj((f"{letter}{n}",), **{f"{letter}{n}": TEXT}) for n in range(10)]}


def one_of_two(number: int) -> dict[str, Any]:
    return {"oneOf": [obj((f"{side}{number}",), **{f"{side}{number}": TEXT}) for side in "xy"]}


EXPLODING = {
    "a hundred million elements": (
        obj(("a",), a={"type": "array", "minItems": 100_000_000, "items": TEXT}),
        "a: minItems 100000000: more than 10,000 are not written",
    ),
    "a thousand million characters": (
        obj(("a",), a={"type": "string", "minLength": 10**9}),
        "a: minLength 1000000000: more than 1,000,000 are not written",
    ),
    "a million properties": (
        {"type": "object", "minProperties": 10**6, "additionalProperties": TEXT},
        "minProperties 1000000: more than 1,000 are not written",
    ),
    "four anyOfs of ten": (
        {"allOf": [ten(letter) for letter in "abcd"]},
        "combinations of its alternatives: 10000: more than 1,000 are not written",
    ),
    "forty oneOfs of two": (
        {"allOf": [one_of_two(number) for number in range(40)]},
        f"combinations of its alternatives: {2**40}: more than 1,000 are not written",
    ),
    "repeats of repeats": (
        obj(("a",), a={"type": "string", "pattern": "^((a{1000}){1000}){1000}$"}),
        "a: no string satisfies pattern ^((a{1000}){1000}){1000}$",
    ),
    "a limit that no number reaches": (
        obj(("a",), a={"type": "integer", "minimum": 10**400}),
        "a limit of 401 digits: no number of JSON is so large",
    ),
}


@pytest.mark.parametrize("case", EXPLODING)
def test_what_explodes_is_refused_with_its_limit(judged: Any, case: str) -> None:
    schema, reason = EXPLODING[case]
    with pytest.raises(NoPayload) as refused:
        judged(schema).space.example()
    assert refused.value.message.endswith(reason)


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": 1, "type": "object"},
        {"type": "object", "required": True},
        {"type": "object", "properties": []},
        obj(("a",), a={"type": "string", "enum": {}}),
        obj(("a",), a={"type": "integer", "minimum": "3", "maximum": "9"}),
        obj(("a",), a={"type": "string", "pattern": 5, "maxLength": "20", "minLength": -5}),
        obj(("a",), a={"type": "array", "items": 3}),
        {"type": "object", "anyOf": {"a": TEXT}, "not": 5},
        {"type": 7},
    ],
    ids=str,
)
def test_keywords_of_the_wrong_kind_say_nothing(judged: Any, schema: Any) -> None:
    made = judged(schema).space
    made.example()
    made.complete()
    assert isinstance(made.violations(), tuple)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|aa)+$", COPIED_EMAIL, r"^(\w+\s?)*$"])
def test_a_pattern_that_repeats_what_repeats_is_decided(judged: Any, pattern: str) -> None:
    assert is_nested(pattern)
    assert not found_in(pattern, "a" * 200 + "!")
    made = judged(obj(("a",), a={"type": "string", "pattern": pattern, "maxLength": 255})).space
    assert found_in(pattern, made.example()["a"])
    assert any(violation.rule == "pattern" for violation in made.violations())


@pytest.mark.parametrize("pattern", [r"^[A-Z]{2}-\d+$", "^(red|green)$", r"^\w+(@\w{2})?$"])
def test_a_pattern_that_does_not_is_left_to_pythons_engine(pattern: str) -> None:
    assert not is_nested(pattern)


def test_a_pattern_that_takes_too_many_steps_is_refused() -> None:
    with pytest.raises(NoPayload, match="takes more than 100,000 steps"):
        found_in(r"^((a|aa)+)\1+$", "a" * 61 + "!")
