"""OpenAPI runtime expressions, widened by what a table mapping speaks of.

| expression | is |
| --- | --- |
| `$request.body`, `$request.body#/items/0` | the request body, a node of it (JSON pointer) |
| `$request.path.id`, `.query.q`, `.header.X-Key`, `.cookie.c` | a parameter of the request |
| `$response.body#/id`, `$response.header.Location` | the answer |
| `$actor.id` | a fact of the actor who calls |
| `$item`, `$item.productId`, `$item#/a/b` | the element of `for_each` at hand |
| `$row.stock` | a column of the row as it was before |
| `$wallet.id` | a column of an arranged row of the resource `wallet` |

In `set`, a leading `-` or `+` means relative to the row before: `-$item.quantity`, `+1`, `-1`.
A text that begins with a dollar is written with two: `$$5 off`.

Source: OpenAPI Specification 3.1.1, Runtime Expressions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from ..errors import MappingError
from .environment import FromEnvironment
from .names import did_you_mean, plural
from .pointer import MISSING, tokens, walk

CONSTANT = "constant"
PARTS: Mapping[str, tuple[str, ...]] = {
    "request": ("body", "path", "query", "header", "cookie"),
    "response": ("body", "header"),
}
NAMED: Mapping[str, str] = {"actor": "a fact", "row": "a column"}
SOURCES = (*PARTS, *NAMED, "item")
"""The words an expression can begin with; any other one is the name of a resource."""

_EXPRESSION = re.compile(r"[+-]?\$(?![${])")
_RELATIVE = re.compile(r"(?P<sign>[+-])(?P<number>\d+(?:\.\d+)?)")
_SHAPE = re.compile(
    r"(?P<sign>[+-]?)\$(?P<head>[A-Za-z_][\w-]*)(?:\.(?P<name>[^#\s]+))?(?P<hash>#(?P<pointer>.*))?"
)
_RAISE: Final = object()


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    `source` is "request.body", "request.path", "request.query", "request.header",
    "request.cookie", "response.body", "response.header", "actor", "item", "row", "constant" or
    the name of a resource; `name` the parameter, fact, property or column; `pointer` the JSON
    pointer into a body or an item; `sign` "" or, relative to the row before, "+" or "-".
    """

    text: str
    source: str
    name: str = ""
    pointer: str = ""
    sign: str = ""
    constant: int | Decimal | None = None

    @property
    def relative(self) -> bool:
        return bool(self.sign)

    @property
    def resource(self) -> str | None:
        """The resource whose arranged row is meant, None for all other sources."""
        if "." in self.source or self.source == CONSTANT or self.source in SOURCES:
            return None
        return self.source

    @property
    def steps(self) -> tuple[str, ...]:
        """The way into the body or the item, one property name or index each."""
        return (self.name, *tokens(self.pointer)) if self.name else tokens(self.pointer)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the expressions of one request speak of; header names in any case."""

    request_body: Any = MISSING
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    cookies: Mapping[str, Any] = field(default_factory=dict)
    response_body: Any = MISSING
    response_headers: Mapping[str, Any] = field(default_factory=dict)
    actor: Mapping[str, Any] = field(default_factory=dict)
    item: Any = MISSING
    row: Mapping[str, Any] = field(default_factory=dict)
    resources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def nameable(resource: str) -> str:
    """The name of a resource so that expressions can speak of it: `$item` means something else."""
    return plural(resource) if resource in SOURCES else resource


def is_expression(value: Any) -> bool:
    """Whether a value of the mapping file is meant as an expression."""
    return isinstance(value, str) and _EXPRESSION.match(value) is not None


def parse(text: str) -> Expression:
    """Read one expression; MappingError says what is wrong with it and how it is written."""
    relative = _RELATIVE.fullmatch(text)
    if relative:
        number = relative["number"]
        constant = Decimal(number) if "." in number else int(number)
        return Expression(text, CONSTANT, sign=relative["sign"], constant=constant)
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise MappingError(
            f"`{text}` is no expression",
            hint="expressions look like `$request.body#/items`, `$actor.id` or `$item.quantity`; "
            "a text that begins with a dollar is written with two: `$$`",
        )
    head, name, sign = shape["head"], shape["name"] or "", shape["sign"]
    pointer = shape["pointer"] or ""
    if head in PARTS:
        return _parse_message(text, head, name, pointer, sign)
    if head != "item":
        _check_named(text, head, name, shape["hash"])
    tokens(pointer)
    return Expression(text, head, name, pointer, sign)


def read_value(value: Any, *, relative: bool = False) -> Any:
    """A value of the mapping file: an Expression, or the literal it is.

    With `relative`, as in `set`, signed numbers are differences: "+1", and -1 even as a number,
    since YAML does not tell it from "-1". What came from the
    environment is never an expression: a password may begin with a dollar.
    """
    if relative and isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        return parse(str(value))
    if not isinstance(value, str) or isinstance(value, FromEnvironment):
        return value
    if is_expression(value) or (relative and _RELATIVE.fullmatch(value)):
        return parse(value)
    return value[1:] if value.startswith("$$") else value


def evaluate(value: Any, context: Context, default: Any = _RAISE) -> Any:
    """What an expression means for one request; literals mean themselves.

    A relative expression gives the signed difference: add it to the row before.
    What is absent gives `default`, or a MappingError naming what is there.
    """
    if not isinstance(value, Expression):
        return value
    found = _look_up(value, context)
    if found is MISSING:
        if default is not _RAISE:
            return default
        raise MappingError(f"`{value}` leads nowhere", hint=_what_is_there(value, context))
    return _signed(value, found) if value.sign else found


def each(value: Any, context: Context) -> Sequence[Any]:
    """The elements that a `for_each` goes through: none when the list was not sent or is null."""
    found = evaluate(value, context, default=None)
    if found is None:
        return ()
    if isinstance(found, Sequence) and not isinstance(found, str | bytes):
        return found
    raise MappingError(f"`{value}` is no list", hint="`for_each` goes through an array")


def _parse_message(text: str, head: str, name: str, pointer: str, sign: str) -> Expression:
    part, _, rest = name.replace("body/", "body.", 1).partition(".")
    if part not in PARTS[head]:
        known = ", ".join(PARTS[head])
        wrong = f"`{text}`: `${head}.` goes on with one of {known}"
        raise MappingError(wrong, hint=did_you_mean(part, PARTS[head]) if part else "")
    if part == "body":
        if rest:
            wrong = f"`{text}`: the way into a body is a JSON pointer"
            way = rest.replace(".", "/")
            raise MappingError(wrong, hint=f"write `${head}.body#/{way}`")
        if pointer and not pointer.startswith("/"):
            wrong = f"`{text}`: a JSON pointer begins with a slash"
            raise MappingError(wrong, hint=f"write `${head}.body#/{pointer}`")
        tokens(pointer)
        return Expression(text, f"{head}.body", "", pointer, sign)
    if not rest or pointer:
        raise MappingError(f"`{text}` needs a name", hint=f"write `${head}.{part}.NAME`")
    return Expression(text, f"{head}.{part}", rest, "", sign)


def _check_named(text: str, head: str, name: str, pointer: str | None) -> None:
    what = NAMED.get(head, "a column")
    if not name:
        raise MappingError(f"`{text}` needs {what}", hint=f"write `${head}.id`, for example")
    if pointer is not None:
        raise MappingError(f"`{text}`: only bodies and items have JSON pointers")


def _look_up(expression: Expression, context: Context) -> Any:
    match expression.source:
        case "constant":
            return expression.constant
        case "request.body":
            return walk(context.request_body, expression.pointer)
        case "response.body":
            return walk(context.response_body, expression.pointer)
        case "request.header":
            return _header(context.headers, expression.name)
        case "response.header":
            return _header(context.response_headers, expression.name)
        case "item":
            node = context.item
            if expression.name:
                node = node.get(expression.name, MISSING) if isinstance(node, Mapping) else MISSING
            return walk(node, expression.pointer)
    return _named(expression, context).get(expression.name, MISSING)


def _named(expression: Expression, context: Context) -> Mapping[str, Any]:
    match expression.source:
        case "request.path":
            return context.path
        case "request.query":
            return context.query
        case "request.cookie":
            return context.cookies
        case "actor":
            return context.actor
        case "row":
            return context.row
    return context.resources.get(expression.source, {})


def _header(headers: Mapping[str, Any], name: str) -> Any:
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), MISSING)


def _signed(expression: Expression, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise MappingError(f"`{expression}` is relative, but its value is no number")
    return -value if expression.sign == "-" else value


def _what_is_there(expression: Expression, context: Context) -> str:
    """Names only, never values: they may be credentials."""
    match expression.source:
        case "request.body":
            there: Any = context.request_body
        case "response.body":
            there = context.response_body
        case "item":
            there = context.item
        case "request.header":
            there = context.headers
        case "response.header":
            there = context.response_headers
        case _:
            there = _named(expression, context)
    wanted = expression.name or (expression.steps or ("",))[0]
    return did_you_mean(wanted, there) if isinstance(there, Mapping) else ""
