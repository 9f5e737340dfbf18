"""Matrix -> planned modules: which tests stand in which file, under which name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from ..mapping.resolve import Resolved
from ..matrix.build import Matrix
from ..matrix.cell import Cell, State
from ..matrix.subject import Subject
from ..spec.model import Operation
from .code import identifier

LONGEST = 80
"""Characters of a name: file systems allow 255 bytes, of which `test_….py.txt.partial` takes some."""
_DIGEST = 8


@dataclass(frozen=True, slots=True)
class PlannedModule:
    """The tests of one operation: `name` names file and functions, `cells` those with tests or gaps."""

    subject: Subject
    name: str
    cells: tuple[Cell, ...]

    @property
    def file(self) -> str:
        return f"test_{self.name}.py"


def plan(matrix: Matrix, resolved: Resolved) -> tuple[PlannedModule, ...]:
    """One module for each operation that is mapped or has a test, in the order of the spec."""
    return tuple(_modules(matrix, resolved))


def _modules(matrix: Matrix, resolved: Resolved) -> Iterator[PlannedModule]:
    taken: set[str] = set()
    short = Counter(operation_name(write.operation) for write in resolved.operations.values())
    for label, write in resolved.operations.items():
        name = operation_name(write.operation)
        if short[name] > 1 and write.operation.operation_id:
            name = _cut(write.operation.operation_id)
        name = _unique(name, taken)
        cells = tuple(c for c in matrix.row(label) if c.tests or c.state is State.GAP)
        if any(cell.tests for cell in cells) or write.entry is not None:
            yield PlannedModule(Subject(write, resolved), name, cells)


def operation_name(operation: Operation) -> str:
    """What people call it: its operationId, else method and path ("post_orders_cancel").

    FastAPI makes an operationId of the function's name, the path and the method; the name says it.
    A long one is cut, and ends in a digest of the whole, so that it stays its own.
    """
    if operation.operation_id:
        route = f"{re.sub(r'[^0-9A-Za-z_]', '_', operation.path)}_{operation.method.lower()}"
        return _cut(operation.operation_id.removesuffix(route) or operation.operation_id)
    static = [part for part in operation.path.split("/") if part and not part.startswith("{")]
    by = "" if operation.path.count("{") == 0 else "_by_" + operation.path.rpartition("{")[2]
    return _cut(f"{operation.method.lower()}_{'_'.join(static)}{by}")


def _cut(text: str) -> str:
    name = identifier(text)
    if len(name) <= LONGEST:
        return name
    digest = sha256(text.encode()).hexdigest()[:_DIGEST]
    return f"{name[: LONGEST - _DIGEST - 1].rstrip('_')}_{digest}"


def _unique(name: str, taken: set[str]) -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    taken.add(found)
    return found
