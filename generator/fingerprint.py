"""What a module says, whatever formatter laid it out: a fingerprint of each part of it.

A part is a statement at the left margin with the comments above and inside: a test, a fixture, a
constant; all imports are one. Layout, quotes, brackets that change nothing, and the order of imports
do not count, since formatters and import sorters change them.
"""

from __future__ import annotations

import ast
import inspect
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

IMPORTS = "the imports"
TEXT = "the text at the head"
_DIGITS = 16
_LITERAL = re.compile(r'"""[^"\\\n]*"""|"(?:[^"\\\n]|\\.)*"(?!")|\'(?:[^\'\\\n]|\\.)*\'(?!\')')
"""A text on one line; of other literals it leaves the quotes."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a module; `covers` are the (operation, concern) pairs of a test."""

    fingerprint: str
    covers: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=16)
def parts(text: str) -> Mapping[str, Part]:
    """Name -> part, in the order of the module. Raises SyntaxError (ValueError for a null byte)."""
    tree = ast.parse(text)
    comments = list(_comments(text)) if _may_have_comments(text) else []
    constants = dict(_constants(tree))
    shapes: dict[str, list[str]] = {}
    covers: dict[str, tuple[tuple[str, str], ...]] = {}
    for number, node in enumerate(tree.body):
        last = number == len(tree.body) - 1
        end = None if last else node.end_lineno
        inside = [comment for line, comment in comments if end is None or line <= end]
        comments = comments[len(inside) :]
        name = _name(node, first=number == 0)
        shapes.setdefault(name, []).extend([*_shapes(node), *inside])
        if isinstance(node, ast.FunctionDef):
            covers[name] = tuple(_covers(node, constants))
    if not tree.body and comments:
        shapes["comments"] = [comment for _, comment in comments]
    return {
        name: Part(_digest(sorted(shape) if name == IMPORTS else shape), covers.get(name, ()))
        for name, shape in shapes.items()
    }


def same_code(text: str, other: str) -> bool:
    """Two modules differ in their layout alone, if at all."""
    if text == other:
        return True
    try:
        return list(parts(text).items()) == list(parts(other).items())
    except (SyntaxError, ValueError):
        return False


def _digest(lines: Iterable[str]) -> str:
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def _name(node: ast.stmt, *, first: bool) -> str:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return node.name
        case ast.Import() | ast.ImportFrom():
            return IMPORTS
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.Expr(value=ast.Constant(value=str())) if first:
            return TEXT
    return "other statements"


def _shapes(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"import {alias.name} as {alias.asname}" for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield f"from {node.level}{node.module} import {alias.name} as {alias.asname}"
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        value = node.value.value
        yield inspect.cleandoc(value) if isinstance(value, str) else repr(value)
    else:
        yield _shape(node)


def _shape(node: ast.AST) -> str:
    """A node in text, the same under each Python: fields that hold nothing are left out."""
    inside = []
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            inside.append(f"{field}={_shape(value)}")
        elif isinstance(value, list):
            if value:
                each = (_shape(v) if isinstance(v, ast.AST) else repr(v) for v in value)
                inside.append(f"{field}=[{','.join(each)}]")
        elif value is not None and field not in ("kind", "type_comment"):
            inside.append(f"{field}={value!r}")
    return f"{type(node).__name__}({' '.join(inside)})"


def _may_have_comments(text: str) -> bool:
    """A `#` stands outside of all literals; also where that takes more than a look to tell."""
    if "#" not in text:
        return False
    rest = _LITERAL.sub("", text)
    return "#" in rest or '"""' in rest or "'''" in rest


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """The line and the words of each comment."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], f"# {token.string.lstrip('#').strip()}"
    except tokenize.TokenError as error:
        raise SyntaxError(str(error)) from None


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Names at the left margin that hold a text."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() as value)):
                yield name, value


def _covers(test: ast.FunctionDef, constants: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for decorator in test.decorator_list:
        match decorator:
            case ast.Call(func=ast.Name(id="covers"), args=[operation, *concerns]):
                label = _text(operation, constants)
                yield from ((label, _text(concern, constants)) for concern in concerns)


def _text(node: ast.expr, constants: Mapping[str, str]) -> str:
    match node:
        case ast.Constant(value=str() as value):
            return value
        case ast.Name(id=name):
            return constants.get(name, name)
    return ast.unparse(node)
