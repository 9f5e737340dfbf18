"""`gen-suite generate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .project import (
    allow_db_option,
    allow_refs_option,
    config_option,
    depth_option,
    open_project,
    spec_argument,
    strict_option,
)

if TYPE_CHECKING:
    from ..generator.write import FileChange
    from ..mapping.depth import Depth
    from .project import Project

EPILOG = """\b
Examples:
  gen-suite generate --allow-db                 look at the schema, emit the suite
  gen-suite generate --diff                     show what would change, write nothing
  gen-suite generate --check                    for CI: exit 1 when the suite is not up to date
  gen-suite generate --only "POST /orders"
  gen-suite generate --depth thorough           all tests, whatever the risk of an operation is

What you change in an emitted file stays: a later `generate` merges into it, or lays the new version
beside it. Without a mapping file no file is removed.
"""


@click.command(epilog=EPILOG)
@spec_argument
@config_option
@allow_db_option
@strict_option
@allow_refs_option
@click.option("--only", multiple=True, metavar="OPERATION", help='Only this one, "POST /orders".')
@depth_option("How much is emitted, whatever mapping and risk say; kept with the suite.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the suite.")
@click.option("--diff", is_flag=True, help="Show what would change; write nothing.")
@click.option("--check", is_flag=True, help="Exit 1 when something would change; write nothing.")
def command(
    spec: Path | None,
    config: Path | None,
    allow_db: bool,
    strict: bool,
    allow_refs: tuple[Path, ...],
    only: tuple[str, ...],
    depth: Depth | None,
    output: Path | None,
    diff: bool,
    check: bool,
) -> int:
    """Emit the suite, or bring it up to date with the spec and the mapping."""
    from .emit import emission, say_conflicts, shown

    project = open_project(
        spec,
        config,
        allow_db=allow_db,
        strict=strict,
        allow_refs=allow_refs,
        keep=not (diff or check),
    )
    _say_refs(project, allow_refs)
    folder = output or project.mapping.suite_path
    if depth is not None and folder.resolve() != project.mapping.suite_path.resolve():
        click.echo(
            f"a suite outside of {project.mapping.suite} does not remember --depth: write "
            f"`depth: {depth}` into {project.mapping.path.name}, or `suite:`",
            err=True,
        )
    emitted = emission(project, only, folder=folder, depth=depth)
    changes = emitted.changes(folder)
    if project.mapping.is_bare:
        changes = _without_removals(changes)
        click.echo("from the spec alone, without a mapping: no file is removed", err=True)
    emitted.say_left_out()
    pending = [change for change in changes if change.pending]
    if diff:
        click.echo("".join(change.diff() for change in pending), nl=False)
    if diff or check:
        click.echo(shown(changes, folder, would=True), err=True)
        return 1 if check and pending else 0
    emitted.write(changes, folder)
    click.echo(shown(changes, folder))
    sys.stdout.flush()
    return 1 if say_conflicts(changes, folder) else 0


def _say_refs(project: Project, allowed: tuple[Path, ...]) -> None:
    """The suite reads the spec too, and knows nothing of a command's `--allow-refs`."""
    stated = {folder.resolve() for folder in project.mapping.allowed_refs}
    missing = [str(folder.resolve()) for folder in allowed if folder.resolve() not in stated]
    if missing:
        click.echo(
            f"the suite reads the spec too: write `allow_refs: [{', '.join(missing)}]` into "
            f"{project.mapping.path.name}",
            err=True,
        )


def _without_removals(changes: list[FileChange]) -> list[FileChange]:
    """Without a mapping most tests cannot be planned; that is no reason for those that are there to go."""
    from ..generator.write import Action

    return [change for change in changes if change.action is not Action.REMOVED]
