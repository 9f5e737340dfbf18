"""`gen-suite gaps`."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from ..matrix.report import FORMATS, format_named
from ..matrix.report.view import View
from .project import colour_options, config_option, open_project, wants_colour

EPILOG = """\b
Examples:
  gen-suite gaps                                the last run of the suite
  gen-suite gaps --matrix                       the whole matrix after that run
  gen-suite gaps --fail-under 80                a gate: exit 1 below 80 % of the cells
  gen-suite gaps --format markdown > gaps.md    as a comment on a pull request
  gen-suite gaps unit.json nightly.json         several runs as one
"""


@click.command(epilog=EPILOG)
@click.argument("results", nargs=-1, type=click.Path(path_type=Path), metavar="[RESULTS]...")
@config_option
@click.option("--matrix", "whole", is_flag=True, help="The whole matrix instead of its gaps.")
@click.option("--top", type=int, default=None, help="Only so many gaps, the worst.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit 1 when less of the cells that apply was tested.",
)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="terminal")
@colour_options
def command(
    results: tuple[Path, ...],
    config: Path | None,
    whole: bool,
    top: int | None,
    fail_under: float | None,
    format_: str,
    colour: bool | None,
) -> int:
    """Show what the last run left untested, worst first, and what closes each gap."""
    from ..matrix.coverage import after_run, unfinished, unknown_covers
    from ..matrix.results import FILE, merge, read_results

    project = open_project(None, config)
    runs = [read_results(path) for path in results or (project.folder / FILE,)]
    run = merge(runs)
    matrix = project.matrix()
    view = View(
        after_run(matrix, run),
        results=run,
        warnings=(*unfinished(run), *unknown_covers(matrix, run)),
        colour=wants_colour(colour),
        width=max(shutil.get_terminal_size((140, 24)).columns, 100),
        top=top,
    )
    report = format_named(format_)
    text = report.matrix(view) if whole else report.gaps(view)
    click.echo(text, nl=False, color=view.colour)
    if fail_under is not None and view.coverage.percent < fail_under:
        click.echo(
            f"gate not met: {view.coverage.shown(1)} % tested, {fail_under:g} % wanted", err=True
        )
        return 1
    return 0
