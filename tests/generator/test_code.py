"""Emitted source: foreign text only as literals, names that are names."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_suite.generator.code import (
    behind,
    call,
    identifier,
    keywords,
    literal,
    text,
)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_a_literal_means_the_value(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(st.floats())
def test_a_literal_of_any_number_means_it(value: float) -> None:
    assert repr(eval(literal(value), {})) == repr(value)


@settings(deadline=None)
@given(
    st.text() | st.sampled_from(["A{1}-", "{{", "}", "\\N{DIGIT ONE}", "'\"", '"{number!r}"']),
    st.text(),
)
def test_a_text_before_a_value_is_never_code(text: str, column: str) -> None:
    assert eval(behind(text, "number"), {"number": 3}) == f"{text}3"
    assert eval(behind(text, f"row[{literal(column)}]"), {"row": {column: 3}}) == f"{text}3"


@given(st.text())
def test_an_identifier_is_one(text: str) -> None:
    assert identifier(text).isidentifier()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("createOrder", "create_order"),
        ("HTTPServer", "http_server"),
        ("orders/{id}", "orders_id"),
        ("2fa", "n2fa"),
        ("class", "class_"),
        ("../../etc/passwd", "etc_passwd"),
        ("", "unnamed"),
    ],
)
def test_identifiers(text: str, name: str) -> None:
    assert identifier(text) == name


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=8) | st.sampled_from(["class", "__debug__", "ﬁ", "µ"]), st.integers()
    )
)
def test_keyword_arguments_keep_every_name(values: dict[str, int]) -> None:
    arguments = keywords((name, literal(value)) for name, value in values.items())
    assert eval(call("dict", arguments)) == values
    assert len([one for one in arguments if one.startswith("**")]) <= 1


def test_a_long_text_becomes_literals_of_a_line_each() -> None:
    words = "SELECT " + " ".join(f"column_{number}," for number in range(20))
    parts = text(words)
    assert ast.literal_eval(parts) == words
    assert [len(part) <= 79 for part in parts.split('" "')] == [True] * 3
