"""`gen-suite demo`."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import TargetError, UsageError
from ..files import replace_text
from ..matrix.findings import worst_first
from .project import (
    Project,
    colour_options,
    open_project,
    shown_path,
    terminal_width,
    wants_colour,
)

if TYPE_CHECKING:
    from ..matrix.report.view import View

EPILOG = """\b
Examples:
  gen-suite demo                   into ./gen-suite-demo
  gen-suite demo /tmp/shop -- -n 2 what follows -- goes to pytest
"""

FILES = ("openapi.yaml", "openapi-1.yaml", "gen-suite.yaml")
MARK = ".gen-suite-demo"
REPORT = "report.html"
INDENT = 14
"""Columns before the sentences of the end."""


@click.command(epilog=EPILOG)
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
@click.argument("pytest_arguments", nargs=-1, metavar="[-- PYTEST...]")
@colour_options
def command(folder: Path | None, pytest_arguments: tuple[str, ...], colour: bool | None) -> int:
    """Do the whole job on the bundled shop API and an SQLite database of its own."""
    folder = (folder or Path("gen-suite-demo")).absolute()
    _check_requirements()
    _lay_out(folder)
    url = f"sqlite:///{folder / 'shop.db'}"
    os.environ["DATABASE_URL"] = url
    colour = wants_colour(colour)
    _say("1  the shop: spec, mapping and a database with its first rows", colour)
    _seed(folder)
    project = open_project(None, folder / "gen-suite.yaml", allow_db=True)
    click.echo(f"   {folder}/openapi.yaml, gen-suite.yaml, shop.db")
    before = _hash(url)
    _say("2  the matrix: what can be tested of each write operation", colour)
    _print_summary(project, colour)
    _say("3  the suite", colour)
    _generate(project)
    _say("4  its run, against the real API and the real database", colour)
    code = _run(folder, pytest_arguments, colour)
    _say("5  what came of it", colour)
    after = _hash(url)
    changed = tuple(table for table in before if before[table] != after.get(table))
    _print_ending(project, changed, len(before), colour)
    if changed:
        raise TargetError(f"these tables are not as they were: {', '.join(changed)}")
    return 1 if code else 0


def _check_requirements() -> None:
    missing = [name for name in ("fastapi", "uvicorn") if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the demo's shop needs {' and '.join(missing)}",
            hint='pip install "gen-suite[demo]"',
        )


def _lay_out(folder: Path) -> None:
    """Copy spec and mapping; a folder that is not a demo's is left alone."""
    if folder.exists() and not (folder / MARK).exists() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} holds something else", hint="name a new folder: gen-suite demo DIR"
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    shop = files("gen_suite.examples.shop")
    for name in FILES:
        (folder / name).write_text((shop / name).read_text(encoding="utf-8"), encoding="utf-8")


def _seed(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gen_suite.examples.shop.seed"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise TargetError(f"the shop's database could not be made:\n{done.stderr}")


def _hash(url: str) -> Mapping[str, str]:
    from ..runtime.database import open_database

    with open_database(url) as database:
        return database.hash()


def _print_summary(project: Project, colour: bool) -> None:
    from ..matrix.report.view import View

    view = View(project.matrix(), colour=colour, width=terminal_width())
    click.echo(f"   {view.summary}\n   the whole of it: gen-suite matrix\n")


def _generate(project: Project) -> None:
    from .emit import emission, shown

    start = time.perf_counter()
    emitted = emission(project)
    folder = project.mapping.suite_path
    changes = emitted.changes(folder)
    emitted.say_left_out()
    emitted.write(changes, folder)
    click.echo(f"   {shown(changes, folder)}, in {time.perf_counter() - start:.2f} s\n")


def _run(folder: Path, arguments: tuple[str, ...], colour: bool) -> int:
    command = [sys.executable, "-m", "pytest", "--allow-db", "-q", "--rootdir", str(folder)]
    command += ["-p", "gen_suite.runtime.progress", "-o", "console_output_style=classic"]
    command += [f"--color={'yes' if colour else 'no'}", *arguments, "tests/api"]
    sys.stdout.flush()
    code = subprocess.run(command, cwd=folder, check=False).returncode
    click.echo()
    return code


def _print_ending(project: Project, changed: Sequence[str], tables: int, colour: bool) -> None:
    from ..matrix.coverage import after_run
    from ..matrix.merging import read_results
    from ..matrix.report import format_named
    from ..matrix.report.view import View
    from ..matrix.results import FILE

    results = read_results(project.folder / FILE)
    report = project.folder / REPORT
    view = View(
        after_run(project.matrix(), results),
        results=results,
        folder=project.folder,
        output=report,
        locate=project.resolved.document.locator(),
    )
    replace_text(report, format_named("html").gaps(view))
    width = terminal_width()
    for label, text in ending(view, changed, tables, shown_path(report)):
        click.echo(_labelled(label, text, width, colour))
    for line in next_steps(shown_path(project.folder), project.mapping.suite):
        click.echo(_labelled("next" if line.startswith("cd ") else "", line, 0, colour))


def ending(
    view: View, changed: Sequence[str], tables: int, report: Path
) -> Iterator[tuple[str, str]]:
    """What a person reads after the run, a label and a sentence each.

    `changed` names the tables that are not as they were, of so many `tables`.
    """
    yield "tested", view.summary
    if view.causes:
        failed = sum(len(cause.tests) for cause in view.causes)
        tests = f"{failed} test{'s' * (failed > 1)}"
        yield "failed", f"{tests}; the likeliest cause: {view.causes[0].text}"
        yield "again", view.next_step
    if limits := view.engine_limits:
        number = sum(limit.tests for limit in limits)
        engines = ", ".join(dict.fromkeys(limit.engine or "this database" for limit in limits))
        elsewhere = list(dict.fromkeys(name for limit in limits for name in limit.elsewhere))
        where = f"; on {' or '.join(elsewhere)} they would" if elsewhere else ""
        yield "not here", f"{number} test{'s' * (number > 1)} cannot run on {engines}{where}"
    if view.findings:
        risks = {cell.operation: cell.risk for cell in view.matrix.cells}
        worst = worst_first(view.findings, risks)[0]
        yield "findings", f"{len(view.findings)} that no test settles; the worst: {worst}"
    if changed:
        yield "database", f"not as it was: {', '.join(changed)}"
    else:
        yield "database", f"all {tables} tables are as they were before the run, row for row"
    yield "report", f"{report}: the matrix, with the tests behind each cell, for a browser"


def next_steps(folder: Path, suite: str) -> Iterator[str]:
    """Commands to go on with, ready to be copied."""
    yield f"cd {folder}"
    yield f"less {suite}/test_create_order.py   # what a test looks like"
    yield (
        f"SHOP_BUGS=not_committed pytest --allow-db -x {suite}/test_create_webhook.py"
        "   # what a bug looks like"
    )
    yield "gen-suite gaps   # all findings, and what nothing tests"


def _labelled(label: str, text: str, width: int, colour: bool) -> str:
    """A label before a text that is broken at so many columns; 0 columns: it is not, it may be copied."""
    room = width - INDENT
    lines = (
        textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
        if width
        else [text]
    )
    shown = click.style(label, bold=True) if colour else label
    return f"\n{'':{INDENT}}".join(
        [f"   {shown}{'':{INDENT - 3 - len(label)}}{lines[0]}", *lines[1:]]
    )


def _say(text: str, colour: bool) -> None:
    click.echo(click.style(text, bold=True) if colour else text)
