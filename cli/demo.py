"""`gen-suite demo`."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import click

from ..errors import TargetError, UsageError
from .project import Project, colour_options, open_project, terminal_width, wants_colour

EPILOG = """\b
Examples:
  gen-suite demo                   into ./gen-suite-demo
  gen-suite demo /tmp/shop -- -n 2 what follows -- goes to pytest
"""

FILES = ("openapi.yaml", "openapi-1.yaml", "gen-suite.yaml")
MARK = ".gen-suite-demo"


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
    _say("5  what is tested now, and what is not, worst first", colour)
    _print_gaps(project, colour)
    _say("6  the database afterwards", colour)
    _compare_hashes(before, _hash(url))
    _say_what_next(folder, project)
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
    command += [f"--color={'yes' if colour else 'no'}", *arguments, "tests/api"]
    sys.stdout.flush()
    code = subprocess.run(command, cwd=folder, check=False).returncode
    click.echo()
    return code


def _print_gaps(project: Project, colour: bool) -> None:
    from ..matrix.coverage import after_run, unknown_covers
    from ..matrix.merging import read_results
    from ..matrix.report import format_named
    from ..matrix.report.view import View
    from ..matrix.results import FILE

    results = read_results(project.folder / FILE)
    matrix = project.matrix()
    view = View(
        after_run(matrix, results),
        results=results,
        warnings=unknown_covers(matrix, results),
        colour=colour,
        width=terminal_width(),
        top=8,
    )
    click.echo(format_named("terminal").matrix(view), color=colour)
    click.echo(format_named("terminal").gaps(view), color=colour)


def _compare_hashes(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    differing = [table for table in before if before[table] != after.get(table)]
    if differing:
        raise TargetError(f"these tables are not as they were: {', '.join(differing)}")
    click.echo(f"   all {len(before)} tables are as they were before the run, row for row\n")


def _say_what_next(folder: Path, project: Project) -> None:
    where = os.path.relpath(folder)
    suite = project.mapping.suite
    click.echo(
        f"Look further:\n"
        f"  cd {where}\n"
        f"  less {suite}/test_create_order.py      what a test looks like\n"
        f"  SHOP_BUGS=not_committed pytest --allow-db -x {suite}/test_create_webhook.py\n"
        f"                                         what a bug looks like\n"
        f"  gen-suite gaps                         everything that nothing tests yet\n"
        f"  gen-suite generate --diff              after a change of openapi.yaml or gen-suite.yaml"
    )


def _say(text: str, colour: bool) -> None:
    click.echo(click.style(text, bold=True) if colour else text)
