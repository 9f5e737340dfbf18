"""`gen-suite restore`."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import UsageError
from .project import allow_db_option, check_database, config_option

EPILOG = """\b
Examples:
  gen-suite restore --allow-db             after a run that was killed
  gen-suite restore --allow-db --discard   keep its rows, remove only triggers and log
"""


@click.command(epilog=EPILOG)
@config_option
@allow_db_option
@click.option("--database", metavar="URL", help="Another database than the mapping's.")
@click.option("--discard", is_flag=True, help="Keep the rows, remove what watched them.")
def command(config: Path | None, allow_db: bool, database: str | None, discard: bool) -> None:
    """Undo what a killed run left in the database, and remove its triggers.

    A run does this by itself when it starts; this is for when none will.
    """
    from ..mapping.read import find_mapping, read_mapping
    from ..runtime.database import restore

    url = database
    if url is None:
        mapping = read_mapping(config or find_mapping(Path.cwd()))
        url = str(mapping.target.database) if mapping.target.database else None
    if url is None:
        raise UsageError(
            "there is no database to restore", hint="state target.database, or --database"
        )
    check_database(allow_db, url)
    click.echo(str(restore(url, discard=discard)))
