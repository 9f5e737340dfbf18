"""The plus of `set: {version: +1}`: to YAML it is the number 1, to a reader one more than before."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..errors import GenSuiteError

_PLUS = re.compile(r"(?P<before>:\s+)(?P<number>\+\d+(?:\.\d+)?)(?=\s*(?:[,}#]|$))", re.MULTILINE)


def with_signs(text: str, data: Any, load: Callable[[str], Any]) -> Any:
    """The data of a YAML text, numbers in `set` that are written with a plus as text.

    `load` reads YAML. The text is read once more with these numbers in quotes; only they are taken
    from that reading, so that nothing else can change.
    """
    if not _PLUS.search(text):
        return data
    try:
        marked = load(_PLUS.sub(_in_quotes, text))
    except GenSuiteError:
        return data
    return _merged(data, marked)


def _in_quotes(match: re.Match[str]) -> str:
    before = match.string[: match.start()].rpartition("\n")[2]
    if before.count('"') % 2 or before.count("'") % 2:
        return match[0]  # part of a text
    return f'{match["before"]}"{match["number"]}"'


def _merged(data: Any, marked: Any, *, in_set: bool = False) -> Any:
    """`data`, with the numbers right below a `set` as `marked` has them."""
    if isinstance(data, dict) and isinstance(marked, dict) and data.keys() == marked.keys():
        return {
            key: marked[key]
            if in_set and isinstance(value, int | float) and isinstance(marked[key], str)
            else _merged(value, marked[key], in_set=key == "set")
            for key, value in data.items()
        }
    if isinstance(data, list) and isinstance(marked, list) and len(data) == len(marked):
        return [_merged(one, other) for one, other in zip(data, marked, strict=True)]
    return data
