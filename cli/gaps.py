"""`gen-suite gaps`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from ..matrix.report import FORMATS, format_named
from ..matrix.report.view import View
from .project import (
    Project,
    colour_options,
    config_option,
    depth_option,
    no_collection,
    open_project,
    output_options,
    put_out,
    shown_path,
    terminal_width,
    wants_colour,
)

if TYPE_CHECKING:
    from ..mapping.depth import Depth
    from ..matrix.build import Matrix
    from ..matrix.outdated import Present
    from ..matrix.report.view import Moment
    from ..matrix.results import Results

EPILOG = """\b
Examples:
  gen-suite gaps                                the last run of the suite
  gen-suite gaps --matrix                       the whole matrix after that run
  gen-suite gaps --fail-under 80 --fail-under rollback=70 --fail-on high
                                                gates: exit 1 where one is not met
  gen-suite gaps --base main.json --no-regression   what changed since, and nothing worse
  gen-suite gaps --format markdown > gaps.md    as a comment on a pull request
  gen-suite gaps unit.json nightly.json         several runs as one
  gen-suite gaps --format html -o report.html   a page with the tests behind each cell
"""
TOP = 10
"""Gaps that the terminal shows; the other formats show all."""
MOST_MOMENTS = 30
"""Runs of which a report shows how much was tested after them."""


@click.command(epilog=EPILOG)
@click.argument("results", nargs=-1, type=click.Path(path_type=Path), metavar="[RESULTS]...")
@config_option
@click.option("--matrix", "whole", is_flag=True, help="The whole matrix instead of its gaps.")
@depth_option("Judge by this depth; by default by that of the suite.")
@click.option(
    "--top", type=int, default=None, help="Only so many gaps, the worst; in the terminal 10."
)
@click.option(
    "--base",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Results of before: what was newly covered and newly lost since, and what is new.",
)
@click.option(
    "--fail-under",
    multiple=True,
    metavar="PERCENT",
    help="Exit 1 when less of the cells that apply was tested; of one concern: rollback=70. Repeatable.",
)
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(("high", "medium", "low", "failed")),
    help="Exit 1 when something is untested in an operation of that risk or a higher one, or when a "
    "test failed. Repeatable.",
)
@click.option(
    "--no-regression", is_flag=True, help="Exit 1 when something is worse than in --base."
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="terminal")
@output_options
@colour_options
@no_collection()
def command(
    results: tuple[Path, ...],
    config: Path | None,
    whole: bool,
    depth: Depth | None,
    top: int | None,
    base: Path | None,
    fail_under: tuple[str, ...],
    fail_on: tuple[str, ...],
    no_regression: bool,
    format_: str,
    output: Path | None,
    force: bool,
    colour: bool | None,
) -> int:
    """Show what the last run left untested, worst first, and what closes each gap."""
    from ..matrix.comparison import compare
    from ..matrix.coverage import unfinished, unknown_covers
    from ..matrix.gates import not_met, read_gates
    from ..matrix.gathering import gather
    from ..matrix.merging import read_results
    from ..matrix.outdated import Present
    from ..matrix.results import FILE

    gates = read_gates(fail_under, fail_on, no_regression)
    if no_regression and base is None:
        raise UsageError("--no-regression needs --base FILE, the results to compare with")
    project = open_project(None, config)
    present = Present(project.resolved, project.folder)
    gathered = gather(results or (project.folder / FILE,), present)
    run = gathered.results
    matrix = project.matrix(depth=depth)
    after = _after_run(project, matrix, run, present)
    view = View(
        after,
        results=run,
        warnings=(*gathered.warnings, *unfinished(run), *unknown_covers(matrix, run)),
        colour=wants_colour(colour),
        width=terminal_width(),
        top=TOP if top is None and format_ == "terminal" else top,
        folder=project.folder,
        output=output,
        locate=project.resolved.document.locator(),
        history=_history(matrix, gathered.several),
        comparison=compare(matrix, after, read_results(base)) if base is not None else None,
    )
    reasons = list(not_met(gates, after, run, view.gaps, view.comparison))
    for reason in reasons:
        click.echo(f"gate not met: {reason}", err=True)
    report = format_named(format_)
    text = report.matrix(view) if whole else report.gaps(view)
    put_out(text, output, force=force, colour=view.colour)
    return 1 if reasons else 0


def _history(matrix: Matrix, several: Sequence[Results]) -> tuple[Moment, ...]:
    """What was tested after each of several runs, the oldest first: of two on, the last so many."""
    from ..matrix.coverage import after_run, coverage
    from ..matrix.merging import merge
    from ..matrix.report.view import Moment

    if len(several) < 2:
        return ()
    ordered = sorted(several, key=lambda results: results.started)
    places = range(max(len(ordered) - MOST_MOMENTS, 0), len(ordered))
    return tuple(
        Moment(
            ordered[place].started,
            coverage(after_run(matrix, merge(ordered[: place + 1])).cells),
        )
        for place in places
    )


def _after_run(project: Project, matrix: Matrix, run: Results, present: Present) -> Matrix:
    """The matrix after a run; where cells have no result the suite is asked whether it has tests of them."""
    from ..matrix.cell import State
    from ..matrix.coverage import after_run
    from ..matrix.marks import marked_cells
    from ..matrix.outdated import outdated

    old = outdated(run, present)
    after = after_run(matrix, run, old=old)
    if not any(cell.state is State.NOT_RUN for cell in after.cells):
        return after
    suite = project.mapping.suite_path
    marked = {cell: shown_path(file) for cell, file in marked_cells(suite).items()}
    return after_run(matrix, run, old=old, marked=marked)
