"""Expressions: what is read, what it means for a request, what is said when it means nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from gen_suite.errors import MappingError
from gen_suite.mapping.expression import Context, Expression, each, evaluate, parse, read_value
from gen_suite.mapping.pointer import MISSING, join, tokens, walk

Told = Callable[[Callable[[], object]], str]

CONTEXT = Context(
    request_body={"a": {"b/c": [10, 20]}, "empty": None, "items": [{"n": 1}], "": "odd"},
    path={"id": 7},
    query={"q": "x"},
    headers={"X-Key": "k"},
    cookies={"c": "v"},
    response_body=[{"id": 5}],
    response_headers={"location": "/orders/5"},
    actor={"id": 1, "tenant": "acme"},
    item={"quantity": 3, "deep": {"x": 4}},
    row={"stock": 9},
    resources={"wallet": {"id": 77}},
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$request.body#/a/b~1c/1", 20),
        ("$request.body#/empty", None),
        ("$request.body#/", "odd"),
        ("$request.path.id", 7),
        ("$request.query.q", "x"),
        ("$request.header.x-key", "k"),
        ("$request.cookie.c", "v"),
        ("$response.body#/0/id", 5),
        ("$response.header.Location", "/orders/5"),
        ("$actor.tenant", "acme"),
        ("$item.quantity", 3),
        ("$item#/deep/x", 4),
        ("$item.deep#/x", 4),
        ("$row.stock", 9),
        ("$wallet.id", 77),
        ("-$item.quantity", -3),
        ("+$item.quantity", 3),
        ("+1", 1),
        ("-2.50", Decimal("-2.50")),
    ],
)
def test_what_expressions_mean(text: str, value: Any) -> None:
    assert evaluate(parse(text), CONTEXT) == value


def test_whole_bodies_and_elements() -> None:
    assert evaluate(parse("$request.body"), CONTEXT) is CONTEXT.request_body
    assert evaluate(parse("$item"), CONTEXT) is CONTEXT.item


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("pending", "pending"),
        ("$$5", "$5"),
        ("a $request.body", "a $request.body"),
        (5, 5),
        (None, None),
        (-1, -1),
        ("+1", "+1"),
        ("${not filled}", "${not filled}"),
    ],
)
def test_literals_mean_themselves(value: Any, read: Any) -> None:
    assert read_value(value) == read
    assert evaluate(read_value(value), CONTEXT) == read


@pytest.mark.parametrize(("value", "difference"), [("+1", 1), ("-1", -1), (-1, -1), (-0.5, -0.5)])
def test_signed_numbers_are_differences_in_set(value: Any, difference: float) -> None:
    read = read_value(value, relative=True)
    assert isinstance(read, Expression)
    assert read.relative
    assert evaluate(read, CONTEXT) == difference


def test_parts_of_an_expression() -> None:
    assert parse("$item.a#/b/0").steps == ("a", "b", "0")
    assert parse("$wallet.id").resource == "wallet"
    assert parse("$actor.id").resource is None
    assert parse("+1").resource is None
    assert str(parse("-$item.n")) == "-$item.n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$actor.tenent", "`$actor.tenent` leads nowhere\n  did you mean `tenant`?"),
        ("$item.quantty", "`$item.quantty` leads nowhere\n  did you mean `quantity`?"),
        ("$request.body#/item", "`$request.body#/item` leads nowhere\n  did you mean `items`?"),
        ("$request.body#/a/b~1c/2", "`$request.body#/a/b~1c/2` leads nowhere\n  did you mean `a`?"),
        ("$row.zzz", "`$row.zzz` leads nowhere\n  known: `stock`"),
        ("$nothing.id", "`$nothing.id` leads nowhere"),
        ("-$actor.tenant", "`-$actor.tenant` is relative, but its value is no number"),
    ],
)
def test_what_leads_nowhere_says_what_is_there(told: Told, text: str, message: str) -> None:
    assert told(lambda: evaluate(parse(text), CONTEXT)) == message


def test_a_default_stands_for_what_is_absent() -> None:
    assert evaluate(parse("$actor.none"), CONTEXT, default=0) == 0
    assert evaluate(parse("$request.body"), Context(), default=MISSING) is MISSING


def test_for_each_goes_through_lists(told: Told) -> None:
    assert each(parse("$request.body#/items"), CONTEXT) == [{"n": 1}]
    assert each(parse("$request.body#/empty"), CONTEXT) == ()
    assert each(parse("$request.body#/absent"), CONTEXT) == ()
    message = "`$request.path.id` is no list\n  `for_each` goes through an array"
    assert told(lambda: each(parse("$request.path.id"), CONTEXT)) == message


# The examples of RFC 6901, section 5.
RFC = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6,
       " ": 7, "m~n": 8}  # fmt: skip


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1),
        ("/c%d", 2), ("/e^f", 3), ("/g|h", 4), ("/i\\j", 5), ('/k"l', 6), ("/ ", 7), ("/m~0n", 8),
        ("/foo/2", MISSING), ("/foo/-", MISSING), ("/foo/01", MISSING), ("/foo/0/x", MISSING),
        ("/none", MISSING),
    ],
)  # fmt: skip
def test_json_pointers(pointer: str, value: Any) -> None:
    assert walk(RFC, pointer) == value


@pytest.mark.parametrize("pointer", ["foo", "/a~2", "/a~"])
def test_what_is_no_json_pointer(pointer: str) -> None:
    with pytest.raises(MappingError, match="is no JSON pointer"):
        tokens(pointer)


def test_a_pointer_of_steps() -> None:
    assert join("operations", "POST /a~b", 0) == "/operations/POST ~1a~0b/0"
    assert tokens(join("operations", "POST /a~b", 0)) == ("operations", "POST /a~b", "0")
