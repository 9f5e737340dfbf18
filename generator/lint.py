"""Emitted files -> those that cannot run: no Python, or names that nothing assigns, or that stand twice."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .formatting import no_ruff, ruff
from .render import RenderedFile

RULES = "F811,F821,F823"
"""Of ruff: redefined while unused, undefined, and referenced before it is assigned."""


COMMON = frozenset(["decimal", "functools", "gen_suite", "httpx", "hypothesis", "pytest", "uuid"])
"""Packages that modules of every suite import: they are there where pytest and gen-suite are."""
IMPORT = re.compile(r"^(?:import|from)[ ]+([^\s.]*)", re.MULTILINE)


def imports_more(file: RenderedFile) -> bool:
    """A file imports what may not be there, a module of the user's own."""
    return not COMMON.issuperset(IMPORT.findall(file.text))


def uncompilable(files: Iterable[RenderedFile]) -> dict[str, str]:
    """Path -> why a file is no Python."""
    reasons = {}
    for file in files:
        try:
            compile(file.text, file.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:
            reasons[file.path] = f"its module is no Python: {error}"
    return reasons


def misnamed(files: Iterable[RenderedFile]) -> dict[str, str]:
    """Path -> the first name of a file that is undefined or defined twice."""
    with tempfile.TemporaryDirectory(prefix="gen-suite-") as folder:
        for file in files:
            (Path(folder) / file.path).write_text(file.text, encoding="utf-8")
        done = ruff("check", f"--select={RULES}", "--output-format=json", folder)
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
