"""Emitted files -> those that cannot run: no Python, or names that nothing assigns, or that stand twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import GenSuiteError
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
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache"]
    command += ["--target-version=py311", f"--select={RULES}", "--output-format=json", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        faults: list[Mapping[str, Any]] = json.loads(done.stdout)
    except ValueError:
        raise GenSuiteError(
            f"ruff, which looks at what is emitted, cannot be run: {done.stderr.strip()[-500:]}",
            hint="pip install ruff",
        ) from None
    reasons: dict[str, str] = {}
    for fault in faults:
        line = fault["location"]["row"]
        reason = f"its module would not run: line {line}: {fault['message']}"
        reasons.setdefault(Path(fault["filename"]).name, reason)
    return reasons
