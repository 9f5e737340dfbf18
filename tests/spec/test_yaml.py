"""YAML as version 1.2 has it, the same from the quick reader and from the patient one."""

import contextlib
import json
import math
from pathlib import Path
from typing import Any

import pytest
import yaml12
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_suite.errors import MappingError, SpecError
from gen_suite.spec.bounds import MAX_NODES, expands_too_far
from gen_suite.spec.compose import YamlError, compose, construct
from gen_suite.spec.yaml import load_yaml

FILE = Path("file.yaml")


def patient(text: str) -> Any:
    root = compose(text)
    return None if root is None else construct(root)


SCALARS = """\
country: no
switch: OFF
yes: y
day: 2020-01-01
time: 2020-01-01T10:00:00Z
sexagesimal: 1:30
grouped: 1_000
octal: 0o17
not octal: 017
hexadecimal: 0x1F
real: 1e3
point: .5
nothing: ~
empty:
also: Null
quoted: "1"
tagged: !!str 123
block: |
  12
big: 12345678901234567
truth: True
"""


def test_scalars_are_those_of_yaml_12() -> None:
    expected = {
        "country": "no",
        "switch": "OFF",
        "yes": "y",
        "day": "2020-01-01",
        "time": "2020-01-01T10:00:00Z",
        "sexagesimal": "1:30",
        "grouped": "1_000",
        "octal": 15,
        "not octal": 17,
        "hexadecimal": 31,
        "real": 1000.0,
        "point": 0.5,
        "nothing": None,
        "empty": None,
        "also": None,
        "quoted": "1",
        "tagged": "123",
        "block": "12\n",
        "big": 12345678901234567,
        "truth": True,
    }
    assert load_yaml(SCALARS, FILE) == expected
    assert patient(SCALARS) == expected


def test_keys_are_text() -> None:
    text = "200: a\n1.5: b\ntrue: c\n~: d\n2020-01-01: e\n[x, y]: f\nlist: [{1: {2: 3}}]\n"
    data = load_yaml(text, FILE)
    assert list(data)[:5] == ["200", "1.5", "true", "null", "2020-01-01"]
    assert data["list"] == [{"1": {"2": 3}}]
    assert all(isinstance(key, str) for key in data)


def test_unknown_tags_are_dropped() -> None:
    text = "a: !secret x\nb: !!binary aGk=\nc: !set {d: !t 1}\n!k e: 1\n"
    assert load_yaml(text, FILE) == {"a": "x", "b": "aGk=", "c": {"d": "1"}, "e": 1}


def test_tags_run_no_code() -> None:
    text = "a: !!python/object/apply:os.system ['false']\n"
    assert load_yaml(text, FILE) == {"a": ["false"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b: &b {x: 1, y: 2}\nd: {<<: *b, y: 3}", {"x": 1, "y": 3}),
        ("b: &b {x: 1}\nc: &c {x: 2, z: 3}\nd:\n  <<: [*b, *c]", {"x": 1, "z": 3}),
        ("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nd: {<<: *b}", {"x": 1, "y": 2}),
        ("d: {<<: 5, x: 1}", {"x": 1}),
        ("b: &b {200: x}\nd: {<<: *b}", {"200": "x"}),
    ],
)
def test_merge_keys(text: str, expected: object) -> None:
    assert load_yaml(text, FILE)["d"] == expected


def test_the_first_of_several_documents() -> None:
    assert load_yaml("---\na: 1\n---\nb: 2\n", FILE) == {"a": 1}


def test_errors_are_of_the_wanted_class_and_located() -> None:
    with pytest.raises(MappingError) as caught:
        load_yaml("a: 1\nb: [1,\nc: 2\n", FILE, error=MappingError)
    assert caught.value.where is not None
    assert caught.value.where.file == FILE
    assert caught.value.where.line >= 2
    assert str(caught.value).startswith("file.yaml:")


def test_the_patient_reader_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str) -> Any:
        raise ValueError("YAML parse error: something at byte 3 line 1 column 4")

    monkeypatch.setattr(yaml12, "parse_yaml", fail)
    assert load_yaml("a: no\n200: 2020-01-01\n", FILE) == {"a": "no", "200": "2020-01-01"}
    with pytest.raises(SpecError):
        load_yaml("a: [\n", FILE)


def test_text_that_looks_like_anchors_costs_nothing() -> None:
    text = "a: |\n  *bold* and &amp; R&D *bold* &amp;\nb: x & y * z\n"
    assert not expands_too_far(text)


def test_shared_anchors_are_counted_once_per_use() -> None:
    base = "a: &a [" + "x, " * 1000 + "x]\n"
    assert not expands_too_far(base + "b: [" + "*a, " * 300 + "*a]\n")
    assert expands_too_far(base + "b: [" + "*a, " * 3000 + "*a]\n")


def test_what_looked_too_far_and_is_not_is_read() -> None:
    # The anchor's first use stands far below it, so that the quick bound counts the text between.
    filler = "".join(f"k{i}: {'v' * 50}\n" for i in range(2000))
    text = "a: &a {x: 1}\n" + filler + "".join(f"u{i}: *a\n" for i in range(60))
    assert expands_too_far(text)
    assert load_yaml(text, FILE)["u59"] == {"x": 1}


def bomb(levels: int, width: int) -> str:
    lines = [f"a0: &a0 [{', '.join('x' * width)}]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines) + "\n"


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 9))
def test_the_quick_bound_never_lets_a_bomb_pass(levels: int, width: int) -> None:
    values = sum(width**level for level in range(1, levels + 1))
    if values > MAX_NODES:
        assert expands_too_far(bomb(levels, width))
        with pytest.raises(SpecError, match="aliases stand for"):
            load_yaml(bomb(levels, width), FILE)
    elif values < 1000:
        assert load_yaml(bomb(levels, width), FILE) == patient(bomb(levels, width))


def test_a_cycle_is_refused() -> None:
    for text in ("&a [*a]", "a: &a {b: [*a]}", "a: &a\n  b: &b [1]\n  c: {d: *a}\n"):
        with pytest.raises(YamlError, match="own anchor"):
            patient(text)


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
json_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | texts | st.floats(allow_nan=False),
    lambda node: st.lists(node, max_size=4) | st.dictionaries(texts, node, max_size=4),
    max_leaves=15,
)


@settings(deadline=None)
@given(json_data)
def test_json_is_yaml(data: Any) -> None:
    if isinstance(data, float) and math.isinf(data):
        return
    text = json.dumps(data, ensure_ascii=False)
    if "Infinity" not in text:
        assert load_yaml(text, FILE) == json.loads(text)


@settings(deadline=None)
@given(json_data)
def test_block_style_reads_back_the_same_from_both_readers(data: Any) -> None:
    text = yaml12.format_yaml({"root": data})
    expected = load_yaml(text, FILE)
    if "<<" not in text:
        assert patient(text) == expected


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(SpecError):
        load_yaml(text, FILE)
