"""Payloads against hypothesis-jsonschema, both on the last Hypothesis that it works with.

    python -m benchmarks.payloads_peer

Hypothesis 6.170.10 broke hypothesis-jsonschema 0.23.1, so both engines run in a process that finds an
older Hypothesis first; pip puts it into the temporary folder. Bodies alone are drawn: it knows no
operations. It is given each body's schema with the components that it leads to, and the medians are
of the operations that it manages.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = ("hypothesis==6.170.9", "hypothesis-jsonschema==0.23.1")
FOLDER = (
    Path(tempfile.gettempdir()) / "gen-suite-benchmarks" / "-".join(PACKAGES).replace("==", "-")
)
TIMED = 80  # operations of a document, up to twice as many: fewer scatter
NAMES = ("shop", "GitHub", "Stripe", "Kubernetes")
COMPONENTS = "#/components/schemas/"


def rows(command: str) -> list[dict[str, Any]]:
    """One row a document; a single one that says why where there is no such package."""
    name = "payloads: build and draw 10 bodies, against hypothesis-jsonschema"
    missing = _install()
    environment = {**os.environ, "PYTHONPATH": f"{FOLDER}{os.pathsep}{ROOT}"}
    told = [] if missing else _told(environment)
    if isinstance(told, str) or missing:
        detail = {"not measured": missing or told}
        return [{"name": name, "ratio": 0.0, "goal": 0.5, "met": False, "command": command,
                 "detail": detail}]  # fmt: skip
    return [
        {"name": f"{name}, {found['document']}", "ratio": round(found["ratio"], 4), "goal": 0.5,
         "met": found["ratio"] <= 0.5, "command": command, "detail": found}
        for found in told
    ]  # fmt: skip


def _install() -> str:
    """Why the packages are not there, "" if they are."""
    if (FOLDER / "hypothesis_jsonschema").is_dir():
        return ""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(FOLDER)]
    done = subprocess.run([*pip, *PACKAGES], capture_output=True, text=True, check=False)
    return done.stderr.strip()[-300:] if done.returncode else ""


def _told(environment: dict[str, str]) -> list[dict[str, Any]] | str:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.payloads_peer"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return done.stderr[-600:]
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def schema_of(raw: dict[str, Any], schema: Any) -> dict[str, Any]:
    """The schema with the components that it leads to, and no others."""
    wanted: dict[str, Any] = {}
    open_: list[Any] = [schema]
    while open_:
        part = open_.pop()
        if isinstance(part, dict):
            name = part.get("$ref")
            if isinstance(name, str) and name.startswith(COMPONENTS):
                name = name.removeprefix(COMPONENTS)
                if name not in wanted:
                    wanted[name] = raw["components"]["schemas"][name]
                    open_.append(wanted[name])
            open_ += part.values()
        elif isinstance(part, list):
            open_ += part
    return {**schema, "components": {"schemas": wanted}}


def _compared(name: str) -> dict[str, Any]:
    from hypothesis_jsonschema import from_schema

    from gen_suite.runtime.payloads import payloads_for
    from gen_suite.spec.read import read_document

    from .payloads import SHOP, document, drawn, with_bodies

    found, source = (read_document(SHOP), "bundled") if name == "shop" else document(name)
    chosen = [one for one in with_bodies(found) if one.request_body]
    chosen = chosen[:: max(1, len(chosen) // TIMED)]
    ours, theirs, failed = [], [], []
    for operation in chosen:
        space = payloads_for(found, operation)
        media = space.media()
        schema = schema_of(found.raw, media.schema if media else {})
        try:
            seconds = _cpu(lambda schema=schema: drawn(from_schema(schema)))
        except Exception as error:
            failed.append(f"{operation.label}: {type(error).__name__} {str(error)[:80]}")
            continue
        theirs.append(seconds)
        ours.append(_cpu(lambda space=space: drawn(space.bodies())))
    return {
        "document": name,
        "source": source,
        "ratio": median(ours) / median(theirs),
        "gen-suite": f"{median(ours) * 1e3:.1f} ms",
        "hypothesis-jsonschema": f"{median(theirs) * 1e3:.1f} ms",
        "operations": len(chosen),
        "not drawn by hypothesis-jsonschema": failed,
    }


def _cpu(action: Callable[[], object]) -> float:
    """Seconds of processor time: what else the machine does counts for neither engine."""
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> None:
    """Print the comparison of each document as one line of JSON; start the process for it first."""
    if str(FOLDER) not in sys.path:
        print(json.dumps(rows("python -m benchmarks.payloads_peer"), indent=1))
        return
    warnings.simplefilter("ignore")
    print(json.dumps([_compared(name) for name in NAMES]))


if __name__ == "__main__":
    main()
