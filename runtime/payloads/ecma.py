"""The regular expressions of JSON Schema, ECMA-262, in the spelling of Python's engine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from .errors import NoPayload
from .limits import MOST_STEPS

_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT)

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
    """Whether the pattern occurs in the text; a pattern that cannot be read forbids nothing.

    Raises: NoPayload where that takes too many steps to find out.
    """
    regex = compiled(pattern)
    if regex is None:
        return True
    if is_nested(pattern):
        return _found_in_few_steps(pattern, text)
    return regex.search(text) is not None


@lru_cache(maxsize=4096)
def is_nested(pattern: str) -> bool:
    """Whether a repeated part holds a repeated part, as in `(a+)+`: Python's engine may never end there."""
    try:
        return any(_repeats(argument) for argument in _repeated(parser.parse(translated(pattern))))
    except (re.error, OverflowError, RecursionError):
        return False


def _repeated(tree: Iterable[Any]) -> Iterator[Iterable[Any]]:
    """The parts of a pattern that may stand there any number of times."""
    for op, argument in tree:
        if op in _REPEATS and argument[1] is ops.MAXREPEAT:
            yield argument[2]
        for inner in _inside(op, argument):
            yield from _repeated(inner)


def _repeats(tree: Iterable[Any]) -> bool:
    for op, argument in tree:
        if op in _REPEATS and argument[0] != argument[1]:
            return True
        if op is ops.BRANCH or any(_repeats(inner) for inner in _inside(op, argument)):
            return True
    return False


def _inside(op: Any, argument: Any) -> Iterator[Iterable[Any]]:
    if op in _REPEATS:
        yield argument[2]
    elif op is ops.SUBPATTERN:
        yield argument[3]
    elif op is ops.BRANCH:
        yield from argument[1]


def _found_in_few_steps(pattern: str, text: str) -> bool:
    """By the engine of jsonschema-rs, which counts its steps back; it must take the pattern as well."""
    validator = _limited(pattern)
    if validator is None:
        raise NoPayload(f"pattern {pattern} repeats what repeats, and cannot be held in few steps")
    errors = list(validator.iter_errors(text))
    if any("Backtrack" in type(error.kind).__name__ for error in errors):
        raise NoPayload(f"pattern {pattern} takes more than {MOST_STEPS:,} steps")
    return not errors


@lru_cache(maxsize=1024)
def _limited(pattern: str) -> Any:
    import jsonschema_rs

    options = jsonschema_rs.FancyRegexOptions(backtrack_limit=MOST_STEPS)
    try:
        return jsonschema_rs.Draft202012Validator(
            {"type": "string", "pattern": pattern}, pattern_options=options
        )
    except ValueError:
        return None


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
