"""Python source text, each statement on one line: `formatting` lays out what is emitted as a whole.

Only the shapes that templates use are here: literals, calls, signatures, mappings, comparisons.
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
"""Characters of a line, the default of ruff and black."""
INDENT = "    "
TEXT_WIDTH = 79
"""Of a literal that stands on a line of its own, an argument in a function."""
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
    """`head(arguments)tail`."""
    return f"{head}({', '.join(arguments)}){tail}"


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
    """`with a, b:`."""
    return f"with {', '.join(contexts)}:"


def parametrize(name: str, values: Sequence[str]) -> str:
    """`@pytest.mark.parametrize("name", [values])`."""
    return call("@pytest.mark.parametrize", [literal(name), f"[{', '.join(values)}]"])


def signature(
    name: str, parameters: Iterable[str], returns: str = "None", *, typed: bool = True
) -> str:
    """`def name(parameters) -> returns:`, each parameter as `name: Type` or `name: Type = default`.

    Not `typed`: without annotations.
    """
    if typed:
        return f"def {name}({', '.join(parameters)}) -> {returns}:"
    return f"def {name}({', '.join(map(_untyped, parameters))}):"


def _untyped(parameter: str) -> str:
    name, _, annotated = parameter.partition(": ")
    _, equals, default = annotated.partition(" = ")
    return f"{name}={default}" if equals else name


def text(value: str, *, depth: int = 1) -> str:
    """A long text as several literals, which a formatter puts one below the other."""
    parts, line = [], ""
    for word in re.split(r"(?<= )(?=\S)", value):
        if line and len(literal(line + word)) > TEXT_WIDTH:
            parts.append(line)
            line = ""
        line += word
    return " ".join(literal(part) for part in (*parts, line))


def mapping(head: str, items: Sequence[tuple[str, str]]) -> str:
    """`head{key: value, ...}`, where keys and values are source text already."""
    return f"{head}{{{', '.join(f'{key}: {value}' for key, value in items)}}}"


def collection(opening: str, items: Sequence[str], closing: str, *, depth: int = 1) -> str:
    """`opening items closing` of a list, set or dict."""
    return f"{opening}{', '.join(items)}{closing}"


def comparison(left: str, operator: str, right: str, *, depth: int = 1) -> str:
    """`assert left operator right`."""
    return f"assert {left} {operator} {right}"


def chain(first: str, *calls: tuple[str, Sequence[str]], depth: int = 1) -> str:
    """`assert first.name(arguments).name(arguments)`."""
    return f"assert {first}" + "".join(call(f".{name}", arguments) for name, arguments in calls)
