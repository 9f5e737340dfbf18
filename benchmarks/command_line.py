"""What a person waits for: the command line against a bare interpreter and `json.loads`.

Ratios are wall times of whole processes, the fastest of several rounds taken in turns, over that of
a peer in the same run; seconds stand in the detail.

    python -m benchmarks command_line
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from .spec_sample import write

COMMAND = "python -m benchmarks command_line"
ROUNDS = 5
FEW, MANY = 1000, 3000
"""Small operations of a document."""
IMPORTS = "import click, pydantic, yaml12, jsonschema_rs, json"
"""What reading a spec and a mapping cannot do without."""


def run() -> list[dict[str, Any]]:
    """Rows for --help, the matrix of the shop and of a spec of GitHub's size, and emission."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _shop(folder)
        big = folder / "big.json"
        write(big)
        return [
            *_small_commands(folder),
            *_many_operations(folder),
            *_big_matrix(folder, big),
        ]


def _small_commands(folder: Path) -> list[dict[str, Any]]:
    help_, matrix, bare, imports = _fastest(
        lambda: _gen_suite(folder, "--help"),
        lambda: _gen_suite(folder, "matrix"),
        lambda: _python(folder, "pass"),
        lambda: _python(folder, IMPORTS),
    )
    emit, again = _fastest(lambda: _emit(folder), lambda: _gen_suite(folder, "generate"))
    return [
        _row("gen-suite --help, seconds", help_, 0.3, f"bare interpreter {bare:.3f} s"),
        _row("gen-suite matrix on the shop, seconds", matrix, 1.0, f"bare imports {imports:.3f} s"),
        _row(
            "emitting the shop's suite, seconds", emit, 1.0, "52 operations, a process of its own"
        ),
        _row("emitting it again where nothing is new / a bare matrix of it", again / matrix, 2, ""),
    ]


def _many_operations(folder: Path) -> list[dict[str, Any]]:
    """Small POST operations without a mapping: what each one costs, and whether it is the same for many."""
    few, many = (_operations(folder, count) for count in (FEW, MANY))
    emit_few, emit_many, matrix = _fastest(
        lambda: _emit(folder, few),
        lambda: _emit(folder, many),
        lambda: _gen_suite(folder, "matrix", str(many), "--format", "json"),
        rounds=2,
    )
    growth = (emit_many / emit_few) / (MANY / FEW)
    return [
        _row(f"emitting {MANY} small operations, seconds", emit_many, 10, ""),
        _row(f"one operation of {MANY} / one of {FEW}", growth, 1.2, f"{emit_few:.2f} s for {FEW}"),
        _row(f"matrix of {MANY} small operations, seconds", matrix, 3, ""),
    ]


def _operations(folder: Path, count: int) -> Path:
    """A document of so many small POST operations."""
    thing = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    answers = {"201": {"description": "made", "content": thing}, "422": {"description": "no"}}
    name = {"type": "string", "minLength": 1, "maxLength": 40}
    schema = {"type": "object", "required": ["name"], "properties": {"name": name}}
    operation = {"requestBody": {"required": True, "content": thing}, "responses": answers}
    paths = {
        f"/things{number}": {"post": {"operationId": f"createThing{number}", **operation}}
        for number in range(count)
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Thing": schema}},
    }
    file = folder / f"things{count}.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def _big_matrix(folder: Path, big: Path) -> list[dict[str, Any]]:
    loads = f"import json; json.loads(open({str(big)!r}).read())"
    matrix, load, imports, bare = _fastest(
        lambda: _gen_suite(folder, "matrix", str(big), "--format", "json"),
        lambda: _python(folder, loads),
        lambda: _python(folder, IMPORTS),
        lambda: _python(folder, "pass"),
        rounds=3,
    )
    json_loads = max(load - bare, 1e-9)
    ratio = (matrix - imports) / json_loads
    detail = (
        f"{big.stat().st_size / 1e6:.1f} MB, matrix {matrix:.2f} s, json.loads {json_loads:.3f} s, "
        f"bare imports {imports:.2f} s"
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [
        _row("matrix of a spec of GitHub's size, less imports / json.loads", ratio, 10, detail),
        _row("the same, peak memory in MB", peak, 400, "the largest of all child processes"),
    ]


def _shop(folder: Path) -> None:
    shop = files("gen_suite.examples.shop")
    for name in ("openapi.yaml", "openapi-1.yaml", "gen-suite.yaml"):
        (folder / name).write_text((shop / name).read_text(encoding="utf-8"), encoding="utf-8")
    _run(folder, "-m", "gen_suite.examples.shop.seed")
    _gen_suite(folder, "generate", "--allow-db")


def _emit(folder: Path, *spec: Path) -> None:
    out = tempfile.mkdtemp(dir=folder)
    _gen_suite(folder, "generate", *map(str, spec), "--output", out)


def _gen_suite(folder: Path, *arguments: str, ok: tuple[int, ...] = (0,)) -> None:
    _run(folder, "-m", "gen_suite", *arguments, ok=ok)


def _python(folder: Path, code: str) -> None:
    _run(folder, "-c", code)


def _run(folder: Path, *arguments: str, ok: tuple[int, ...] = (0,)) -> None:
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder / 'shop.db'}"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in ok:
        raise RuntimeError(f"{arguments}: exit {done.returncode}\n{done.stderr}")


def _fastest(*calls: Callable[[], None], rounds: int = ROUNDS) -> list[float]:
    """The fastest of several rounds of each call, taken in turns so that noise hits all alike."""
    best = [float("inf")] * len(calls)
    for _ in range(rounds):
        for place, call in enumerate(calls):
            start = time.perf_counter()
            call()
            best[place] = min(best[place], time.perf_counter() - start)
    return best


def _row(name: str, ratio: float, goal: float, detail: str) -> dict[str, Any]:
    return {
        "name": name,
        "ratio": round(ratio, 3),
        "goal": goal,
        "met": ratio <= goal,
        "command": COMMAND,
        "detail": detail,
    }
