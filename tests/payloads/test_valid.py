"""Whatever is made from a schema satisfies it, as an independent validator sees it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from gen_suite.runtime.payloads import NoPayload


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


def test_everything_made_is_valid(case) -> None:
    found = case
    assert found.errors(found.space.example()) == []
    assert found.errors(found.space.complete()) == []
    for left_out, body in found.space.without():
        assert found.errors(body) == [], left_out

    # Default health checks stay on: heavy filters would fail the test.
    @settings(max_examples=25, database=None, deadline=None)
    @given(found.space.bodies())
    def check(body: Any) -> None:
        assert found.errors(body) == []

    check()


def test_read_only_is_left_out_and_write_only_kept(judged) -> None:
    schema = obj(
        ("id", "a"),
        id={"type": "integer", "readOnly": True},
        a={"type": "string", "writeOnly": True},
    )
    space = judged(schema, version="3.0.3").space
    assert set(space.complete()) == {"a"}


def test_read_only_beside_a_reference_is_meant(judged) -> None:
    schema = obj(made={"$ref": "#/components/schemas/When", "readOnly": True}, a={"type": "string"})
    space = judged(schema, version="3.0.3", components={"When": {"type": "string"}}).space
    assert set(space.complete()) == {"a"}


def test_recursion_ends(judged) -> None:
    def depth(body: Any) -> int:
        parts = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
        return 1 + max(map(depth, parts), default=0)

    tree = {"$ref": "#/components/schemas/Tree"}
    schema = obj(left=tree, children={"type": "array", "items": tree})
    space = judged(tree, components={"Tree": schema}).space
    assert depth(space.complete()) <= 4

    @settings(max_examples=50, database=None, deadline=None)
    @given(space.bodies())
    def check(body: Any) -> None:
        assert depth(body) <= 12

    check()


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (
            obj(("a",), a={"type": "string", "minLength": 5, "maxLength": 3}),
            "a: minLength 5 is above maxLength 3",
        ),
        (obj(("a",), a={"type": "string", "enum": [1, 2]}), "none of its 2 enum values"),
        (obj(("a",), a={"type": "string", "pattern": "^x$", "minLength": 5}), "pattern ^x$"),
        (obj(("a",), a={"type": "integer", "minimum": 5, "maximum": 4}), "minimum 5, maximum 4"),
        (
            obj(("a",), a={"$ref": "#/components/schemas/Endless"}),
            "a/a: it contains itself without end",
        ),
        (
            {"type": "object", "additionalProperties": False, "required": ["a"]},
            "a: its schema allows nothing",
        ),
    ],
)
def test_what_cannot_be_is_told_with_its_reason(judged, schema, reason) -> None:
    endless = {"Endless": obj(("a",), a={"$ref": "#/components/schemas/Endless"})}
    space = judged(schema, components=endless).space
    with pytest.raises(NoPayload, match="POST /things: ") as error:
        space.bodies()
    assert reason in str(error.value)


def test_an_optional_field_that_cannot_be_does_not_stop_the_rest(judged) -> None:
    schema = obj(("a",), a={"type": "integer"}, b={"type": "string", "enum": []})
    found = judged(schema)
    assert found.errors(found.space.complete()) == []
    assert found.space.findings == ("b: is never sent: no enum value is left",)

    @settings(max_examples=10, database=None, deadline=None)
    @given(found.space.bodies())
    def check(body: Any) -> None:
        assert set(body) == {"a"}

    check()


def test_text_is_clean_unless_hostile(judged) -> None:
    schema = obj(("a",), a={"type": "string", "maxLength": 30})

    @settings(max_examples=60, database=None, deadline=None)
    @given(judged(schema).space.bodies())
    def clean(body: Any) -> None:
        assert body["a"].isascii()
        assert body["a"].isprintable()
        assert body["a"] == body["a"].strip() != ""

    clean()
    seen: list[str] = []
    hostile = judged(schema, hostile=True)

    @settings(max_examples=200, database=None, deadline=None)
    @given(hostile.space.bodies())
    def wild(body: Any) -> None:
        seen.append(body["a"])
        assert hostile.errors(body) == []
        assert "\0" not in body["a"]
        body["a"].encode()

    wild()
    assert any(not text.isascii() for text in seen)
    assert any(set(text) & set("'\"<>") for text in seen)
    assert any(len(text) == 30 for text in seen)


def test_a_pattern_keeps_what_it_takes_of_the_hostile_text(judged) -> None:
    schema = obj(
        ("open", "narrow", "closed"),
        open={"type": "string", "pattern": "^[^\\u0000]*$", "maxLength": 40},
        narrow={"type": "string", "pattern": "^[ -~]{1,12}$"},
        closed={"type": "string", "pattern": "^[A-Z]{3}$"},
    )
    hostile = judged(schema, hostile=True)
    seen: list[dict[str, str]] = []

    @settings(max_examples=200, database=None, deadline=None)
    @given(hostile.space.bodies())
    def wild(body: Any) -> None:
        assert hostile.errors(body) == []
        seen.append(body)

    wild()
    assert any("👍" in body["open"] for body in seen)
    assert any(body["open"][:1] == " " for body in seen)
    assert any("'" in body["narrow"] for body in seen)
    assert all(body["narrow"].isascii() for body in seen)
