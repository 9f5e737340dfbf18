"""Just enough of SQL's lexical form to find parts of a stored definition; no grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]\s]*\]"
    r"|--[^\n]*|/\*.*?\*/|\d+(?:\.\d+)?|\w+|\s+|.",
    re.DOTALL,
)


def tokens(sql: str) -> list[str]:
    """Strings, quoted names, numbers, words, runs of blanks and single characters; comments are dropped."""
    return [t for t in _TOKEN.findall(sql) if not t.startswith(("--", "/*"))]


def unquoted(token: str) -> str:
    """The name behind a quoted or plain token."""
    if token[:1] in '"`' and len(token) > 1:
        return token[1:-1].replace(token[0] * 2, token[0])
    return token[1:-1] if token[:1] == "[" else token


def names_in(sql: str, names: Sequence[str]) -> list[str]:
    """Which of these names the text mentions, whatever the quoting and case."""
    found = {unquoted(token).lower() for token in tokens(sql) if not token.startswith("'")}
    return [name for name in names if name.lower() in found]


def literals_in(sql: str) -> tuple[list[str], list[str]]:
    """The string and number literals of the text, in order."""
    parts = tokens(sql)
    strings = [part[1:-1].replace("''", "'") for part in parts if part.startswith("'")]
    numbers = [part for part in parts if part[:1].isdigit()]
    return list(dict.fromkeys(strings)), list(dict.fromkeys(numbers))


def after_word(sql: str, word: str) -> Iterator[str]:
    """The text within the brackets that follow each `word`, as in CHECK (...)."""
    parts = tokens(sql)
    place = 0
    while place < len(parts):
        place += 1
        if parts[place - 1].lower() != word:
            continue
        while place < len(parts) and parts[place].isspace():
            place += 1
        if place == len(parts) or parts[place] != "(":
            continue
        depth, start = 0, place
        while place < len(parts):
            depth += (parts[place] == "(") - (parts[place] == ")")
            place += 1
            if depth == 0:
                yield "".join(parts[start + 1 : place - 1])
                break
