"""What most commands begin with: the mapping file, the spec, and the schema of the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from ..errors import MappingError
from ..mapping.kept_schema import read_schema, write_schema
from ..mapping.model import MappingFile
from ..mapping.older import read_older
from ..mapping.read import find_mapping, read_mapping
from ..mapping.resolve import Resolved, resolve
from ..mapping.schema import Schema
from ..matrix.build import Matrix, build
from ..spec.read import read_document

Command = TypeVar("Command", bound=Callable[..., Any])

spec_argument = click.argument(
    "spec", required=False, type=click.Path(path_type=Path), metavar="[SPEC]"
)
config_option = click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The mapping file; by default the nearest gen-suite.yaml up from here.",
)
allow_db_option = click.option(
    "--allow-db", is_flag=True, help="Allow to connect to the database of the mapping."
)
strict_option = click.option(
    "--strict", is_flag=True, help="Validate the spec in full; what is wrong with it is an error."
)
allow_refs_option = click.option(
    "--allow-refs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder outside of the spec's that its $refs may lead to. Repeatable.",
)


def colour_options(command: Command) -> Command:
    """`--color / --no-color`; by default colour on a terminal, and never where NO_COLOR is set."""
    return click.option(
        "--color/--no-color", "colour", default=None, help="Colour; by default on a terminal only."
    )(command)


@dataclass(frozen=True)
class Project:
    """Everything that was read."""

    mapping: MappingFile
    resolved: Resolved

    @property
    def folder(self) -> Path:
        return self.mapping.folder

    def matrix(self, only: tuple[str, ...] = ()) -> Matrix:
        """The coverage matrix before a run, of all write operations or of those named by `only`."""
        from ..runtime.requests import look

        return build(self.resolved, only=only, look=look)


def open_project(
    spec: Path | None,
    config: Path | None,
    *,
    allow_db: bool | None = None,
    strict: bool = False,
    allow_refs: tuple[Path, ...] = (),
) -> Project:
    """Read mapping, spec and schema.

    Where the database may be touched, by `allow_db` or the environment, the schema is read anew and
    kept; None for a command that never looks at it.
    """
    from ..runtime.safety import is_permitted

    mapping = _mapping(spec, config)
    document = read_document(mapping.spec_path, strict=strict, allow_refs=allow_refs)
    for problem in document.problems:
        click.echo(f"{problem.where}: {problem.level}: {problem.message}", err=True)
    may_look = allow_db is not None and is_permitted(allow_db)
    schema = _look(mapping) if may_look else read_schema(mapping.folder)
    return Project(mapping, resolve(mapping, document, schema, read_older(mapping)))


def _mapping(spec: Path | None, config: Path | None) -> MappingFile:
    if config is not None:
        return read_mapping(config)
    if spec is None:
        return read_mapping(find_mapping(Path.cwd()))
    try:
        found = read_mapping(find_mapping(Path.cwd()))
    except MappingError:
        return MappingFile.bare(spec)
    return found if found.spec_path.resolve() == spec.resolve() else MappingFile.bare(spec)


def _look(mapping: MappingFile) -> Schema | None:
    """Reflect the database that may be touched, if the mapping names one, and keep what was found."""
    target = mapping.target
    if target.database is None:
        return read_schema(mapping.folder)
    from ..mapping.reflect import reflect
    from ..runtime.safety import check_allowed

    url = str(target.database)
    app = target.app.url if target.app else None
    check_allowed(True, url, app=app or "", schemas=target.schemas)
    schema = reflect(url, target.schemas)
    write_schema(schema, mapping.folder)
    return schema


def wants_colour(colour: bool | None) -> bool:
    """What was asked for, else whether standard output is a terminal and NO_COLOR is not set."""
    import os
    import sys

    if colour is not None:
        return colour
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
