"""One whole run on one application: from an empty database to a row of results."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gen_suite.cli.project import open_project
from gen_suite.errors import GenSuiteError
from gen_suite.matrix.merging import read_results
from gen_suite.matrix.results import FILE
from gen_suite.runtime.target import free_port

from . import databases, judging, truth
from .application import Application, Caller, Instance
from .install import install
from .server import prepare, running, serve_command
from .service import Service

HERE = Path(__file__).parent
IDLE_SECONDS = 8.0
"""How long the application is left alone to see what it writes by itself."""
_LEARNED = re.compile(r"^\s*((?:POST|PUT|PATCH|DELETE) \S+): (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    cache: Path
    folder: Path
    keep: bool
    only: tuple[str, ...] = ()
    seconds: float | None = None
    profile: str = "dev"
    faults: bool = False


@dataclass
class Work:
    """The folder of a run: spec, mapping, suite and the output of each command."""

    folder: Path
    variables: Mapping[str, str]
    minutes: dict[str, float] = field(default_factory=dict)
    exits: dict[str, int] = field(default_factory=dict)

    def gen_suite(self, name: str, *arguments: str) -> None:
        """Runs a gen-suite command; what it prints is kept in NAME.out and NAME.err."""
        self.run(name, [sys.executable, "-m", "gen_suite", name, *arguments])

    def run(self, name: str, words: Sequence[str], extra: Mapping[str, str] | None = None) -> None:
        output, errors = self.folder / f"{name}.out", self.folder / f"{name}.err"
        start = time.monotonic()
        with output.open("wb") as out, errors.open("wb") as err:
            done = subprocess.run(
                words,
                cwd=self.folder,
                env={**os.environ, **self.variables, **(extra or {})},
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        self.minutes[name] = round((time.monotonic() - start) / 60, 1)
        self.exits[name] = done.returncode

    def printed(self, name: str) -> str:
        """What a command printed, its messages behind its output."""
        files = [self.folder / f"{name}.{kind}" for kind in ("out", "err")]
        return "".join(
            file.read_text(encoding="utf-8", errors="replace") for file in files if file.exists()
        )


def run(application: Application, engine: str, options: Options) -> dict[str, Any]:
    """The row of an application on an engine."""
    install(application, options.cache)
    folder = options.folder / f"{application.name}-{engine}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "state").mkdir(parents=True)
    name = f"gs_strangers_{application.name}_{os.getpid()}"
    with databases.database(
        engine, name, folder, application.database_file, keep=options.keep
    ) as url:
        instance = Instance(
            application.name, options.cache, folder / "state", url, port=free_port()
        )
        callers = _fill(application, instance, folder)
        before = databases.content(url)
        with running(application, instance, folder / "server.log"):
            time.sleep(IDLE_SECONDS)
        idle_content = databases.content(url)
        idle = databases.differences(before, idle_content)
        variables = {key: value for one in callers for key, value in one.variables.items()}
        work = Work(folder, variables)
        _commands(work, instance, callers, options)
        row = _row(work, application.name)
        if options.faults and isinstance(application, Service):
            from .faults import faults_noticed, summary

            noticed = faults_noticed(application, work, options)
            row |= {"faults": summary(noticed), "noticed": noticed}
        changed = databases.differences(idle_content, databases.content(url))
        left = databases.unexplained(changed, idle)
        return {
            "framework": application.framework,
            "engine": engine,
            "time_limit": options.seconds,
            "exits": work.exits,
            "minutes": {**work.minutes, "all": round(sum(work.minutes.values()), 1)},
            **row,
            "background": databases.shown(idle),
            "changed": databases.shown(left),
            "rows_as_before": not left,
        }


def _fill(application: Application, instance: Instance, folder: Path) -> Sequence[Caller]:
    """Schema, first users, spec and tokens."""
    log = folder / "server.log"
    prepare(application, instance, log)
    with running(application, instance, log) as client:
        application.fill(client)
        text = application.spec(client, instance.cache)
        suffix = "json" if text.lstrip().startswith("{") else "yaml"
        (folder / f"openapi.{suffix}").write_text(text, encoding="utf-8")
        return application.callers(client)


def _commands(work: Work, instance: Instance, callers: Sequence[Caller], options: Options) -> None:
    spec = next(work.folder.glob("openapi.*")).name
    database = instance.database.render_as_string(hide_password=False)
    app = " ".join(serve_command(instance, "{python}", "{port}", "{database_url}"))
    actors = [word for caller in callers for word in ("--actor", caller.option)]
    only = [word for label in options.only for word in ("--only", label)]
    work.gen_suite("init", spec, "--database", database, "--allow-db", "--app", app, *actors)
    work.gen_suite("learn", "--allow-db", "--yes", *only)
    work.gen_suite("doctor", "--allow-db", "--format", "json")
    # Each fault that a service was given is to be looked for with all tests that there are.
    depth = ("--depth", "thorough") if options.faults else ()
    work.gen_suite("generate", "--allow-db", *depth, *only)
    run_suite(work, "pytest", options)
    work.gen_suite("gaps", "--matrix", "--format", "json")


CRASHES = {
    **dict.fromkeys(("init", "learn", "doctor", "generate", "gaps"), "Traceback (most recent call"),
    "pytest": "INTERNALERROR",
}
"""By what it is seen that a command broke down, where it should have said what was wrong."""


def count_again(name: str, engine: str, options: Options) -> dict[str, Any]:
    """What a kept run came to, by the judgements as they stand now: the part of the row they decide."""
    return _row(Work(options.folder / f"{name}-{engine}", {}), name)


def run_suite(
    work: Work,
    name: str,
    options: Options,
    *,
    files: Sequence[str] = ("tests/api",),
    variables: Mapping[str, str] | None = None,
) -> None:
    """Runs the emitted suite, or some of its files; the output is kept under that name."""
    words = [sys.executable, "-m", "pytest", "--allow-db", "-q", "--tb=short", "--no-header"]
    words += ["-p", "no:cacheprovider", "-p", "benchmarks.strangers.stop_in_time"]
    words += ["--rootdir", str(work.folder), "--gen-suite-profile", options.profile, *files]
    extra = {"PYTHONPATH": str(HERE.parents[1]), **(variables or {})}
    if options.seconds:
        extra["GEN_SUITE_SECONDS"] = str(options.seconds)
    work.run(name, words, extra)


def _row(work: Work, name: str) -> dict[str, Any]:
    """What the commands left behind, counted."""
    row = {
        "crashed": [each for each, text in CRASHES.items() if text in work.printed(each)],
        **_counted_learning(work),
        **_counted_cells(work),
        **_counted_tests(work, name),
    }
    cells = row["cells"]
    good = cells.get("green", 0) + row.get("cells_rightly_red", 0)
    return {**row, "good_cells_percent": percent(good, cells.get("applicable", 0))}


def learned(output: str) -> dict[str, bool]:
    """Operation -> whether `learn` had a success with it, from what it printed."""
    return {
        label: re.match(r"2\d\d\b", text) is not None for label, text in _LEARNED.findall(output)
    }


def _counted_learning(work: Work) -> dict[str, Any]:
    tried = learned(work.printed("learn"))
    return {"learn": {"tried": len(tried), "succeeded": sum(tried.values())}}


def _counted_cells(work: Work) -> dict[str, Any]:
    """How many cells came to what; those that the depth leaves out are asked of nobody."""
    try:
        report: dict[str, Any] = json.loads((work.folder / "gaps.out").read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        return {"cells": {}}
    cells = report["cells"]
    states = Counter(cell["state"] for cell in cells)
    applicable = len(cells) - states["not applicable"] - states["left out"]
    emitted = applicable - states["gap"]
    ran = states["passed"] + states["failed"] + states["skipped"] + states["proven"]
    return {
        "operations": len({cell["operation"] for cell in cells}),
        "cells": {
            "applicable": applicable,
            "emitted": emitted,
            "run": ran + states["not reached"],
            "green": states["passed"] + states["proven"],
            "red": states["failed"],
            "not_reached": states["not reached"],
            "skipped": states["skipped"],
            "left_out": states["left out"],
        },
    }


def _counted_tests(work: Work, name: str) -> dict[str, Any]:
    try:
        results = read_results(work.folder / FILE)
    except GenSuiteError as error:
        return {"tests": {}, "no_results": str(error)}
    judgements = judging.read_judgements(HERE / "judged" / f"{name}.yaml")
    counted = judging.judge(results.tests, judgements)
    _write_causes(work.folder / "causes.txt", counted)
    number = len(results.tests)
    return {
        "tests": {"all": number, **judging.outcomes(results.tests)},
        "remarks": len(results.findings),
        "cells_rightly_red": judging.rightly_red(results.tests, judgements),
        "failures": dict(counted.tests),
        "causes": dict(counted.causes),
        "false_alarm_percent": percent(counted.tests.get("false alarm", 0), number),
        "mapping": _counted_mapping(work, name),
    }


def _counted_mapping(work: Work, name: str) -> dict[str, Any]:
    stated = truth.read_truth(HERE / "truth" / f"{name}.yaml")
    mapping = work.folder / "gen-suite.yaml"
    named = re.findall(r"\$\{(\w+)\}", mapping.read_text(encoding="utf-8"))
    os.environ.update({variable: os.environ.get(variable, "unused") for variable in named})
    try:
        project = open_project(None, mapping)
    except GenSuiteError as error:
        return {"unreadable": str(error)}
    agreement = truth.agreement(project.resolved, stated)
    return {
        "tables": agreement.tables,
        "declared": agreement.declared,
        "right_percent": percent(agreement.right, agreement.tables),
        "wrong_percent": percent(agreement.wrong, agreement.declared),
        "ignored": agreement.ignored,
        "missing": list(agreement.missing),
        "mistaken": list(agreement.mistaken),
    }


def _write_causes(file: Path, counted: judging.Counted) -> None:
    """Every cause with its judgement and one test, most costly first: what a person judges by."""
    lines = []
    for kind, groups in counted.examples.items():
        for cause, test, number in groups:
            lines.append(f"{kind}: {number} tests: {cause.operation}: {cause.what}")
            lines.append(f"    {test.id}")
            lines.append(f"    {test.reason}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def percent(part: int, whole: int) -> float:
    """Rounded to a tenth; 0 of nothing."""
    return round(100 * part / whole, 1) if whole else 0.0
