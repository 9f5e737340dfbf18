"""`gen-suite matrix`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..matrix.report import FORMATS, format_named
from ..matrix.report.view import View
from .project import (
    allow_db_option,
    allow_refs_option,
    colour_options,
    config_option,
    depth_option,
    no_collection,
    open_project,
    output_options,
    put_out,
    spec_argument,
    strict_option,
    terminal_width,
    wants_colour,
)

if TYPE_CHECKING:
    from ..mapping.depth import Depth

EPILOG = """\b
Examples:
  gen-suite matrix openapi.yaml                 a bare spec: every gap says what closes it
  gen-suite matrix --allow-db                   with gen-suite.yaml and its database
  gen-suite matrix --depth thorough             what all tests would cover
  gen-suite matrix --only "POST /orders" --gaps
  gen-suite matrix --format json | jq .counts
"""


@click.command(epilog=EPILOG)
@spec_argument
@config_option
@allow_db_option
@strict_option
@allow_refs_option
@click.option("--only", multiple=True, metavar="OPERATION", help='Only this one, "POST /orders".')
@depth_option("As deep as `generate --depth` would test; by default as the suite is.")
@click.option("--gaps", "with_gaps", is_flag=True, help="The gaps and what closes each, instead.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="terminal")
@output_options
@colour_options
@no_collection()
def command(
    spec: Path | None,
    config: Path | None,
    allow_db: bool,
    strict: bool,
    allow_refs: tuple[Path, ...],
    only: tuple[str, ...],
    depth: Depth | None,
    with_gaps: bool,
    format_: str,
    output: Path | None,
    force: bool,
    colour: bool | None,
) -> None:
    """Show which risks of which write operation can be tested, before anything runs."""
    project = open_project(spec, config, allow_db=allow_db, strict=strict, allow_refs=allow_refs)
    for label in only:
        project.resolved.document.operation(label)
    view = View(
        project.matrix(only, depth=depth),
        colour=wants_colour(colour),
        width=terminal_width(),
        folder=project.folder,
        output=output,
        locate=project.resolved.document.locator(),
    )
    report = format_named(format_)
    text = report.gaps(view) if with_gaps else report.matrix(view)
    put_out(text, output, force=force, colour=view.colour)
