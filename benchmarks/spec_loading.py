"""Reading a document of GitHub's size against what reads files and what reads OpenAPI.

Ratios are times of gen-suite over times of the peer, taken in turns in one run; lower is better. The
document is synthetic (`spec_sample`), since the measurement works offline.

    python -m benchmarks.spec_loading
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import yaml12

from gen_suite.spec.read import read_document

from .spec_sample import write

COMMAND = "python -m benchmarks.spec_loading"
ROUNDS = 5
PEER_SECONDS = 20


def run() -> list[dict[str, Any]]:
    """One row per comparison: name, ratio, goal (an upper bound), met, command, detail."""
    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder) / "big.json"
        document = write(big)
        small = Path(folder) / "small.json"
        write(small, operations=10)
        text = Path(folder) / "big.yaml"
        text.write_text(yaml12.format_yaml(document), encoding="utf-8")
        broken = Path(folder) / "broken.json"
        _write_broken(document, broken)
        del document
        rows = [
            _against_json(big),
            _memory(big),
            _against_json(broken, name="a broken operation in it, located", goal=12),
            _against_yaml(text),
            _against_prance(small),
        ]
    return [row for row in rows if row]


def _write_broken(document: dict[str, Any], file: Path) -> None:
    last = list(document["paths"].values())[-1]
    next(iter(last.values()))["parameters"] = [{"in": "query"}]
    file.write_text(json.dumps(document, indent=2), encoding="utf-8")


def _seconds(action: Callable[[], object]) -> float:
    gc.collect()
    gc.freeze()  # what the benchmark itself holds is no one's cost
    started = time.perf_counter()
    result = action()
    elapsed = time.perf_counter() - started
    del result
    return elapsed


def _read(file: Path) -> int:
    return len(read_document(file).write_operations)


def _row(name: str, ours: float, theirs: float, goal: float, detail: str) -> dict[str, Any]:
    ratio = round(ours / theirs, 3)
    return {
        "name": f"spec: {name}",
        "ratio": ratio,
        "goal": goal,
        "met": ratio <= goal,
        "command": COMMAND,
        "detail": detail,
    }


def _against_json(
    file: Path, *, name: str = "reading and listing the writes", goal: float = 6
) -> dict[str, Any]:
    data = file.read_bytes()
    pairs = [
        (_seconds(lambda: _read(file)), _seconds(lambda: json.loads(data))) for _ in range(ROUNDS)
    ]
    ours, theirs = (median(column) for column in zip(*pairs, strict=True))
    detail = (
        f"{len(data) / 1e6:.1f} MB, {_read(file)} write operations: "
        f"{ours * 1000:.0f} ms; json.loads {theirs * 1000:.0f} ms"
    )
    return _row(f"{name} / json.loads", ours, theirs, goal, detail)


_PEAK = """
import resource, sys
from pathlib import Path
from gen_suite.spec.read import read_document
assert read_document(Path(sys.argv[1])).write_operations
unit = 1 if sys.platform == "darwin" else 1024
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
status = Path("/proc/self/status")
if status.exists():  # Linux counts in ru_maxrss what the parent had when it made this process
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    peak = int(line.split()[1]) * 1024
print(peak)
"""


def _memory(file: Path) -> dict[str, Any]:
    """The peak of a fresh process; `resource` is POSIX only, elsewhere the row is left out."""
    if sys.platform == "win32":
        return {}
    command = [sys.executable, "-c", _PEAK, str(file)]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return _row("peak memory / 400 MB", peak, 400e6, 1, f"{peak / 1e6:.0f} MB in a fresh process")


def _against_yaml(file: Path) -> dict[str, Any]:
    try:
        from yaml import CSafeLoader, load
    except ImportError:
        return {}
    text = file.read_text(encoding="utf-8")
    ours = median(_seconds(lambda: _read(file)) for _ in range(3))
    theirs = _seconds(lambda: load(text, CSafeLoader))
    detail = (
        f"{len(text) / 1e6:.1f} MB: {ours * 1000:.0f} ms; "
        f"PyYAML's CSafeLoader, loading alone, {theirs * 1000:.0f} ms"
    )
    return _row("reading the same as YAML / CSafeLoader", ours, theirs, 0.3, detail)


_PRANCE = """
import sys, time
from prance import ResolvingParser
from prance.util.resolver import keep_ref_on_recursion
started = time.perf_counter()
ResolvingParser(sys.argv[1], recursion_limit_handler=keep_ref_on_recursion)
print(time.perf_counter() - started)
"""


def _against_prance(file: Path) -> dict[str, Any]:
    """A hundredth of the document: with twenty operations prance takes 9 s, with fifty minutes."""
    ours = median(_seconds(lambda: _read(file)) for _ in range(ROUNDS))
    command = [sys.executable, "-c", _PRANCE, str(file)]
    try:
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=PEER_SECONDS
        )
        theirs, note = float(done.stdout), ""
    except subprocess.TimeoutExpired:
        theirs, note = float(PEER_SECONDS), ", where it was stopped"
    except subprocess.CalledProcessError as failure:
        last = failure.stderr.strip().splitlines()[-1]
        detail = f"prance failed: {last}"
        return {**_row("reading / prance.ResolvingParser", 0, 1, 0.1, detail), "ratio": None}
    size = file.stat().st_size / 1e6
    detail = f"{size:.1f} MB, 10 operations: {ours * 1000:.0f} ms; prance {theirs:.2f} s{note}"
    return _row("reading / prance.ResolvingParser", ours, theirs, 0.1, detail)


if __name__ == "__main__":
    for found in run():
        print(json.dumps(found))
