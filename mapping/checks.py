"""What simple CHECK constraints say about a column: its values, its least and its greatest; and which of
two columns is the smaller.

Engines give the text back in dialects of their own:
`status IN ('a','b')`, `` `status` in ('a','b') `` (MariaDB),
`((status)::text = ANY ((ARRAY['a'::character varying, 'b'::text])::text[]))` (PostgreSQL).
A constraint with OR, or about several columns otherwise, is left to whoever reads the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_CAST = re.compile(
    r"::(?:character varying|double precision|timestamp [a-z ]+|\w+)(?:\(\d+(?:,\d+)?\))?(?:\[\])?"
)
_COLUMN = r"[\"`\[]?(?P<column>\w+)[\"`\]]?"
_QUOTED = r"(?:[^'\\]|''|\\.)*"
_LITERAL = rf"(?:_\w+)?'{_QUOTED}'"  # MySQL names a character set: _utf8mb4'a'
_IN = re.compile(
    rf"{_COLUMN} (?:in|= any) \(*(?:array)? ?[\[(]?(?P<values>{_LITERAL}(?:, ?{_LITERAL})*)[\])]*",
    re.IGNORECASE,
)
_IS = re.compile(rf"{_COLUMN} ?= ?(?P<values>{_LITERAL})")
_NUMBER = r"(?P<{0}>-?\d+(?:\.\d+)?)"
_BOUND = re.compile(rf"{_COLUMN} ?(?P<sign>>=|<=|>|<) ?{_NUMBER.format('number')}")
_BETWEEN = re.compile(
    rf"{_COLUMN} between {_NUMBER.format('low')} and {_NUMBER.format('high')}", re.IGNORECASE
)
_ORDER = re.compile(
    rf"{_COLUMN} ?(?P<sign>>=|<=|>|<) ?{_COLUMN.replace('column', 'other')}", re.IGNORECASE
)
_IS_NULL = re.compile(rf"{_COLUMN} is null", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Order:
    """The value of `lower` comes before that of `upper`; may equal it unless `strict`."""

    lower: str
    upper: str
    strict: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """What the constraints leave of a column; the bounds are inclusive unless `exclusive`."""

    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    low_exclusive: bool = False
    high_exclusive: bool = False


def limits(checks: Iterable[str]) -> Mapping[str, Limits]:
    """The limits by column."""
    found: dict[str, dict[str, object]] = {}
    for check in checks:
        for part in _parts(check):
            column, said = _read(part)
            if column:
                found.setdefault(column, {}).update(said)
    return {column: Limits(**said) for column, said in found.items()}  # type: ignore[arg-type]


def orders(checks: Iterable[str]) -> tuple[Order, ...]:
    """The pairs of columns that are compared with each other, nulls aside."""
    found = []
    for check in checks:
        for part in _parts(_unless_null(check)):
            match = _ORDER.fullmatch(part)
            if match and not any(match[side].isdigit() for side in ("column", "other")):
                names = match["column"], match["other"]
                lower, upper = names if match["sign"].startswith("<") else names[::-1]
                found.append(Order(lower, upper, not match["sign"].endswith("=")))
    return tuple(dict.fromkeys(found))


def _unless_null(check: str) -> str:
    """`a > b` of `b IS NULL OR a > b`."""
    plain = _bare(" ".join(check.split()))
    parts = [_bare(part) for part in re.split(r" or ", plain, flags=re.IGNORECASE)]
    left = [part for part in parts if not _IS_NULL.fullmatch(part)]
    return left[0] if len(left) == 1 else check


def is_json(check: str) -> str | None:
    """The column that MariaDB checks to be JSON, which is what its JSON type is."""
    match = re.fullmatch(r"json_valid\(`(?P<column>\w+)`\)", check)
    return match["column"] if match else None


def _parts(check: str) -> list[str]:
    """The conditions that all must hold, plainly written; none if the constraint is not simple."""
    plain = _bare(_CAST.sub("", " ".join(check.split())))
    if _BETWEEN.fullmatch(plain):
        return [plain]
    outside = re.sub(_LITERAL, "''", plain)
    if re.search(r"\b(or|not|case|is)\b", outside, re.IGNORECASE):
        return []
    # A text that holds the word " and " is cut too: the halves then match nothing.
    return [_bare(part) for part in re.split(r" and ", plain, flags=re.IGNORECASE)]


def _bare(text: str) -> str:
    """Without the parentheses around the whole and around a single name or number."""
    text = re.sub(r"(?<!\w)\(([\"`]?\w+[\"`]?|-?\d+(?:\.\d+)?)\)", r"\1", text.strip())
    while text.startswith("(") and _closes_last(text):
        text = text[1:-1].strip()
    return re.sub(r"(?<!\w)\(([\"`]?\w+[\"`]?|-?\d+(?:\.\d+)?)\)", r"\1", text)


def _closes_last(text: str) -> bool:
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


def _read(part: str) -> tuple[str, dict[str, object]]:
    # PostgreSQL writes an IN of one value as an equation.
    if match := _IN.fullmatch(part) or _IS.fullmatch(part):
        texts = re.findall(rf"'({_QUOTED})'", match["values"])
        return match["column"], {"values": tuple(_unquoted(text) for text in texts)}
    if match := _BETWEEN.fullmatch(part):
        return match["column"], {"low": float(match["low"]), "high": float(match["high"])}
    if match := _BOUND.fullmatch(part):
        side = "low" if match["sign"].startswith(">") else "high"
        exclusive = not match["sign"].endswith("=")
        said: dict[str, object] = {side: float(match["number"]), f"{side}_exclusive": exclusive}
        return match["column"], said
    return "", {}


def _unquoted(text: str) -> str:
    return text.replace("\\'", "'").replace("''", "'")
