"""A number that may also travel as text: what is drawn for the text is such a number."""

from __future__ import annotations

from typing import Any

import pytest

from gen_suite.runtime.payloads.numbers_as_text import numbers_as_text

NUMBER: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0}
DECIMAL = r"^(?!^[-+.]*$)[+-]?0*(?:\d{0,7}|(?=[\d.]{1,10}0*$)\d{0,7}\.\d{0,2}0*$)$"


@pytest.mark.parametrize(
    ("number", "text", "expected"),
    [
        (NUMBER, {"type": "string"}, ["12.50", "7.25", "19.99", "0.29", "1.15", "250.00"]),
        (NUMBER, {"type": "string", "pattern": DECIMAL}, None),
        ({"type": "number", "maximum": 1}, {"type": "string"}, ["0.29"]),
        ({"type": "number", "minimum": 1.15, "exclusiveMinimum": True}, {"type": "string"}, None),
        ({"type": "integer", "minimum": 10}, {"type": "string"}, ["12", "19", "250"]),
    ],
)
def test_a_text_beside_a_number_is_one_that_the_number_allows(
    number: dict[str, Any], text: dict[str, Any], expected: list[str] | None
) -> None:
    first, second = numbers_as_text((number, text))
    assert first is number
    assert isinstance(second, dict)
    assert second["enum"]
    assert expected is None or second["enum"] == expected
    assert "1.15" not in second["enum"] or not number.get("minimum")
    assert numbers_as_text((number, text))[1] is second


@pytest.mark.parametrize(
    "branches",
    [
        (NUMBER, {"type": "string", "format": "date"}),
        (NUMBER, {"type": "string", "enum": ["none"]}),
        (NUMBER, {"type": "string", "pattern": "^[a-z]+$"}),
        (NUMBER, {"type": "null"}),
        ({"type": "boolean"}, {"type": "string"}),
        ({"type": "number", "minimum": 10**6}, {"type": "string"}),
    ],
)
def test_other_alternatives_stay_as_they_are(branches: tuple[dict[str, Any], ...]) -> None:
    assert numbers_as_text(branches) == branches
