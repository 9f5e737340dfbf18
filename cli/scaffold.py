"""`gen-suite scaffold`."""

from __future__ import annotations

from pathlib import Path

import click

from ..files import replace_text
from .project import Project, allow_db_option, config_option, open_project

EPILOG = """\b
Examples:
  gen-suite scaffold "POST /refunds"
  gen-suite scaffold "POST /refunds" --diff     show, write nothing

The operation must stand in the spec; its code need not exist yet. What cannot be known is a
skipped test that says what to decide, and counts as a gap until it is.
"""


@click.command(epilog=EPILOG)
@click.argument("operation")
@config_option
@allow_db_option
@click.option("--diff", is_flag=True, help="Show what would be written; write nothing.")
def command(operation: str, config: Path | None, allow_db: bool, diff: bool) -> int:
    """Start the tests of one endpoint: its entry in the mapping, and its module of the suite."""
    from ..generator.scaffold import guess, with_entry
    from ..generator.write import Action, FileChange
    from .emit import emission, say_conflicts, shown

    project = open_project(None, config, allow_db=allow_db, keep=not diff)
    label = project.resolved.document.operation(operation).label
    mapping = project.mapping
    pending: list[FileChange] = []
    if label not in mapping.operations:
        entry = guess(project.resolved.document.operation(label), project.resolved)
        after = with_entry(mapping.text, entry)
        project = _reread(project, after)
        pending.append(FileChange(mapping.path.name, Action.UPDATED, mapping.text, after))
    emitted = emission(project, (label,), with_gaps=True)
    folder = mapping.suite_path
    changes = emitted.changes(folder)
    emitted.say_left_out()
    if diff:
        click.echo("".join(change.diff() for change in (*pending, *changes)), nl=False)
        return 0
    emitted.write(changes, folder)
    for change in pending:
        replace_text(mapping.path, change.after or "")
        click.echo(f"{mapping.path}: an entry for {label}; look at its `decide` comments")
    click.echo(shown(changes, folder))
    for change in changes:
        if change.path != "conftest.py" and change.action is not Action.UNCHANGED:
            click.echo(f"  {folder / change.path}")
    return 1 if say_conflicts(changes, folder) else 0


def _reread(project: Project, text: str) -> Project:
    """The project as it will be with this mapping text; MappingError before anything is written."""
    from ..mapping.read import parse_mapping
    from ..mapping.resolve import resolve

    mapping = parse_mapping(text, project.mapping.path)
    resolved = resolve(mapping, project.resolved.document, project.resolved.schema)
    return Project(mapping, resolved)
