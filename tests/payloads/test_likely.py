"""Texts of which the contract says nothing: their name or their column tells what they most likely are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from gen_suite.mapping.likely import likely_format, repeats
from gen_suite.runtime.learn_body import Variation
from gen_suite.runtime.payloads.columns import ColumnLimit
from gen_suite.runtime.payloads.formats import format_named

TEXT = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["contactEmail", "password", "password_repeat", "homepage_url", "currency", "role"],
    "properties": {
        "contactEmail": TEXT,
        "password": {"type": "string", "minLength": 8},
        "password_repeat": TEXT,
        "homepage_url": TEXT,
        "currency": {"type": "string", "maxLength": 3},
        "role": TEXT,
        "name": TEXT,
    },
}
COLUMNS = {"role": ColumnLimit("users", "role", length=36)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("contactEmail", "email"),
        ("email_address", "email"),
        ("webhook_url", "uri"),
        ("passwordConfirmation", "password"),
        ("country_code", "country"),
        ("timeZone", "timezone"),
        ("name", ""),
        ("is_email_verified", ""),
        ("", ""),
    ],
)
def test_a_name_tells_a_format(name: str, expected: str) -> None:
    assert likely_format(name) == expected
    assert expected == "" or format_named(expected) is not None


def test_a_field_that_says_another_one_again_is_told() -> None:
    names = ["password", "password_repeat", "confirmEmail", "email", "confirmed", "retypePin"]
    assert repeats(names) == {"password_repeat": "password", "confirmEmail": "email"}


def assert_likely(body: dict[str, Any]) -> None:
    assert format_named("email").holds(body["contactEmail"])
    assert body["homepage_url"].startswith("https://")
    assert body["currency"] in (
        "EUR",
        "USD",
        "GBP",
        "CHF",
        "JPY",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "CZK",
    )
    assert format_named("uuid").holds(body["role"])
    assert len(body["password"]) >= 8
    assert body["password_repeat"] == body["password"]


def test_valid_bodies_are_what_an_api_takes_that_knows_what_its_fields_are(judged: Any) -> None:
    found = judged(SCHEMA, columns=COLUMNS)
    assert_likely(found.space.example())
    assert_likely(found.space.complete())

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(found.space.bodies())
    def check(body: dict[str, Any]) -> None:
        assert_likely(body)

    check()


def test_unique_ones_keep_their_form(judged: Any) -> None:
    space = judged(SCHEMA, columns=COLUMNS, unique={"contactEmail", "homepage_url"}).space
    first, second = space.complete(), space.complete()
    assert first["contactEmail"] != second["contactEmail"]
    assert first["homepage_url"] != second["homepage_url"]
    assert_likely(first)
    assert_likely(second)


def test_what_the_contract_does_not_say_is_no_constraint_and_has_no_edges(judged: Any) -> None:
    found = judged(SCHEMA, columns=COLUMNS)
    broken = {one.name for one in found.space.violations()}
    told = {name.partition(":")[2].strip() for name in broken if not name.startswith("body")}
    plain = {"", "a number", "longer than 3", "not a string", "null", "shorter than 8"}
    assert told <= plain, told
    edges = {one.name.partition(":")[0] for one in found.space.edges()}
    assert "name" in edges
    assert not {"contactEmail", "homepage_url", "role", "password", "currency"} & edges


def test_other_values_of_a_body_are_of_the_same_kind(judged: Any) -> None:
    found = judged(SCHEMA, columns=COLUMNS)
    body = found.space.complete()
    other = Variation(found.space._walker.schemas.document).vary(
        body, body, SCHEMA, lambda at: False
    )
    assert_likely({**other, "contactEmail": other["contactEmail"].lower()})
    assert all(other[name] != body[name] for name in body)
