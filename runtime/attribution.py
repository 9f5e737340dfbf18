"""Which cell a failure belongs to, of a test that covers several: told by the assertion that failed.

`@covers("POST /orders", "persistence", "success", "contract")`: the first concern is the test's own.
An assertion about the answer or the transaction is known by the function that it calls; any other one
speaks of the test's own concern. Assertions that held before it keep their cells green, and the cells
behind it were not reached.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from .outcomes import NOT_REACHED
from .refused import ConcernError

CONCERNS: Mapping[str, str] = {
    "succeeded": "success",
    "rejected": "validation",
    "unauthenticated": "auth",
    "forbidden": "auth",
    "conforms": "contract",
    "stored": "persistence",
    "one_transaction": "rollback",
}
"""Function that an assertion calls -> the concern that it is about."""
EFFECTS = "effects"

Pair = tuple[str, str]


def outcomes(
    test: Callable[..., Any],
    line: int | None,
    pairs: Sequence[Pair],
    carriers: Collection[str] = (),
    error: BaseException | None = None,
) -> dict[Pair, str]:
    """What each cell of a failed test came to: "failed", "passed" or "not reached".

    `line` is the line of the test's file at which it failed, None where that was elsewhere: then all
    its cells failed. `pairs` are (operation, concern), its own first; `carriers` the tables whose rows
    are messages; `error` what it failed with, which may say itself what it is about.
    """
    if len(pairs) < 2 or line is None:
        return dict.fromkeys(pairs, "failed")
    if isinstance(error, ConcernError):
        return _of_concern(error, pairs)
    asserted = list(_asserted(test, carriers))
    known = {concern for _, concern in pairs}
    own = pairs[0][1]
    before = {c if c in known else own for at, end, c in asserted if end < line}
    here = next((c for at, end, c in asserted if at <= line <= end), own)
    failed = here if here in known else own
    behind = {c if c in known else own for at, _, c in asserted if at > line}
    return {pair: _outcome(pair[1], failed, before - behind) for pair in pairs}


def _of_concern(error: ConcernError, pairs: Sequence[Pair]) -> dict[Pair, str]:
    """The cells of a test whose one check says itself which concern it is about."""
    failed = error.concern if error.concern in {concern for _, concern in pairs} else pairs[0][1]
    held = {pairs[0][1]} if error.held else set()
    return {pair: _outcome(pair[1], failed, held) for pair in pairs}


def _outcome(concern: str, failed: str, held: Collection[str]) -> str:
    if concern == failed:
        return "failed"
    return "passed" if concern in held else NOT_REACHED


def _asserted(
    test: Callable[..., Any], carriers: Collection[str]
) -> Iterator[tuple[int, int, str]]:
    """(first line, last line, concern) of each assertion of a test; the test's own concern is ""."""
    try:
        lines, start = inspect.getsourcelines(inspect.unwrap(test))
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            end = node.end_lineno or node.lineno
            yield start + node.lineno - 1, start + end - 1, _concern(node, carriers)


def _concern(node: ast.Assert, carriers: Collection[str]) -> str:
    for part in ast.walk(node.test):
        if not isinstance(part, ast.Call):
            continue
        function = part.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        if name in CONCERNS:
            return CONCERNS[name]
        table = part.args[0] if name == "inserted" and part.args else None
        if isinstance(table, ast.Constant) and table.value in carriers:
            return EFFECTS
    return ""
