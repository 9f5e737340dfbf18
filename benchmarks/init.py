"""How good `gen-suite init` and `learn` are: tables and columns right of mappings written by hand.

Four APIs with different habits: the shop, and three small ones in tests/examples. `ratio` is the
share of facts that are right, or seconds of the limit; each goal is in the row.

    python -m benchmarks.init            by names, and with the running APIs
    python -m benchmarks.init --names    by names alone, in two seconds
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from gen_suite.mapping.infer.actors import read_actor
from gen_suite.mapping.infer.compare import Agreement, Facts, compare, facts
from gen_suite.mapping.infer.confirm import confirm
from gen_suite.mapping.infer.guess import Guess
from gen_suite.mapping.infer.propose import Options, propose
from gen_suite.mapping.infer.settle import settle
from gen_suite.mapping.infer.write import render
from gen_suite.mapping.read import parse_mapping
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import resolve
from gen_suite.mapping.schema import Schema
from gen_suite.runtime.learn import learn
from gen_suite.runtime.suite import Suite
from gen_suite.spec.model import Document
from gen_suite.spec.read import read_document

from .init_sample import big_document, big_schema

COMMAND = "python -m benchmarks.init"
EXAMPLES = Path(__file__).parents[1] / "tests" / "examples"
SHOP = "gen_suite.examples.shop"
LIMIT_SECONDS = 5.0
LOOSE = 0.3


@dataclass(frozen=True)
class Api:
    """An API to measure; `expected` is its mapping by hand, `goals` are the shares of tables and
    columns that must be right by names and after learning."""

    name: str
    folder: Path
    expected: str
    seed: tuple[str, ...]
    command: str
    goals: tuple[float, float]
    variables: dict[str, str] = field(default_factory=dict)
    actors: tuple[str, ...] = ()
    worker: str = ""
    older: tuple[str, ...] = ()


def apis() -> list[Api]:
    """The four."""
    shop = Path(str(files(SHOP)))
    return [
        Api(
            "shop", shop, "gen-suite.yaml", ("-m", f"{SHOP}.seed"),
            f"{{python}} -m uvicorn {SHOP}.app:app --port {{port}} --log-level warning",
            (0.95, 1.0),
            {
                "ALICE_TOKEN": "alice-secret", "BOB_TOKEN": "bob-secret",
                "VERA_TOKEN": "vera-secret", "MALLORY_TOKEN": "mallory-secret",
                "WAREHOUSE_KEY": "warehouse-secret", "EXPIRED_TOKEN": "expired-secret",
                "FORMER_TOKEN": "former-secret", "REVOKED_KEY": "revoked-secret",
            },
            (
                "alice=ALICE_TOKEN", "bob=BOB_TOKEN", "vera=VERA_TOKEN", "mallory=MALLORY_TOKEN",
                "warehouse=WAREHOUSE_KEY:apiKey", "expired=EXPIRED_TOKEN", "former=FORMER_TOKEN",
                "revoked=REVOKED_KEY:apiKey",
            ),
            f"{{python}} -m {SHOP}.worker",
            ("openapi-1.yaml",),
        ),
        _small(
            "library", "Django-like",
            {"ADA_TOKEN": "Token ada-library-token", "BEN_TOKEN": "Token ben-library-token"},
            ("ada=ADA_TOKEN", "ben=BEN_TOKEN"),
        ),
        _small(
            "films", "PostgREST-like",
            {"EDITOR_TOKEN": "editor-token", "READER_TOKEN": "reader-token"},
            ("editor=EDITOR_TOKEN", "reader=READER_TOKEN"),
        ),
        _small(
            "warehouse", "old schema",
            {
                "CLERK_USER": "CLERK", "CLERK_PASSWORD": "clerk-pass",
                "AUDITOR_USER": "AUDIT", "AUDITOR_PASSWORD": "audit-pass",
            },
            ("clerk=CLERK", "auditor=AUDITOR"),
        ),
    ]  # fmt: skip


def _small(folder: str, habit: str, variables: dict[str, str], actors: tuple[str, ...]) -> Api:
    return Api(
        f"{folder} ({habit})",
        EXAMPLES / folder,
        "expected.yaml",
        (str(EXAMPLES / folder / "app.py"),),
        f"{{python}} -m uvicorn app:app --app-dir {EXAMPLES / folder} --port {{port}} "
        "--log-level warning",
        (0.8, 0.95),
        variables,
        actors,
    )


@dataclass(frozen=True)
class Measured:
    """What was proposed for one API, and how far it agrees with the mapping by hand."""

    api: Api
    names: Facts
    wanted: Facts
    learned: Facts | None = None
    text: str = ""
    seconds: float = 0.0

    def agreement(self, *, learned: bool) -> Agreement:
        said = self.learned if learned and self.learned is not None else self.names
        return compare(said, self.wanted, "tables", "columns")


def measure(api: Api, folder: Path, *, learning: bool) -> Measured:
    """Seed the API's database in a folder, propose, and learn from the running API."""
    url = f"sqlite:///{folder / 'measured.db'}"
    with environment(DATABASE_URL=url, **api.variables):
        subprocess.run([sys.executable, *api.seed], check=True, cwd=folder)
        document, schema = read_document(api.folder / "openapi.yaml"), reflect(url)
        path = folder / "gen-suite.yaml"
        for older in api.older:
            shutil.copy(api.folder / older, folder)
        wanted = _by_hand(api, document, schema, path)
        names = _names(api, document, schema, path)
        if not learning:
            return Measured(api, names, wanted)
        started = time.perf_counter()
        learned, text = _learned(api, document, schema, path)
        return Measured(api, names, wanted, learned, text, time.perf_counter() - started)


def _options(api: Api) -> Options:
    app = {
        "command": Guess(api.command, 1.0),
        "env": Guess({"DATABASE_URL": "{database_url}"}, 1.0),
    }
    actors = tuple(read_actor(text) for text in api.actors)
    return Options(
        app=app,
        database="${DATABASE_URL}",
        worker=api.worker,
        actors=actors,
        compatible_with=api.older,
    )


def _by_hand(api: Api, document: Document, schema: Schema, path: Path) -> Facts:
    text = (api.folder / api.expected).read_text(encoding="utf-8")
    return facts(resolve(parse_mapping(text, path), document, schema))


def _names(api: Api, document: Document, schema: Schema, path: Path) -> Facts:
    _, resolved = settle(propose(document, schema, _options(api)), document, schema, path)
    return facts(resolved)


def _learned(api: Api, document: Document, schema: Schema, path: Path) -> tuple[Facts, str]:
    guessed = propose(document, schema, _options(api))
    guessed, tried = settle(guessed, document, schema, path, threshold=LOOSE)
    observations = learn(Suite(tried.mapping, tried), allowed=True, dangerous=True)
    made, resolved = settle(confirm(guessed, observations, tried), document, schema, path)
    return facts(resolved), render(made)


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Variables set for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def speed() -> float:
    """Seconds for the proposal of 1,000 operations on 500 tables, written out."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "openapi.json"
        path.write_text(json.dumps(big_document()), encoding="utf-8")
        schema = big_schema()
        started = time.perf_counter()
        document = read_document(path)
        proposal, _ = settle(propose(document, schema), document, schema, Path(name) / "x.yaml")
        render(proposal)
        return time.perf_counter() - started


def run(*, learning: bool = True) -> list[dict[str, Any]]:
    """One row per API and way: name, ratio, goal (a lower bound; for speed an upper one), met."""
    rows = []
    for api in apis():
        with tempfile.TemporaryDirectory() as folder:
            measured = measure(api, Path(folder), learning=learning)
        rows.append(_row(measured, learned=False))
        if learning:
            rows.append(_row(measured, learned=True))
    seconds = speed()
    rows.append(
        {
            "name": "init: 1,000 operations on 500 tables, seconds of 5",
            "ratio": round(seconds / LIMIT_SECONDS, 3), "goal": 1.0,
            "met": seconds < LIMIT_SECONDS, "command": COMMAND, "detail": f"{seconds:.2f} s",
        }
    )  # fmt: skip
    return rows


def _row(measured: Measured, *, learned: bool) -> dict[str, Any]:
    agreement = measured.agreement(learned=learned)
    goal = measured.api.goals[1 if learned else 0]
    how = "learned" if learned else "by names"
    strict = measured.api.name == "shop"
    wrong = len(agreement.wrong)
    detail = f"{len(agreement.right)} right, {len(agreement.missing)} missing, {wrong} wrong"
    if learned:
        beside = compare(measured.learned or {}, measured.wanted, "transforms", "changes")
        detail += f"; transforms and changes {beside.share:.0%}; {measured.seconds:.0f} s"
    return {
        "name": f"init: {measured.api.name}, tables and columns {how}",
        "ratio": round(agreement.share, 3),
        "goal": goal,
        "met": agreement.share >= goal and not (strict and wrong),
        "command": COMMAND,
        "detail": detail,
    }


def main(say: Callable[[str], None] = print) -> int:
    """Print a line per row; exit code 1 when a goal is not met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", action="store_true", help="by names alone")
    rows = run(learning=not parser.parse_args().names)
    for row in rows:
        sign = "ok" if row["met"] else "NOT MET"
        say(f"{row['ratio']:<7}{row['goal']:<6}{sign:<9}{row['name']}: {row['detail']}")
    return 0 if all(row["met"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
