"""One emitted test function: its body is known, its parameters follow from the names it uses."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Mapping, Sequence
from textwrap import indent

from ..errors import GenSuiteError
from .code import INDENT, signature

TYPES = {
    "api": "Client",
    "database": "Database",
    "actors": "Actors",
    "findings": "Findings",
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
    "fault": "str",
    "error": "str",
    "key": "str",
}
FIRST = ("api", "statements", "database", "actors", "findings", "worker")
LAST = (
    *("body", "option", "sample", "violation", "actor", "field", "column", "value"),
    *("fault", "error", "key"),
)


def function(
    name: str, body: str, *, rows: Mapping[str, str], decorators: Sequence[str] = ()
) -> str:
    """A test whose parameters are the fixtures and arguments that its body reads.

    `body` is without indent and laid out for one level of it; `rows` are fixtures with their types.
    """
    used, made = _names(body, name)
    wanted = [known for known in FIRST if known in used and known not in made]
    wanted += [name for name in used if name in rows and name not in made]
    wanted += [known for known in LAST if known in used and known not in made]
    types = {**rows, **TYPES}
    head = signature(name, [f"{each}: {types.get(each, 'Row')}" for each in wanted])
    parts = [*decorators, head, indent(body.strip("\n"), INDENT)]
    return "\n".join(parts)


def names(source: str) -> frozenset[str]:
    """All names in a piece of source, those of parameters too; by the symbol table, which is C."""
    found: set[str] = set()
    scopes = [symtable.symtable(source, "<emitted>", "exec")]
    while scopes:
        scope = scopes.pop()
        found.update(scope.get_identifiers())
        scopes += scope.get_children()
    return frozenset(found)


def _names(body: str, name: str) -> tuple[list[str], frozenset[str]]:
    """Names in the order in which they are first read, and those the body makes itself."""
    try:
        tree = ast.parse(body)
    except SyntaxError as error:
        raise GenSuiteError(f"the template of {name} gives no Python: {error}\n{body}") from error
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    made = frozenset(node.id for node in found if isinstance(node.ctx, ast.Store))
    made |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    read = [node.id for node in found if isinstance(node.ctx, ast.Load)]
    return list(dict.fromkeys(read)), made
