"""One emitted test function: its body is known, its parameters follow from the names it uses."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from textwrap import indent

from ..errors import GenSuiteError
from .code import INDENT, signature

TYPES = {
    "api": "Client",
    "database": "Database",
    "actors": "Actors",
    "findings": "Findings",
    "worker": "Worker",
    "body": "Body",
    "sample": "Sample",
    "violation": "Violation",
    "actor": "str",
    "field": "str",
    "column": "str",
    "value": "object",
    "fault": "str",
    "error": "str",
    "key": "str",
}
FIRST = ("api", "database", "actors", "findings", "worker")
LAST = (
    *("body", "sample", "violation", "actor", "field", "column", "value"),
    *("fault", "error", "key"),
)


def function(name: str, body: str, *, rows: Iterable[str], decorators: Sequence[str] = ()) -> str:
    """A test whose parameters are the fixtures and arguments that its body reads.

    `body` is without indent and laid out for one level of it.
    """
    used, made = _names(body, name)
    known_rows = frozenset(rows)
    wanted = [known for known in FIRST if known in used]
    wanted += [name for name in used if name in known_rows and name not in made]
    wanted += [known for known in LAST if known in used and known not in made]
    head = signature(name, [f"{each}: {TYPES.get(each, 'Row')}" for each in wanted])
    parts = [*decorators, head, indent(body.strip("\n"), INDENT)]
    return "\n".join(parts)


def names(source: str) -> frozenset[str]:
    """All names in a piece of source."""
    tree = ast.parse(source)
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _names(body: str, name: str) -> tuple[list[str], frozenset[str]]:
    """Names in the order in which they are first read, and those the body makes itself."""
    try:
        tree = ast.parse(body)
    except SyntaxError as error:
        raise GenSuiteError(f"the template of {name} gives no Python: {error}\n{body}") from error
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    made = frozenset(node.id for node in found if isinstance(node.ctx, ast.Store))
    read = [node.id for node in found if isinstance(node.ctx, ast.Load)]
    return list(dict.fromkeys(read)), made
