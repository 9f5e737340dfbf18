"""Near misses: what a lenient reader takes for right.

A value of another type that reads like the right one, a text that misses its pattern by one character, a
day that no month has. Each breaks one rule, as all breaches do.
"""

from __future__ import annotations

from collections.abc import Iterator
from string import ascii_lowercase, ascii_uppercase, digits, punctuation
from typing import Any

from ...mapping.leniency import Leniency
from .breach import Breach
from .errors import NoPayload
from .faults import faults
from .format import Format
from .formats import format_named
from .node import Node
from .numbers import number_series
from .series import MISSING
from .text import text_series
from .walk import Walker

_CLASSES = (digits, ascii_lowercase, ascii_uppercase, punctuation)
_SHOWN = 24
_AS_TEXT, _TRUE, _WORD, _ONE = "a number as text", "true", "a boolean as text", "1"
_COERCIBLE: dict[str, Leniency] = {
    **dict.fromkeys((_AS_TEXT, _TRUE, _WORD, _ONE), "numbers"),
    "a number": "texts",
}


def near_types(node: Node, walker: Walker) -> Iterator[Breach]:
    """Values of another type that read like one of the node's."""
    if node.types is None or node.enum is not None or node.choices:
        return
    for said, value in _other_types(node, walker):
        if value is not MISSING and faults(node, value) == {"type"}:
            coercible = _COERCIBLE.get(said)
            yield Breach("type", said, lambda _, value=value: value, coercible)  # type: ignore[misc]


def _other_types(node: Node, walker: Walker) -> Iterator[tuple[str, Any]]:
    kinds = set(node.types or ())
    if kinds & {"integer", "number"}:
        kind = "number" if "number" in kinds else "integer"
        number = number_series(node, kind).first()
        yield _AS_TEXT, MISSING if number is MISSING else str(number)
        yield _TRUE, True
        if kind == "integer" and number is not MISSING:
            halves = (number + 0.5, number - 0.5)
            half = next((value for value in halves if faults(node, value) == {"type"}), MISSING)
            yield str(half), half
    if "boolean" in kinds:
        yield _WORD, "true"
        yield _ONE, 1
    if "string" in kinds:
        found = next((text for text in _digits(node) if not faults(node, text)), None)
        yield "a number", MISSING if found is None else int(found)
    if "array" in kinds and node.min_items <= 1:
        try:
            yield "an element without its array", walker.value(walker.schemas.item(node, 0))
        except NoPayload:
            return


def _digits(node: Node) -> Iterator[str]:
    """Numbers that would be valid if they were text."""
    length = max(node.min_length, 1)
    yield from ("12", "1", "1" * length if length <= 15 else "1")


def near_pattern(node: Node, shown: str) -> Iterator[Breach]:
    """Texts of the pattern that are off by one character, by a letter's case, by a line break."""
    found = text_series(node)
    good = MISSING if found is None else found.first()
    if not isinstance(good, str) or not good:
        return
    for said, texts in (
        (f"one character off {shown}", _one_off(good)),
        ("a letter in the other case", _other_case(good)),
        ("a line break at the end", iter([good + "\n"])),
    ):
        text = next((text for text in texts if faults(node, text) == {"pattern"}), None)
        if text is not None:
            padded = text.strip() == good
            yield Breach("pattern", said, lambda _, text=text: text, padded=padded)  # type: ignore[misc]


def _one_off(good: str) -> Iterator[str]:
    """Another character of the same class, from the end, the highest first: month 13, not month XX."""
    for place in reversed(range(len(good))):
        group = next((chars for chars in _CLASSES if good[place] in chars), "")
        for char in reversed(group):
            yield good[:place] + char + good[place + 1 :]
    yield good + good[-1]
    yield good[:-1]


def _other_case(good: str) -> Iterator[str]:
    for place in reversed(range(len(good))):
        if good[place].isalpha():
            yield good[:place] + good[place].swapcase() + good[place + 1 :]


def near_format(node: Node) -> Iterator[Breach]:
    """A text that is nearly of the node's format."""
    form = format_named(node.formats[0]) if len(node.formats) == 1 else None
    if form is None or node.is_file:
        return
    for text in form.near:
        if faults(node, text) == {"format"}:
            said = text if len(text) <= _SHOWN else f"nearly {form.article}"
            coercible = _without_zone(form, text)
            yield Breach("format", said, lambda _, text=text: text, coercible)  # type: ignore[misc]
            return


def _without_zone(form: Format, text: str) -> Leniency | None:
    """A moment of which nobody says where: many readers take it for one in their own zone."""
    return "times" if form.name in ("date-time", "time") and form.holds(f"{text}Z") else None
