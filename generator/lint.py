"""Emitted files -> those that cannot run: no Python, or names that nothing assigns, or that stand twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .formatting import no_ruff, ruff
from .render import RenderedFile

RULES = "F811,F821,F823"
"""Of ruff: redefined while unused, undefined, and referenced before it is assigned."""


def uncompilable(files: Iterable[RenderedFile]) -> dict[str, str]:
    """Path -> why a file is no Python."""
    reasons = {}
    for file in files:
        try:
            compile(file.text, file.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            reasons[file.path] = f"its module is no Python: {error}"
    return reasons


def misnamed(folder: Path) -> dict[str, str]:
    """Path -> the first name of a file in a folder that is undefined or defined twice."""
    done = ruff("check", f"--select={RULES}", "--output-format=json", str(folder))
    try:
        faults: list[Mapping[str, Any]] = json.loads(done.stdout)
    except ValueError:
        raise no_ruff(done.stderr) from None
    reasons: dict[str, str] = {}
    for fault in faults:
        line = fault["location"]["row"]
        reason = f"its module would not run: line {line}: {fault['message']}"
        reasons.setdefault(Path(fault["filename"]).name, reason)
    return reasons
