"""The cells that the tests of a suite are marked with, read without running them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

_MARK = re.compile(r"""\bcovers\(\s*["']([^"'\n]+)["']((?:\s*,\s*["'][a-z]+["'])+)""")
_WORD = re.compile(r"[a-z]+")


def marked_cells(suite: Path) -> Mapping[tuple[str, str], Path]:
    """(operation, concern) -> the first file below the folder of a suite that has a test of it."""
    cells: dict[tuple[str, str], Path] = {}
    for file in sorted(suite.rglob("*.py")):
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        for operation, concerns in _MARK.findall(text):
            for concern in _WORD.findall(concerns):
                cells.setdefault((operation, concern), file)
    return cells
