"""The regular expressions of JSON Schema, ECMA-262, in the spelling of Python's engine."""

from __future__ import annotations

import re
from functools import lru_cache

# Unicode properties, as the part of them that a keyboard has.
_PROPERTIES = {
    "L": "a-zA-Z",
    "Letter": "a-zA-Z",
    "Alpha": "a-zA-Z",
    "Alphabetic": "a-zA-Z",
    "Latin": "a-zA-Z",
    "Lu": "A-Z",
    "Upper": "A-Z",
    "Ll": "a-z",
    "Lower": "a-z",
    "N": "0-9",
    "Nd": "0-9",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Z": " ",
    "Zs": " ",
    "Space": " ",
    "M": "\u0300-\u036f",
    "Mn": "\u0300-\u036f",
    "C": r"\x00-\x1f\x7f",
    "Cc": r"\x00-\x1f\x7f",
    "Cntrl": r"\x00-\x1f\x7f",
    "ASCII": r"\x20-\x7e",
    "Print": r"\x20-\x7e",
    "Graph": r"\x21-\x7e",
    "Blank": r" \t",
    "XDigit": "0-9a-fA-F",
    "all": r"\x20-\x7e",
    "P": r"!-/:-@\[-`{-~",
    "Punct": r"!-/:-@\[-`{-~",
    "S": r"$+<=>^`|~",
    "Sc": "$",
}
_PROPERTY = re.compile(r"\\([pP])(?:\{(?:\w+=)?(?:Is|In)?(\w+)\}|([LNPSZMC]))")


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern for Python's engine, None where it cannot be read.

    JSON Schema's patterns are ECMA-262: properties, named groups and loose hyphens are translated.
    """
    try:
        return re.compile(translated(pattern))
    except (re.error, OverflowError, RecursionError):
        return None


def found_in(pattern: str, text: str) -> bool:
    """Whether the pattern occurs in the text; a pattern that cannot be read forbids nothing."""
    regex = compiled(pattern)
    return regex is None or regex.search(text) is not None


def translated(pattern: str) -> str:
    """ECMA-262 spelling -> Python's."""
    text = re.sub(r"\(\?<(?![=!])", "(?P<", pattern)
    text = re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda m: chr(int(m[1], 16)), text)
    text = re.sub(r"\\(?=[-/@#%&~`'\"<>=:;,! ])(?!-)", "", text)
    text = re.sub(r"\\[zZ]$", "$", text)
    # Python's $ lets a line break follow, ECMA-262's does not.
    text = re.sub(r"\\.|\[(?:[^\]\\]|\\.)*\]|\$", lambda m: r"\Z" if m[0] == "$" else m[0], text)
    text = re.sub(r"\[([^\]\\]|\\.)*\]", lambda m: _in_set(m[0]), text)
    return _PROPERTY.sub(lambda m: f"[{_ranges(m)}]", text)


def _in_set(text: str) -> str:
    """Inside brackets: properties become ranges, `\\w-.` keeps its hyphen as a character."""
    text = _PROPERTY.sub(_ranges, text)
    text = re.sub(r"(\\[wWdDsS])-(?!\])", r"\1\-", text)
    # Python warns that these may one day be set operations.
    text = re.sub(r"([&|~-])(?=\1)", r"\\\1", text)
    return "[" + re.sub(r"(?<!\\)\[", r"\\[", text[1:])


def _ranges(found: re.Match[str]) -> str:
    name = found[2] or found[3]
    if name not in _PROPERTIES:
        raise re.error(f"unknown property {found[0]}")
    if found[1] == "p":
        return _PROPERTIES[name]
    if name not in ("M", "C", "Cc", "Cntrl"):
        raise re.error(f"unknown property {found[0]}")
    return _PROPERTIES["Print"]  # nearly everything is neither a mark nor a control character
