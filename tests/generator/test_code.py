"""Layout of emitted source: as ruff format leaves it, and foreign text only as literals."""

import ast
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_suite.generator.code import (
    behind,
    call,
    comparison,
    identifier,
    keywords,
    literal,
    mapping,
    signature,
)

NAMES = st.lists(st.from_regex(r"[a-z]{1,18}", fullmatch=True), max_size=7, unique=True)


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


@settings(deadline=None, max_examples=30)
@given(st.lists(NAMES, min_size=1, max_size=8))
def test_the_layout_is_that_of_a_formatter(several: list[list[str]]) -> None:
    functions = []
    for number, names in enumerate(several):
        parameters = [f"{name}_{number}: str" for name in names]
        arguments = [f'"{name}_text"' for name in names]
        body = call("value = function", arguments)
        check = comparison("value_of_something", "==", f"stored({', '.join(arguments)})")
        lines = "\n".join(f"    {line}" for line in f"{body}\n{check}".splitlines())
        functions.append(f"{signature(f'test_{number}', parameters)}\n{lines}")
        functions.append(mapping(f"FIELDS_{number}: dict = ", [(a, a) for a in arguments]))
    source = "\n\n\n".join(functions) + "\n"
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert _without_blanks(source) == _without_blanks(formatted)


def _without_blanks(source: str) -> list[str]:
    return [line for line in source.splitlines() if line]
