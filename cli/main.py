"""`gen-suite`: its commands, imported when they are called, and the edge where errors are printed."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import click

from .. import __version__
from ..errors import GenSuiteError

COMMANDS: Mapping[str, str] = {
    "demo": "the whole job on the bundled shop API and SQLite",
    "init": "propose gen-suite.yaml from the spec and the live schema",
    "learn": "run the operations once and correct the mapping by what they wrote",
    "matrix": "the coverage matrix, before anything runs",
    "generate": "emit or update the suite",
    "scaffold": "start the tests of one endpoint",
    "gaps": "coverage after a run: what is untested, by risk",
    "doctor": "check spec, mapping, database, app and actors; say what to mend",
    "restore": "undo what a killed run left in the database",
}

COLLECTION = (50_000, 20, 20)
"""When garbage is collected: seldom, as what a command makes is needed until it ends, a fifth of its time."""

EPILOG = """\b
Start:      gen-suite demo
A spec:     gen-suite matrix openapi.yaml
A suite:    gen-suite generate --allow-db && pytest --allow-db
Afterwards: gen-suite gaps

Exit codes: 0 done, 1 a gate not met, 2 bad usage or input, 3 refused for safety.
"""


class LazyGroup(click.Group):
    """Commands by name; the module behind one is imported when it is asked for, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f".{cmd_name}", __package__).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them without importing a single one."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from ..mapping.names import did_you_mean

            raise click.UsageError(
                f"no command {args[0]!r}; {did_you_mean(args[0], COMMANDS)}", ctx
            )
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="gen-suite")
def gen_suite() -> None:
    """A pytest suite that proves what every write endpoint of an API did to its database.

    Reads an OpenAPI document and gen-suite.yaml, which says which endpoint writes which rows.
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code."""
    gc.set_threshold(*COLLECTION)
    try:
        code: Any = gen_suite.main(arguments, prog_name="gen-suite", standalone_mode=False)
    except GenSuiteError as error:
        click.echo(_shown(error), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


def _shown(error: GenSuiteError) -> str:
    place = f"{error.where}: " if error.where else ""
    hint = f"\n  {click.style('->', fg='cyan')} {error.hint}" if error.hint else ""
    return f"{place}{click.style('error:', fg='red', bold=True)} {error.message}{hint}"


if __name__ == "__main__":
    main()
