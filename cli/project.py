"""What most commands begin with: the mapping file, the spec, and the schema of the database."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import MappingError, UsageError
from ..files import replace_text
from ..mapping.depth import DEPTHS, Depth, unknown_depth
from ..mapping.document import read_spec
from ..mapping.kept_schema import read_schema, write_schema
from ..mapping.model import MappingFile
from ..mapping.older import read_older
from ..mapping.read import find_mapping, read_mapping
from ..mapping.resolve import Resolved, resolve
from ..mapping.schema import Schema
from ..matrix.build import Matrix, build
from ..matrix.depth import check_concerns

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

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


def _depth(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """The value of `--depth`; what is none is answered with the nearest."""
    if value is not None and value not in DEPTHS:
        raise click.BadParameter(unknown_depth(value))
    return value


def depth_option(what: str) -> Callable[[Command], Command]:
    """`--depth`, with what it does in a command."""
    metavar = f"[{'|'.join(DEPTHS)}]"
    return click.option("--depth", callback=_depth, metavar=metavar, help=what)


def colour_options(command: Command) -> Command:
    """`--color / --no-color`; by default colour on a terminal, and never where NO_COLOR is set."""
    return click.option(
        "--color/--no-color", "colour", default=None, help="Colour; by default on a terminal only."
    )(command)


def output_options(command: Command) -> Command:
    """`--output FILE`, and `--force` to replace what is there and is no report."""
    command = click.option(
        "--force", is_flag=True, help="Replace the file of --output, whatever it is."
    )(command)
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the report to a file instead.",
    )(command)


@contextmanager
def no_collection() -> Iterator[None]:
    """Without the collector of reference cycles, as a decorator of commands that read much and end.

    It would look through hundreds of thousands of objects, none of which can go before the end.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


LEAST_WIDTH = 60
MARK = "gen-suite"
"""Stands near the beginning of everything that `put_out` writes."""
NEAR = 4_000


def put_out(text: str, output: Path | None, *, force: bool, colour: bool) -> None:
    """Print a report, or write it to a file.

    Raises UsageError for a file that is there and is no report, unless that may be replaced.
    """
    if output is None:
        click.echo(text, nl=False, color=colour)
        return
    try:
        before = output.read_bytes()[:NEAR] if output.exists() else b""
        if before and MARK.encode() not in before and not force:
            raise UsageError(
                f"{output} exists and is no report of gen-suite",
                hint="name another file, or replace it with --force",
            )
        output.parent.mkdir(parents=True, exist_ok=True)
        replace_text(output, text)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}") from error
    click.echo(f"{output}", err=True)


@dataclass(frozen=True)
class Project:
    """Everything that was read."""

    mapping: MappingFile
    resolved: Resolved

    @property
    def folder(self) -> Path:
        return self.mapping.folder

    def matrix(self, only: tuple[str, ...] = (), *, depth: Depth | None = None) -> Matrix:
        """The coverage matrix before a run, of all write operations or of those named by `only`.

        It is as deep as `depth` says, else as the suite was emitted. Operations of which the last
        `generate` could not write the tests are gaps.
        """
        from ..matrix.emitted_depths import read_depths
        from ..matrix.left_out import read_left_out, without_left_out

        suite = self.mapping.suite_path
        depths = dict.fromkeys(self.labels, depth) if depth else read_depths(suite)
        return without_left_out(self.at_depths(depths).planned(only), read_left_out(suite))

    @property
    def labels(self) -> tuple[str, ...]:
        """All operations that can have tests."""
        return tuple(self.resolved.operations)

    def at_depths(self, asked: Mapping[str, Depth]) -> Project:
        """The same with operations, by label, at depths that the command line asked for."""
        mapping = self.mapping.at_depths(asked)
        return Project(mapping, replace(self.resolved, mapping=mapping))

    def planned(self, only: tuple[str, ...] = ()) -> Matrix:
        """The same as it is planned, whatever became of it."""
        from ..runtime.requests import look

        return build(self.resolved, only=only, look=look)


def open_project(
    spec: Path | None,
    config: Path | None,
    *,
    allow_db: bool | None = None,
    strict: bool = False,
    allow_refs: tuple[Path, ...] = (),
    keep: bool = True,
) -> Project:
    """Read mapping, spec and schema.

    Where the database may be touched, by `allow_db` or the environment, the schema is read anew, and
    with `keep` it is kept; None for a command that never looks at it.
    """
    from ..runtime.safety import is_permitted

    mapping = _mapping(spec, config)
    check_concerns(mapping)
    document = read_spec(mapping, strict=strict, allow_refs=allow_refs)
    for problem in document.problems:
        click.echo(f"{problem.where}: {problem.level}: {problem.message}", err=True)
    may_look = allow_db is not None and is_permitted(allow_db)
    schema = _look(mapping, keep=keep) if may_look else read_schema(mapping.folder)
    return Project(mapping, resolve(mapping, document, schema, read_older(mapping)))


def _mapping(spec: Path | None, config: Path | None) -> MappingFile:
    """The mapping asked for; that of a bare spec only where there is none of it.

    Raises MappingError for a file that cannot be used, UsageError for `--config` of another spec.
    """
    if spec is None:
        return read_mapping(config or find_mapping(Path.cwd()))
    path = config or _nearest()
    if path is None:
        return MappingFile.bare(spec)
    found = read_mapping(path)
    if found.spec_path.resolve() == spec.resolve():
        return found
    told = f"{path} maps {found.spec_path}, not {spec}"
    if config is not None:
        raise UsageError(told, hint="leave out one of the two, or correct `spec:` in the mapping")
    click.echo(f"{told}: that is read without a mapping", err=True)
    return MappingFile.bare(spec)


def _nearest() -> Path | None:
    try:
        return find_mapping(Path.cwd())
    except MappingError:  # there is none; one that is broken is found, and said when it is read
        return None


def _look(mapping: MappingFile, *, keep: bool) -> Schema | None:
    """Reflect the database that may be touched, if the mapping names one; kept if so asked."""
    target = mapping.target
    if target.database is None:
        return read_schema(mapping.folder)
    from ..mapping.reflect import reflect

    url = str(target.database)
    app = target.app.url if target.app else None
    check_database(True, url, app=app or "", schemas=target.schemas)
    schema = reflect(url, target.schemas)
    if keep:
        write_schema(schema, mapping.folder)
    return schema


def parse_url(url: str) -> URL:
    """A database URL in parts. Raises UsageError, which does not show it, for what is none."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number is a ValueError
        raise UsageError(
            "this is no database URL (it is not shown: it may hold a password)",
            hint="write dialect://user@host:port/database, as in sqlite:///shop.db",
        ) from None


def check_database(allowed: bool, url: str, *, app: str = "", schemas: Sequence[str] = ()) -> None:
    """Raise Refused for a database that may not be touched, UsageError for what is no URL of one."""
    from ..runtime.safety import check_allowed

    parse_url(url)
    check_allowed(allowed, url, app=app, schemas=schemas)


def shown_path(path: Path) -> Path:
    """A path as a person would write it from here."""
    import os

    try:
        return Path(os.path.relpath(path))
    except ValueError:  # another drive on Windows
        return path


def terminal_width() -> int:
    """The columns of the terminal, 80 where there is none; COLUMNS says otherwise."""
    return max(shutil.get_terminal_size((80, 24)).columns, LEAST_WIDTH)


def wants_colour(colour: bool | None) -> bool:
    """What was asked for, else whether standard output is a terminal and NO_COLOR is not set."""
    import os
    import sys

    if colour is not None:
        return colour
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
