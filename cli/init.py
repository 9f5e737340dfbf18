"""`gen-suite init`."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import UsageError
from ..mapping.infer import THRESHOLD
from ..mapping.infer.actors import read_actor
from ..mapping.model import FILE_NAME
from ..mapping.schema import Schema
from .project import allow_db_option, allow_refs_option
from .proposing import (
    Draft,
    absolute,
    look,
    make_draft,
    options_for,
    say_result,
    unset_variables,
)

EPILOG = """\b
Examples:
  gen-suite init openapi.yaml                          from names alone
  gen-suite init openapi.yaml --database sqlite:///shop.db --allow-db
  gen-suite init openapi.yaml --database $DATABASE_URL --allow-db \\
      --app "{python} -m uvicorn shop.app:app --port {port}" --actor alice=ALICE_TOKEN --learn
  gen-suite init --allow-db --diff                     what would be new in gen-suite.yaml

Behind each guess stands what it rests on. Tokens stay in the environment: --actor names variables.
"""


@click.command(epilog=EPILOG)
@click.argument("spec", required=False, type=click.Path(path_type=Path), metavar="[SPEC]")
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"The mapping file to write or add to; {FILE_NAME} here if left out.",
)
@click.option("--database", metavar="URL", help="SQLAlchemy URL of the test database.")
@allow_db_option
@click.option(
    "--app",
    metavar="HOW",
    help="How the API runs: a command with {port}, asgi:module:app, wsgi:module:app, or its address.",
)
@click.option("--worker", metavar="COMMAND", help="Command that works off jobs or an outbox.")
@click.option("--migrate", metavar="COMMAND", help="Command that builds and fills the database.")
@click.option(
    "--actor",
    "actors",
    multiple=True,
    metavar="NAME=VARIABLE[:SCHEME]",
    help="A caller and the environment variable with its token; SCHEME is one of the spec's, or one "
    "of bearer, basic, authorization, header.NAME, query.NAME, cookie.NAME, login:POST /PATH. "
    "Repeatable.",
)
@click.option(
    "--compatible-with",
    "older",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="An older document whose clients are still there. Repeatable.",
)
@allow_refs_option
@click.option(
    "--learn", "learning", is_flag=True, help="Run the operations to confirm the guesses."
)
@click.option("--yes", is_flag=True, help="With --learn: run dangerous operations too.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=THRESHOLD,
    show_default=True,
    help="How sure a guess must be to count.",
)
@click.option("--diff", is_flag=True, help="Show what would be written; write nothing.")
def command(
    spec: Path | None,
    config: Path | None,
    database: str | None,
    allow_db: bool,
    app: str | None,
    migrate: str | None,
    worker: str | None,
    actors: tuple[str, ...],
    older: tuple[Path, ...],
    allow_refs: tuple[Path, ...],
    learning: bool,
    yes: bool,
    threshold: float,
    diff: bool,
) -> None:
    """Propose the mapping file from the spec and the live schema; add to one that is there."""
    path = (config or Path(FILE_NAME)).absolute()
    spec = _spec(spec, path)
    schema = _schema(path, database, allow_db)
    named = tuple(read_actor(text) for text in actors)
    options = options_for(
        spec,
        path,
        database=database,
        app=app,
        migrate=migrate,
        worker=worker,
        actors=named,
        older=older,
        allow_refs=allow_refs,
    )
    draft = make_draft(spec, path, schema, options, threshold)
    _say_left_out(draft)
    if learning:
        from .learn import kept_seen, learned

        # What was guessed stays when the application does not start.
        draft = draft if diff else draft.written()
        kept = kept_seen(draft)
        draft = learned(draft, kept, allow_db=allow_db, dangerous=yes)
    if diff:
        click.echo(draft.diff(), nl=False)
        return
    made = draft.write()
    if learning:
        kept.remove()
    say_result(draft, made)
    _say_next(draft, made.text, learning=learning)


def _say_left_out(draft: Draft) -> None:
    """Errors of the spec, each an operation that is left out."""
    for problem in draft.document.problems:
        if problem.level == "error":
            click.echo(f"{problem.where}: {problem.level}: {problem.message}", err=True)


def _spec(spec: Path | None, path: Path) -> Path:
    if spec is not None:
        return spec.absolute()
    if not path.is_file():
        raise UsageError("which spec?", hint="gen-suite init openapi.yaml")
    from ..mapping.infer.settle import read_text

    return read_text(path.read_text(encoding="utf-8"), path).spec_path


def _schema(path: Path, database: str | None, allow_db: bool) -> Schema | None:
    """The schema of `--database`, else of the database that the file names, if it may be touched."""
    if database is not None:
        return look(absolute(database, Path.cwd()), (), allowed=allow_db)
    if not path.is_file():
        return None
    if not allow_db:
        from ..mapping.kept_schema import read_schema

        return read_schema(path.parent)
    from ..mapping.infer.settle import read_text
    from ..mapping.read import read_mapping

    target = read_text(path.read_text(encoding="utf-8"), path).target
    if target.database is None:
        return None
    if "unset-" in target.database:
        target = read_mapping(path).target  # says which variable is to be set
    return look(str(target.database), target.schemas, allowed=allow_db)


def _say_next(draft: Draft, text: str, *, learning: bool) -> None:
    lines = []
    if unset := unset_variables(text):
        lines.append(f"set {', '.join(unset)} in the environment")
    if "\n  app:" not in text:
        lines.append("state how the API runs, under target.app, or give --app")
    if not learning:
        lines.append("gen-suite learn --allow-db    runs the operations and corrects the guesses")
    lines.append("gen-suite doctor --allow-db   checks everything that a run needs")
    lines.append("gen-suite generate --allow-db && pytest --allow-db")
    click.echo("next:")
    for line in lines:
        click.echo(f"  {line}")
