"""Patterns and formats: every text made is one that the standard's own engines accept."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_suite.runtime.payloads.ecma import compiled, translated
from gen_suite.runtime.payloads.formats import FORMATS, format_named
from gen_suite.runtime.payloads.node import Node
from gen_suite.runtime.payloads.series import MISSING
from gen_suite.runtime.payloads.text import text_series

PATTERNS = [
    r"^[A-Z]{3}-\d{6}$",
    r"^(?=.*[A-Z])(?=.*[0-9]).{8,}$",
    r"^(red|green|blue)$",
    r"^\S(.*\S)?$",
    r"^[\w.-]+@[\w-]+\.[a-z]{2,}$",
    r"^\p{Lu}\p{L}+$",
    r"^[^\s/]+$",
    r"^(?<year>\d{4})-(?<month>0[1-9]|1[0-2])$",
    r"abc",
    r"^$|^[0-9]+$",
    r"^\+[0-9]{6,15}$",
    r"^[A-Za-z0-9]{1,20}([._+-][A-Za-z0-9]{1,20}){0,2}@[a-z]+\.[a-z]{2,9}$",
    r"^[\u4e00-\u9fa5]{2,4}$",
    r"^0x[0-9a-fA-F]+$",
    r"^(a|b(c|d))*e+$",
    r"^[^\u0000-\u001F]{1,9}$",
    r"^.{20,30}$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_texts_match_as_ecma_reads_the_pattern(pattern) -> None:
    """jsonschema-rs reads patterns as ECMA-262; numbers are far apart and close together."""
    found = text_series(Node(types=("string",), patterns=(pattern,)))
    assert found is not None
    judge = jsonschema_rs.Draft202012Validator({"type": "string", "pattern": pattern}).is_valid
    numbers = {*range(min(found.size, 30)), *(n for n in (10**3, 10**9) if n < found.size)}
    texts = [found.at(number) for number in (*numbers, found.size - 1)]
    assert all(judge(text) for text in texts), texts
    assert all("\n" not in text for text in texts)


@pytest.mark.parametrize("pattern", [r"^[A-Z]{3}-\d{3}$", r"^v[0-9]+\.[0-9]+$", r"^[a-f]{4,6}$"])
def test_different_numbers_are_different_texts(pattern) -> None:
    found = text_series(Node(types=("string",), patterns=(pattern,)))
    assert found is not None
    texts = [found.make(number) for number in range(min(found.size, 5_000))]
    assert len(set(texts)) == len(texts)


def test_words_where_a_pattern_takes_them() -> None:
    def first(pattern: str) -> Any:
        return text_series(Node(patterns=(pattern,), max_length=40)).first(70)

    assert first(r"^\S(.*\S)?$") == "grove amber"
    assert first(r"^[a-z-]+$") == "grove-amber"
    assert first(r"^[A-Z_]+$") == "GROVE_AMBER"


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 12), st.integers(0, 12), st.sampled_from(["^[a-z]+$", "^a+b*$", "^(xy)*$", ""])
)
def test_length_and_pattern_hold_together(low: int, more: int, pattern: str) -> None:
    patterns = (pattern,) if pattern else ()
    found = text_series(Node(patterns=patterns, min_length=low, max_length=low + more))
    text = MISSING if found is None else found.first(3)
    if text is not MISSING:
        assert low <= len(text) <= low + more
        assert re.search(pattern, text)
    elif pattern == "^(xy)*$":
        assert (more, low % 2) == (0, 1)
    else:
        assert low + more == 0


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_formats_hold_what_they_make_and_refuse_what_is_wrong(name) -> None:
    form = FORMATS[name]
    numbers = [*range(min(form.size, 40)), form.size - 1, form.size // 2, form.size // 3]
    texts = [form.make(number) for number in numbers]
    assert all(form.holds(text) for text in (*texts, *form.rare)), texts
    assert len({form.make(number) for number in range(min(form.size, 3_000))}) == min(
        form.size, 3_000
    )
    assert not any(form.holds(text) for text in form.wrong if form.strict)
    if form.stretch:
        for length in (30, 64, 65, 66, 100, 127, 128, 129, 200):
            longer = form.stretch(texts[0], length)
            assert form.holds(longer), longer
            assert abs(len(longer) - length) <= 3
    if form.mark:
        assert form.holds(form.mark(texts[0], "k3f9x2a1"))
        assert form.holds(form.mark("", "k3f9x2a1"))


def test_every_format_of_the_registry_is_known() -> None:
    """https://spec.openapis.org/registry/format/"""
    registry = """
        base64url binary byte char commonmark date-time-local date-time date decimal decimal128
        double-int double duration email float hostname html http-date idn-email idn-hostname int16
        int32 int64 int8 ipv4 ipv6 iri-reference iri json-pointer media-range password regex
        relative-json-pointer sf-binary sf-boolean sf-decimal sf-integer sf-string sf-token
        time-local time uint16 uint32 uint64 uint8 unixtime uri-reference uri-template uri uuid
    """
    unknown = [name for name in registry.split() if format_named(name) is None]
    assert unknown == ["binary", "commonmark"], "any bytes and any text are of these"


@pytest.mark.parametrize(
    "name", ["email", "uuid", "date-time", "uri", "hostname", "time", "duration"]
)
def test_a_format_is_read_by_the_library_people_use(name) -> None:
    """What servers parse it with: pydantic's own reading of the format."""
    import datetime
    import uuid
    from urllib.parse import urlsplit

    from pydantic import TypeAdapter

    kinds: dict[str, Any] = {
        "uuid": uuid.UUID,
        "date-time": datetime.datetime,
        "time": datetime.time,
        "duration": datetime.timedelta,
    }
    for number in (0, 1, 77, 3_000):
        text = FORMATS[name].make(number)
        if name in kinds:
            TypeAdapter(kinds[name]).validate_json(json.dumps(text))
        elif name == "uri":
            assert urlsplit(text).hostname == "example.com"
        else:
            assert text.endswith("example.com")


def test_a_pattern_that_cannot_be_read_forbids_nothing() -> None:
    assert compiled(r"^\p{Unheard}$") is None
    found = text_series(Node(patterns=(r"(unclosed",)))
    assert found is not None
    assert found.first() == "amber"


def test_a_hyphen_between_classes_is_a_hyphen() -> None:
    """ECMA-262 reads it so, Python calls it a bad range."""
    regex = compiled(r"^[\w-.]+$")
    assert regex is not None
    assert regex.search("a-b.c")
    assert not regex.search("a b")


def test_translation_leaves_plain_patterns_alone() -> None:
    for pattern in (r"^[a-z]+", r"^\d{3}-\d{4}", r"^(a|b)+\$[$]"):
        assert translated(pattern) == pattern


def test_the_end_is_the_end() -> None:
    """Python's $ lets a line break follow."""
    for pattern in (r"^[a-z]+$", r"^(a|[$b]+$)"):
        regex = compiled(pattern)
        assert regex is not None
        assert regex.search("b")
        assert not regex.search("b\n")


def test_importing_costs_no_hypothesis() -> None:
    """Whoever only wants a body, or the names of violations, does not wait for Hypothesis."""
    program = "import gen_suite.runtime.payloads, sys; print('hypothesis' in sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "False"
