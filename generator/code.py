"""Python source text, laid out as `ruff format` and black would at their default width.

A user may have no formatter, so what is emitted must need none. Only the shapes that templates use
are here: literals, calls, signatures, mappings, comparisons.

`depth` counts the indents of the line: 0 at module level, 1 in a function. The body of a function
is laid out for its width without its first indent, which is added to the body as a whole.
"""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import GenSuiteError
from ..mapping.environment import FromEnvironment

WIDTH = 88
INDENT = "    "
SOFT_KEYWORDS = ("_", "case", "match", "type")
"""Of every Python that runs a suite: what is emitted does not depend on the one that emits it."""
_PLAIN_VALUE = re.compile(r'[\w.]+(\["[\w .-]*"\])*')


def literal(value: Any) -> str:
    """Any foreign value as a Python literal: the only way by which one may enter emitted code.

    GenSuiteError for a value of the environment, which must not.
    """
    if isinstance(value, FromEnvironment):
        raise GenSuiteError(
            f"`{value.written}` would stand in emitted code",
            hint="only `fill`, `auth`, `login` and `target` may take values of the environment",
        )
    if isinstance(value, str):
        text = repr(value)
        if text.startswith("'") and '"' not in text:
            return '"' + text[1:-1].replace("\\'", "'") + '"'
        return text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value!r}")'
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    raise TypeError(f"no literal for {type(value).__name__}")


def behind(text: str, value: str) -> str:
    """Source text of a foreign text with a value behind it: `f"eq.{film['id']}"`.

    A concatenation where the value's source text may not stand in an f-string of Python 3.11.
    """
    if not _PLAIN_VALUE.fullmatch(value):
        return f"{literal(text)} + str({value})"
    doubled = literal(text.replace("{", "{{").replace("}", "}}"))
    quote = '"' if doubled[0] == "'" else "'"
    inside = value.replace('"', quote)
    return f"f{doubled[:-1]}{{{inside}}}{doubled[-1]}"


def identifier(text: str) -> str:
    """A snake_case name made of any text: "createOrder" -> "create_order"."""
    words = re.sub(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3_\2\4", text)
    name = re.sub(r"[^0-9a-zA-Z]+", "_", words).strip("_").lower() or "unnamed"
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in SOFT_KEYWORDS else name


def call(head: str, arguments: Iterable[str], *, depth: int = 1, tail: str = "") -> str:
    """`head(arguments)tail` on as few lines as the width allows, the first without its indent."""
    return _bracketed(f"{head}(", tuple(arguments), f"){tail}", depth)


def keywords(values: Iterable[tuple[str, str]]) -> list[str]:
    """Keyword arguments of (name, source text): `id=1, **{"order-id": 2}`, the latter as the last.

    Columns may have names that Python has not: keywords, no identifiers, and identifiers that the
    parser would read as others.
    """
    pairs = list(values)
    plain = [f"{name}={value}" for name, value in pairs if _is_plain(name)]
    other = [f"{literal(name)}: {value}" for name, value in pairs if not _is_plain(name)]
    return [*plain, f"**{{{', '.join(other)}}}"] if other else plain


def _is_plain(name: str) -> bool:
    if keyword.iskeyword(name) or name == "__debug__":
        return False
    return name.isidentifier() and unicodedata.normalize("NFKC", name) == name


def managed(contexts: Sequence[str], *, depth: int = 1) -> str:
    """`with a, b:`, in brackets and one a line where the line is too short for them."""
    one_line = f"with {', '.join(contexts)}:"
    if _fits(one_line, depth):
        return one_line
    return _one_a_line("with (", contexts, "):", _indent(depth))


def parametrize(name: str, values: Sequence[str]) -> str:
    """`@pytest.mark.parametrize("name", [values])`, the list on lines of its own where it is long."""
    items = f"[{', '.join(values)}]"
    one_line = call("@pytest.mark.parametrize", [literal(name), items], depth=0)
    if all(len(line) <= WIDTH for line in one_line.splitlines()):
        return one_line
    inside = "".join(f"{INDENT * 2}{value},\n" for value in values)
    items = f"[\n{inside}{INDENT}]"
    return f"@pytest.mark.parametrize(\n{INDENT}{literal(name)},\n{INDENT}{items},\n)"


def signature(name: str, parameters: Iterable[str], returns: str = "None") -> str:
    """`def name(parameters) -> returns:` at module level."""
    listed = tuple(parameters)
    head, tail = f"def {name}(", f") -> {returns}:"
    if len(listed) == 1 and not _fits(head + listed[0] + tail, 0):
        return _one_a_line(head, listed, tail, "")
    return _bracketed(head, listed, tail, 0)


def text(value: str, *, depth: int = 1) -> str:
    """A long text as literals one below the other, as an argument on a line of its own."""
    indent = _indent(depth) + INDENT
    room = WIDTH - len(INDENT) * (depth + 1) - len('"",')
    if len(literal(value)) <= room + len('"",') - 1:
        return literal(value)
    parts, line = [], ""
    for word in re.split(r"(?<= )(?=\S)", value):
        if line and len(literal(line + word)) - 2 > room:
            parts.append(line)
            line = ""
        line += word
    return f"\n{indent}".join(literal(part) for part in (*parts, line))


def mapping(head: str, items: Sequence[tuple[str, str]]) -> str:
    """`head{key: value, ...}` at module level, where keys and values are source text already.

    A mapping that spans lines keeps its trailing comma, as a formatter leaves it.
    """
    pairs = [f"{key}: {value}" for key, value in items]
    one_line = f"{head}{{{', '.join(pairs)}}}"
    return one_line if len(one_line) <= WIDTH else _one_a_line(f"{head}{{", pairs, "}", "")


def collection(opening: str, items: Sequence[str], closing: str, *, depth: int = 1) -> str:
    """`opening items closing` of a list, set or dict: on one line, or one item a line."""
    one_line = f"{opening}{', '.join(items)}{closing}"
    if _fits(one_line, depth):
        return one_line
    return _one_a_line(opening, items, closing, _indent(depth))


def comparison(left: str, operator: str, right: str, *, depth: int = 1) -> str:
    """`assert left operator right`, over several lines where one is too short."""
    one_line = f"assert {left} {operator} {right}"
    if _fits(one_line, depth):
        return one_line
    indent = _indent(depth)
    if split := _split_call(f"assert {left} {operator} ", right, depth):
        return split
    return f"assert (\n{indent}{INDENT}{left}\n{indent}{INDENT}{operator} {right}\n{indent})"


def chain(first: str, *calls: tuple[str, Sequence[str]], depth: int = 1) -> str:
    """`assert first.name(arguments).name(arguments)`, a call a line where one line is too short.

    `first` is itself a call, and `calls` are two or more: of fewer a formatter breaks the last.
    """
    one_line = first + "".join(f".{name}({', '.join(arguments)})" for name, arguments in calls)
    if _fits(f"assert {one_line}", depth):
        return f"assert {one_line}"
    indent = _indent(depth)
    if _fits(one_line, depth + 1):
        return f"assert (\n{indent}{INDENT}{one_line}\n{indent})"
    lines = [first, *(call(f".{name}", arguments, depth=depth + 1) for name, arguments in calls)]
    inside = "".join(f"{indent}{INDENT}{line}\n" for line in lines)
    return f"assert (\n{inside}{indent})"


def _split_call(before: str, right: str, depth: int) -> str:
    """The right side broken inside its outermost call, if that makes every line fit; else ""."""
    opening = right.find("(")
    if opening < 0 or not right.endswith(")") or not _one_call(right[opening:]):
        return ""
    head = before + right[: opening + 1]
    split = _bracketed(head, _parts(right[opening + 1 : -1]), ")", depth)
    indent = _indent(depth)
    fit = all(_fits(line.removeprefix(indent), depth) for line in split.splitlines())
    return split if fit else ""


def _parts(arguments: str) -> list[str]:
    """Arguments split at the commas between them, not at those inside brackets or quotes."""
    parts, start, level, quote = [], 0, 0, ""
    for place, char in enumerate(arguments):
        if quote:
            quote = "" if char == quote and arguments[place - 1] != "\\" else quote
        elif char in "\"'":
            quote = char
        elif char in "([{":
            level += 1
        elif char in ")]}":
            level -= 1
        elif char == "," and level == 0:
            parts.append(arguments[start:place].strip())
            start = place + 1
    return [part for part in (*parts, arguments[start:].strip()) if part]


def _one_call(text: str) -> bool:
    """The bracket that opens a text is closed by its last character."""
    level = 0
    for place, char in enumerate(text):
        level += (char == "(") - (char == ")")
        if level == 0:
            return place == len(text) - 1
    return False


def _bracketed(opening: str, parts: Sequence[str], closing: str, depth: int) -> str:
    indent = _indent(depth)
    one_line = f"{opening}{', '.join(parts)}{closing}"
    if "\n" not in one_line and _fits(one_line, depth):
        return one_line
    inside = f"{INDENT}{', '.join(parts)}"
    if "\n" not in inside and _fits(inside, depth):
        return f"{opening}\n{indent}{inside}\n{indent}{closing}"
    return _one_a_line(opening, parts, closing, indent)


def _one_a_line(opening: str, parts: Sequence[str], closing: str, indent: str) -> str:
    lines = "".join(f"{indent}{INDENT}{part},\n" for part in parts)
    return f"{opening}\n{lines}{indent}{closing}"


def _fits(line: str, depth: int) -> bool:
    return len(INDENT) * depth + len(line) <= WIDTH


def _indent(depth: int) -> str:
    """Of a continuation line: the body of a function is indented as a whole afterwards."""
    return INDENT * max(depth - 1, 0)
