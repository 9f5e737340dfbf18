"""The ways to break one node: one per constraint, each leaving all its other constraints whole.

Candidates are held against the node's own rules; a constraint that another one implies (a length beside
a pattern that fixes it) has no breach of its own and none is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from .breach import Breach
from .breaches_inside import array_breaches, object_breaches
from .breaches_near import near_format, near_pattern, near_types
from .columns import Scope
from .faults import faults
from .formats import format_named
from .node import Node
from .numbers import RANGES, as_number, number_series, step_of
from .series import MISSING
from .text import text_series
from .walk import Walker

_LONGEST = 1_000_000  # a text longer than this tells about the server's memory, not its rules
ARTICLES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "array": "an array",
    "object": "an object",
    "null": "null",
}
_ODD = ("!", "?", "~", " ", "a", "A", "0", "-", "é", "!@#", "not matching", "0000")


def breaches(node: Node, walker: Walker, scope: Scope | None = None) -> Iterator[Breach]:
    """The breaches of the node itself; its properties and elements have their own."""
    yield from _of_types(node)
    yield from near_types(node, walker)
    if node.enum is not None:
        yield from _one(node, "enum", "not in its enum", _beside_enum(node))
        return
    if node.choices:
        return
    if node.allows("string") and node.types is not None:
        yield from _of_text(node)
    if node.allows("integer") and node.types is not None:
        yield from _of_numbers(node)
    if node.types is not None and "array" in node.types:
        yield from array_breaches(node, walker, scope)
    if node.types is not None and "object" in node.types:
        yield from object_breaches(node, walker, scope)


def _one(
    node: Node, rule: str, said: str, values: Iterable[Any], *, beside: frozenset[str] = frozenset()
) -> Iterator[Breach]:
    """The first value that breaks the rule and nothing else, but for what `beside` names."""
    for value in values:
        if value is not MISSING and faults(node, value) - beside == {rule}:
            yield Breach(rule, said, lambda _, value=value: value)  # type: ignore[misc]
            return


def _of_types(node: Node) -> Iterator[Breach]:
    if node.types is None:
        return
    named = [ARTICLES[kind] for kind in node.types if kind in ARTICLES and kind != "null"]
    if named and node.enum is None:
        said = f"not {' or '.join(named)}"
        yield from _one(node, "type", said, _wrong_kinds(named[0]))
    takes_null = "null" in node.types or node.vague_null
    if not takes_null and (node.enum is None or None not in node.enum):
        yield Breach("null", "null", lambda _: None)


def _wrong_kinds(article: str) -> tuple[Any, ...]:
    """Values that no lenient reader takes for something else, as it takes "12" for 12."""
    text = f"not {article}"
    return text, {"not": article}, [text], True


def _beside_enum(node: Node) -> Iterator[Any]:
    kinds = {type(value) for value in node.enum or ()}
    # No longer than those that are right: a limit of the column would refuse it in the enum's place.
    longest = max((len(one) for one in node.enum or () if isinstance(one, str)), default=0)
    yield "not-in-enum"[:longest] if longest else MISSING
    for value in node.enum or ():
        if isinstance(value, str):
            yield from (value[:-1] + "~", "not-in-enum", f"not-{value}", f"{value}x", value + "~")
    if int in kinds or float in kinds:
        numbers = [v for v in node.enum or () if isinstance(v, int | float)]
        yield from (max(numbers) + 1, min(numbers) - 1)
    if bool in kinds:
        yield from (True, False)
    if node.types and "string" in node.types:
        yield "not-in-enum"


def _of_text(node: Node) -> Iterator[Breach]:
    if node.min_length:
        least = node.min_length
        said = "empty" if least == 1 else f"shorter than {least}"
        yield from _one(node, "minLength", said, [sized(node, least - 1)])
    if node.max_length is not None and node.max_length < _LONGEST:
        said = f"longer than {node.max_length}"
        yield from _one(node, "maxLength", said, _longer(node, node.max_length))
    yield from _of_form(node)


def _of_form(node: Node) -> Iterator[Breach]:
    """Pattern and formats; where neither can be broken without the other, both under one name."""
    found: list[Breach] = []
    for pattern in node.patterns[:1]:
        shown = pattern if len(pattern) <= 40 else pattern[:37] + "..."
        found += _one(node, "pattern", f"does not match {shown}", _unlike(node))
        found += near_pattern(node, shown)
    known = [form for form in map(format_named, node.formats) if form and form.wrong]
    for form in known if not node.is_file else ():
        said = f"not {form.article}"
        found += _one(node, "format", said, _malformed(node, form.wrong))
        if not found:
            tries = _malformed(node, (*form.near, *form.wrong))
            found += _one(node, "format", said, tries, beside=frozenset({"pattern"}))
    yield from found
    yield from near_format(node)


def sized(node: Node, length: int) -> Any:
    """A text of exactly this length that satisfies pattern and format, else MISSING."""
    found = text_series(replace(node, min_length=length, max_length=length))
    return MISSING if found is None else found.first()


def _longer(node: Node, length: int) -> Iterator[Any]:
    """One character too many; some formats cannot end there."""
    for more in range(1, 5):
        yield sized(node, length + more)


def _unlike(node: Node) -> Iterator[str]:
    """Texts that a pattern may not match: odd ones, and matching ones that are spoiled."""
    low, high = node.min_length, node.max_length
    for form in filter(None, map(format_named, node.formats)):
        yield from form.rare
    for odd in _ODD:
        yield odd
        for length in dict.fromkeys(
            (low, high if high is not None and high < 200 else low, low + 1)
        ):
            yield (odd * (length + 1))[:length]
    found = text_series(node)
    good = found.first() if found else MISSING
    if isinstance(good, str) and good:
        for odd in ("!", "~", "-", " ", "a", "0"):
            yield from (odd + good[1:], good[:-1] + odd, good + odd, odd + good)
        yield from (good + "\0", good[:-1] + "\0")


def _malformed(node: Node, wrong: tuple[str, ...]) -> Iterator[str]:
    for text in wrong:
        yield text
        yield text + "x" * max(0, node.min_length - len(text))
        if node.max_length is not None:
            yield text[: node.max_length]


FAR = 1e300
"""A number beyond what decimals of a fixed precision can be divided by a step."""


def _of_numbers(node: Node) -> Iterator[Breach]:
    kind = "number" if node.allows("number") else "integer"
    step = step_of(node, kind)
    if node.minimum:
        low = node.minimum
        said = f"not above {low}" if low.strict else f"below {low}"
        start = low.value if low.strict else low.value - step
        yield from _one(node, "minimum", said, _grid(start, -step))
    if node.maximum:
        high = node.maximum
        said = f"not below {high}" if high.strict else f"above {high}"
        start = high.value if high.strict else high.value + step
        yield from _one(node, "maximum", said, _grid(start, step))
        if kind == "number":
            yield from _one(node, "maximum", f"far above {high}", (FAR,))
    if node.multiples:
        said = " and ".join(str(as_number(part)) for part in node.multiples)
        yield from _one(node, "multipleOf", f"not a multiple of {said}", _off_grid(node, kind))
    for name in node.formats:
        if name in RANGES and kind == "integer":
            low_end, high_end = RANGES[name]
            values = (high_end + 1, low_end - 1)
            yield from _one(node, "format", f"beyond {name}", values)


def _grid(start: Fraction, step: Fraction) -> Iterator[Any]:
    """Multiples of the step, from the start on: floats round some of them away."""
    first = start / step
    number = -(-first.numerator // first.denominator)
    for index in range(200):
        yield as_number((number + index) * step)


def _off_grid(node: Node, kind: str) -> Iterator[Any]:
    """Numbers between two multiples, within the bounds."""
    found = number_series(node, kind)
    step = step_of(node, kind)
    values = [found.first(index) for index in range(min(found.size, 3))]
    for value in values:
        if value is MISSING:
            continue
        base = Fraction(str(value))
        if kind == "integer":
            yield from (int(base) + 1, int(base) - 1)
        else:
            yield from (as_number(base + step / part) for part in (2, 4, -2, -4))
