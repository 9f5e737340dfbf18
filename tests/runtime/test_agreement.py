"""The three-way comparison: what agrees, and the verdict on what does not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gen_suite.comparison import same
from gen_suite.runtime import (
    Fields,
    cents,
    changed,
    columns,
    computed,
    hashed,
    json_member,
    just_now,
    lowercase,
    stored,
    transformed,
)
from gen_suite.runtime.payloads.media import FilePart

FIELDS = {"name": "name", "email": lowercase("email"), "price": cents("price_cents")}


def verdicts(row: dict, sent: object, claimed: object) -> list[str]:
    agreement = stored(sent=sent, claimed=claimed, fields=FIELDS)
    return [found.verdict for found in agreement.disagreements(row)]


def test_a_row_that_holds_what_was_sent_and_claimed_agrees() -> None:
    body = {"name": "Ann", "email": "Ann@Example.com", "price": 12.5}
    row = {"name": "Ann", "email": "ann@example.com", "price_cents": 1250}
    assert row == stored(sent=body, claimed={**body, "id": 1}, fields=FIELDS)


@pytest.mark.parametrize(
    ("held", "sent", "claimed", "verdict"),
    [
        ("A", "Ann", "Ann", "echoed and never stored"),
        ("Ann", "Ann", "ANN", "the row is right, the answer is not"),
        ("ann", "Ann", "ann", "the write path changes it"),
        ("x", "Ann", "y", "sent, claimed and stored all differ"),
    ],
)
def test_the_verdict_says_which_side_is_wrong(
    held: str, sent: str, claimed: str, verdict: str
) -> None:
    row = {"name": held, "email": None, "price_cents": None}
    assert verdict in verdicts(row, {"name": sent}, {"name": claimed})[0]


def test_a_field_that_was_neither_sent_nor_claimed_is_not_compared() -> None:
    row = {"name": "anything", "email": "e", "price_cents": 1}
    assert row == stored(sent={}, claimed={"price": 0.01}, fields=FIELDS)
    assert row == stored(sent={}, fields=FIELDS)


@pytest.mark.parametrize("claimed", [[], None, {}, "Ann", {"id": 1}, {"customer": {"name": "Ann"}}])
def test_an_answer_that_shows_nothing_of_the_row_agrees_with_none(claimed: object) -> None:
    row = {"name": "Ann", "email": None, "price_cents": None}
    assert row != stored(claimed=claimed, fields=FIELDS)
    assert row != stored(sent={"name": "Ann"}, claimed=claimed, fields=FIELDS)
    (found,) = stored(claimed=claimed, fields=FIELDS).disagreements(row)
    assert str(found).startswith(f"the answer: claimed {claimed!r}\n    the answer shows no")


@pytest.mark.parametrize("sent", [[], None, "Ann"])
def test_a_body_that_is_no_object_agrees_with_no_row(sent: object) -> None:
    row = {"name": "Ann", "email": None, "price_cents": None}
    (found,) = stored(sent=sent, claimed={"name": "Ann"}, fields=FIELDS).disagreements(row)
    assert "the body that was sent is no object" in str(found)


def test_a_field_inside_another_is_one_that_the_answer_shows() -> None:
    fields = {"owner/name": "name"}
    assert stored(claimed={"owner": {"name": "Ann"}}, fields=fields) == {"name": "Ann"}
    assert stored(claimed={"owner": None}, fields=fields) != {"name": "Ann"}


def test_null_is_a_value_and_not_the_same_as_nothing() -> None:
    row = {"name": "Ann", "email": None, "price_cents": None}
    assert row != stored(sent={"name": None}, fields=FIELDS)


@pytest.mark.parametrize(
    ("wire", "held", "means_the_same"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), True),
        ("2026-01-02T04:04:05+01:00", datetime(2026, 1, 2, 3, 4, 5), True),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 4, 4, 5), False),
        ("2026-01-02T03:04:05.123456Z", datetime(2026, 1, 2, 3, 4, 5, 123000), True),
        ("2026-01-02T03:04:05.9Z", datetime(2026, 1, 2, 3, 4, 5), True),
        ("2026-01-02", date(2026, 1, 2), True),
        ("2026-01-02", date(2026, 1, 3), False),
        ("2026-01-02T00:00:00Z", date(2026, 1, 2), True),
        (date(2026, 1, 2), date(2026, 1, 2), True),
        (datetime(2026, 1, 2), date(2026, 1, 2), True),
        ("2026-01-02", "2026-01-02", True),
        ("2026-01-02garbage", date(2026, 1, 2), False),
        ("2026-01-021", date(2026, 1, 2), False),
        ("12.50", Decimal("12.5"), True),
        (12.5, Decimal("12.49"), False),
        (True, 1, True),
        (True, 0, False),
        (False, 0, True),
        (True, True, True),
        (True, 5, False),
        (True, -1, False),
        (5, True, False),
        (True, "true", False),
        (1, True, True),
        (0, False, True),
        (
            "A1B2C3D4-0000-4000-8000-000000000000",
            UUID("a1b2c3d4-0000-4000-8000-000000000000"),
            True,
        ),
        (None, None, True),
        (None, 0, False),
        ("", None, False),
        (0, None, False),
        ("a", "a ", False),
        ([1, {"a": None}], [1, {"a": None}], True),
        (12, "12", True),
    ],
)
def test_values_are_compared_by_meaning(wire: object, held: object, means_the_same: bool) -> None:
    assert same(wire, held) is means_the_same


@given(st.text() | st.integers() | st.booleans() | st.none() | st.decimals(allow_nan=False))
def test_everything_is_the_same_as_itself(value: object) -> None:
    assert same(value, value)


@given(st.text(), st.text())
def test_two_texts_are_the_same_only_when_equal(one: str, other: str) -> None:
    assert same(one, other) == (one == other)


def test_a_hash_must_not_give_the_plain_text_away() -> None:
    fields = {"password": hashed("password_hash")}
    sent = {"password": "hunter22"}
    assert stored(sent=sent, fields=fields) == {"password_hash": "$2b$12$abcdefghijk"}
    assert stored(sent=sent, fields=fields) != {"password_hash": "hunter22"}
    assert stored(sent=sent, fields=fields) != {"password_hash": ""}


def test_columns_are_those_of_the_fields_in_a_body_and_the_apis_own() -> None:
    assert columns({"name": 1, "price": 2}, FIELDS, "updated_at") == {
        "name",
        "price_cents",
        "updated_at",
    }


def test_changed_names_the_columns_that_differ() -> None:
    assert changed({"a": 1, "b": 2}, {"a": 1, "b": 3}) == {"b"}


def test_just_now_knows_naive_and_aware_moments() -> None:
    now = datetime.now(UTC)
    assert just_now(now)
    assert just_now(now.replace(tzinfo=None))
    assert just_now(now.isoformat())
    assert not just_now(now - timedelta(days=1))
    assert not just_now(None)


def test_what_is_computed_is_set_and_claimed_whatever_is_sent() -> None:
    fields = {"slug": computed("slug")}
    assert stored(sent={"slug": "mine"}, claimed={"slug": "my-note"}, fields=fields) == {
        "slug": "my-note"
    }
    assert stored(claimed={"slug": "mine"}, fields=fields) != {"slug": "my-note"}
    (found,) = stored(sent={"slug": "mine"}, fields=fields).disagreements({"slug": None})
    assert found.verdict == "the column is empty: nothing was computed"


def test_a_function_makes_the_stored_value_of_the_sent_one() -> None:
    fields = {"phone": transformed("phone", lambda text: text.replace(" ", ""))}
    assert stored(sent={"phone": "0 12"}, claimed={"phone": "0 12"}, fields=fields) == {
        "phone": "012"
    }
    assert stored(sent={"phone": "0 12"}, claimed={"phone": "012"}, fields=fields) == {
        "phone": "012"
    }
    assert stored(sent={"phone": None}, fields=fields) == {"phone": None}
    assert stored(sent={"phone": "0 12"}, fields=fields) != {"phone": "0 12"}


def test_a_function_that_keeps_a_value_as_it_is_forgives_nothing() -> None:
    fields = {"phone": transformed("phone", lambda text: text)}
    assert stored(sent={"phone": "012"}, claimed={"phone": "012"}, fields=fields) != {"phone": "01"}


def test_a_file_of_a_form_is_compared_byte_by_byte() -> None:
    fields = {"content": "content"}
    sent = {"content": FilePart("a.bin", b"\x00\xff\r\n", "application/octet-stream")}
    assert stored(sent=sent, fields=fields) == {"content": b"\x00\xff\r\n"}
    assert stored(sent=sent, fields=fields) != {"content": b"\x00\xff\n"}


DOCUMENTS: Fields = {
    "title": json_member("body"),
    "extra/note": json_member("body"),
    "data": "data",
}


@pytest.mark.parametrize(
    ("row", "agrees"),
    [
        ({"body": '{"title": "x", "note": "n"}', "data": {"a": 1}}, True),
        ({"body": {"title": "x", "extra": {"note": "n"}}, "data": '{"a": 1}'}, True),
        ({"body": '{"title": "x", "note": "n"}', "data": {"a": 1, "id": 7}}, True),
        ({"body": '{"title": "x", "note": "n"}', "data": {"a": 1, "id": 8}}, False),
        ({"body": '{"title": "x", "note": "n"}', "data": {"id": 7}}, False),
        ({"body": '{"title": "y", "note": "n"}', "data": {"a": 1}}, False),
        ({"body": '{"note": "n"}', "data": {"a": 1}}, False),
        ({"body": "no document", "data": {"a": 1}}, False),
        ({"body": '{"title": "x", "note": "n"}', "data": {"a": 2}}, False),
    ],
)
def test_members_of_a_document_are_compared_by_their_names(
    row: dict[str, object], agrees: bool
) -> None:
    sent = {"title": "x", "extra": {"note": "n"}, "data": {"a": 1}}
    claimed = {**sent, "data": {"a": 1, "id": 7}}  # an answer may show more than the document
    assert (stored(sent=sent, claimed=claimed, fields=DOCUMENTS) == row) is agrees
