"""Results of long runs, kept as they come: a run that is interrupted goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read(file: Path) -> dict[str, dict[str, Any]]:
    """The results so far, by what was run."""
    if not file.exists():
        return {}
    found: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def write(file: Path, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Write all results, a line each; an interruption leaves the file as it was or as it will be."""
    draft = file.with_suffix(".draft")
    lines = (f" {json.dumps(key)}: {json.dumps(rows[key])}" for key in sorted(rows))
    draft.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    draft.replace(file)
