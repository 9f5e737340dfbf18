"""`anyOf: [{type: number}, {type: string}]`: a number that may also travel as text.

Frameworks write decimals so (pydantic does for every `Decimal`), and mean the text of such a number: the
plain words that the schema allows are refused. What is drawn for the text is one that the number's
own bounds allow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from .node import Raw

_DECIMALS = ("12.50", "7.25", "19.99", "0.29", "1.15", "250.00")
_WHOLE = ("12", "7", "19", "1", "250")
_SAY_MORE = frozenset(
    ["format", "enum", "const", "minLength", "maxLength", "contentEncoding", "allOf", "not"]
)
"""Keywords by which a text is one of its own kind."""


def numbers_as_text(branches: tuple[Raw, ...]) -> tuple[Raw, ...]:
    """The alternatives, where one is a number and one any text: that text as one of a number."""
    numbers = [b for b in branches if isinstance(b, Mapping) and b.get("type") in _TEXTS]
    if len(numbers) != 1:
        return branches
    return tuple(_text_of(numbers[0], branch) for branch in branches)


_TEXTS = {"number": _DECIMALS, "integer": _WHOLE}


def _text_of(number: Mapping[str, Any], branch: Raw) -> Raw:
    if not isinstance(branch, Mapping) or branch.get("type") != "string":
        return branch
    if branch.keys() & _SAY_MORE:
        return branch
    pattern = branch.get("pattern")
    if pattern is not None and (_matches(pattern, "amber") or not _matches(pattern, "12")):
        return branch
    texts = tuple(
        text
        for text in _TEXTS[number["type"]]
        if _within(number, Decimal(text)) and (pattern is None or _matches(pattern, text))
    )
    return _one_of(texts) if texts else branch


def _within(number: Mapping[str, Any], value: Decimal) -> bool:
    bounds = {
        name: bound if isinstance(bound, bool) else Decimal(str(bound))
        for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        if isinstance(bound := number.get(name), int | float)
    }
    low, high = bounds.get("minimum"), bounds.get("maximum")
    above, below = bounds.get("exclusiveMinimum"), bounds.get("exclusiveMaximum")
    if above is True:  # OpenAPI 3.0: the bound itself is left out
        low, above = None, low
    if below is True:
        high, below = None, high
    return (
        (low is None or value >= low)
        and (high is None or value <= high)
        and (above is None or above is False or value > above)
        and (below is None or below is False or value < below)
    )


def _matches(pattern: Any, text: str) -> bool:
    try:
        return re.search(str(pattern), text) is not None
    except re.error:
        return False


@cache
def _one_of(texts: tuple[str, ...]) -> Raw:
    """One object for the same texts: schemas are told apart by identity."""
    return {"type": "string", "enum": list(texts)}
