"""One emitted test function: its body is known, its parameters follow from the names it uses."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from textwrap import indent

from ..errors import GenSuiteError
from ..matrix.concerns import brought
from .code import INDENT, literal, signature

TYPES = {
    "api": "Client",
    "database": "Database",
    "actors": "Actors",
    "findings": "Findings",
    "refused": "Refused",
    "worker": "Worker",
    "statements": "Statements",
    "body": "Body",
    "sample": "Sample",
    "option": "Option",
    "violation": "Violation",
    "actor": "str",
    "field": "str",
    "column": "str",
    "value": "object",
    "fault": "Failure",
    "error": "str",
    "key": "str",
}
FIRST = ("api", "statements", "database", "actors", "findings", "worker", "refused")
LAST = (
    *("body", "option", "sample", "violation", "actor", "field", "column", "value"),
    *("fault", "error", "key"),
)


@dataclass(frozen=True, slots=True)
class Function:
    """One function of an emitted module: its source text, and the fixtures that it asks for."""

    text: str
    asks: frozenset[str]


def function(
    name: str,
    body: str,
    *,
    rows: Mapping[str, str],
    decorators: Sequence[str] = (),
    typed: bool = True,
) -> Function:
    """A test whose parameters are the fixtures and arguments that its body reads.

    `body` is without indent; `rows` are fixtures with their types.
    """
    brought_fixtures = {n: t for concern in brought() for n, t in concern.fixtures.items()}
    used = _read_from_outside(body, {*FIRST, *LAST, *rows, *brought_fixtures}, name)
    wanted = [known for known in (*FIRST, *brought_fixtures) if known in used]
    wanted += _in_order(used & rows.keys(), body)
    wanted += [known for known in LAST if known in used]
    types = {**brought_fixtures, **rows, **TYPES}
    parameters = [f"{each}: {types.get(each, 'Row')}" for each in wanted]
    head = signature(name, parameters, typed=typed)
    text = "\n".join([*decorators, head, indent(body.strip("\n"), INDENT)])
    arranged = {row for row in rows if any(_asks(line, row) for line in decorators)}
    return Function(text, frozenset({*wanted, *arranged}))


def _asks(decorator: str, row: str) -> bool:
    return "usefixtures(" in decorator and literal(row) in decorator


def names(source: str) -> frozenset[str]:
    """All names in a piece of source, those of parameters too; by the symbol table, which is C."""
    return frozenset(name for scope in _scopes(source) for name in scope.get_identifiers())


def _scopes(source: str) -> list[symtable.SymbolTable]:
    scopes = [symtable.symtable(source, "<emitted>", "exec")]
    for scope in scopes:  # grows while it is read
        scopes += scope.get_children()
    return scopes


def _read_from_outside(body: str, wanted: Collection[str], name: str) -> frozenset[str]:
    """Those of some names that a body reads and nowhere makes itself."""
    read, made = set(), set()
    try:
        scopes = _scopes(body)
    except SyntaxError as error:
        raise GenSuiteError(f"the template of {name} gives no Python: {error}\n{body}") from error
    for scope in scopes:
        for each in scope.get_identifiers() & wanted:
            symbol = scope.lookup(each)
            if symbol.is_assigned() or symbol.is_parameter():
                made.add(each)
            elif symbol.is_referenced():
                read.add(each)
    return frozenset(read - made)


def _in_order(wanted: Collection[str], body: str) -> list[str]:
    """Names in the order in which a body first reads them."""
    if len(wanted) < 2:
        return list(wanted)
    nodes = [node for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in nodes if node.id in wanted))
