"""`make bench`: all measurements, a line each, and benchmarks/results.json.

`python -m benchmarks database` measures one anew, and only its lines of the file.

A module of this folder with a `run() -> list[row]` is a benchmark; a row is {"name", "ratio", "goal",
"met", "command", "detail"}. Ratios compare within one run; lower is better unless the name says so.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

OUTPUT = Path(__file__).parent / "results.json"


def benchmarks() -> dict[str, Any]:
    """The modules that measure something, by name."""
    folder = str(Path(__file__).parent)
    names = [m.name for m in pkgutil.iter_modules([folder]) if not m.name.startswith("__")]
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in names}
    return {name: module for name, module in modules.items() if _measures(module)}


def _measures(module: ModuleType) -> bool:
    """It has a `run` of its own."""
    return getattr(getattr(module, "run", None), "__module__", "") == module.__name__


def _kept(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of this run; if it was of a few benchmarks only, in their places among those of before."""
    before = json.loads(OUTPUT.read_text(encoding="utf-8")) if names and OUTPUT.exists() else []
    new = {row["name"]: row for row in rows}
    return [new.pop(row["name"], row) for row in before] + list(new.values())


def main() -> int:
    """Run those asked for, or all; a missed goal is printed, and fails only with --strict."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="modules of benchmarks/; all by default")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a goal is missed")
    options = parser.parse_args()
    known = benchmarks()
    unknown = set(options.names) - known.keys()
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    rows: list[dict[str, Any]] = []
    for name in options.names or known:
        for row in known[name].run():
            rows.append(row)
            sign = "met   " if row["met"] else "MISSED"
            print(f"{sign} {row['name']:<60} {row['ratio']:>9.3g}  goal {row['goal']}", flush=True)
    OUTPUT.write_text(json.dumps(_kept(rows, options.names), indent=1) + "\n", encoding="utf-8")
    missed = [row for row in rows if not row["met"]]
    return 1 if missed and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
