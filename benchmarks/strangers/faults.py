"""Each fault of a service, switched on: does the suite of the learned mapping notice it?"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gen_suite.matrix.merging import read_results
from gen_suite.matrix.results import FILE, TestResult

from .judging import failed_cells
from .run import Options, Work, run_suite
from .service import Service
from .truth import plain


def faults_noticed(service: Service, work: Work, options: Options) -> dict[str, Any]:
    """Fault -> the concerns whose tests failed with it and not without it; none where it was missed.

    Only the module of the fault's operation runs, and only after the whole suite has run without one.
    """
    clean = _failed(work)
    kept = (work.folder / FILE).read_bytes()
    modules = _modules(work.folder)
    noticed: dict[str, Any] = {}
    for name, operation in service.faults.items():
        module = modules.get(plain(operation))
        if module is None:
            noticed[name] = {"operation": operation, "noticed": [], "because": "no module"}
            continue
        (work.folder / FILE).unlink(missing_ok=True)
        run_suite(
            work,
            f"fault-{name}",
            options,
            files=[str(module.relative_to(work.folder))],
            variables={service.variable: name},
        )
        failed = _failed(work)
        new = [test for identifier, test in failed.items() if identifier not in clean]
        noticed[name] = {
            "operation": operation,
            "noticed": sorted({pair[1] for test in new for pair in failed_cells(test)}),
            "tests": len(new),
            "verdict": new[0].verdict or new[0].reason[:200] if new else "",
        }
        print(f"{service.name} {name}: {json.dumps(noticed[name])}", flush=True)
    (work.folder / FILE).write_bytes(kept)
    return noticed


def summary(noticed: Mapping[str, Any]) -> dict[str, Any]:
    """How many were noticed, and the names of those that were not."""
    missed = [name for name, row in noticed.items() if not row["noticed"]]
    return {"all": len(noticed), "noticed": len(noticed) - len(missed), "missed": missed}


def _failed(work: Work) -> dict[str, TestResult]:
    if not (work.folder / FILE).exists():
        raise RuntimeError(f"the suite left no results, see {work.folder}")
    tests = read_results(work.folder / FILE).tests
    return {test.id: test for test in tests if test.outcome == "failed"}


def _modules(folder: Path) -> dict[str, Path]:
    """Operation without the names of its parameters -> the emitted module whose LABEL it is."""
    modules: dict[str, Path] = {}
    for file in sorted((folder / "tests" / "api").glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "LABEL":
                modules.setdefault(plain(ast.literal_eval(node.value)), file)
    return modules
