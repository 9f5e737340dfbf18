"""Operations that `generate` could not write tests for: why, kept beside the suite for every report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..files import replace_text
from .build import Matrix
from .cell import Cell, LeftOut, State
from .emitted_file import read_object

FILE = Path(".emitted") / "left_out.json"
"""In the folder of the suite."""
CLOSES = "mend what the reason names, then gen-suite generate; or tests of your own, marked with `covers`"


def read_left_out(suite: Path) -> Mapping[str, str]:
    """Operation -> why it has no tests in the suite of that folder."""
    file = suite / FILE
    data = read_object(file, "reasons")
    return {str(label): str(reason) for label, reason in data.items()}


def write_left_out(left_out: Mapping[str, str], suite: Path) -> None:
    """Keep the reasons; no file where every operation has its tests."""
    file = suite / FILE
    if left_out:
        replace_text(file, json.dumps(dict(left_out), indent=1, ensure_ascii=False) + "\n")
    else:
        file.unlink(missing_ok=True)


def without_left_out(matrix: Matrix, left_out: Mapping[str, str]) -> Matrix:
    """The matrix with each planned cell of these operations as a gap."""
    return replace(matrix, cells=tuple(_gap(cell, left_out) for cell in matrix.cells))


def _gap(cell: Cell, left_out: Mapping[str, str]) -> Cell:
    reason = left_out.get(cell.operation)
    if reason is None or cell.state is not State.PLANNED:
        return cell
    empty = replace(cell, tests=(), unseen="", left_out=LeftOut())
    return replace(empty, state=State.GAP, reason=reason, closes=CLOSES)
