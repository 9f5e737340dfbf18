"""`gen-suite doctor`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from ..runtime.doctor import Check, Doctor
from .project import allow_db_option, colour_options, config_option, wants_colour

EPILOG = """\b
Examples:
  gen-suite doctor               files, environment, what the mapping leaves open
  gen-suite doctor --allow-db    database, application, actors and clocks too

Exit code 1 when something is wrong; a warning is none.
"""
SIGNS = {
    "ok": ("ok", "green"),
    "warning": ("!", "yellow"),
    "error": ("x", "red"),
    "skipped": ("-", ""),
}
WIDTH = 26


@click.command(epilog=EPILOG)
@config_option
@allow_db_option
@click.option("--format", "format_", type=click.Choice(["terminal", "json"]), default="terminal")
@colour_options
def command(config: Path | None, allow_db: bool, format_: str, colour: bool | None) -> int:
    """Check spec, mapping, database, application and actors; say what to mend."""
    doctor = Doctor(config or Path.cwd(), allow_db)
    found: list[Check] = []
    for check in doctor.run():
        found.append(check)
        if format_ == "terminal":
            click.echo(_line(check, colour=wants_colour(colour)))
    if format_ == "json":
        click.echo(json.dumps([asdict(check) for check in found], indent=1))
    else:
        click.echo(_summary(found))
    return 1 if any(check.result == "error" for check in found) else 0


def _line(check: Check, *, colour: bool) -> str:
    sign, tint = SIGNS[check.result]
    shown = click.style(f"{sign:<3}", fg=tint) if colour and tint else f"{sign:<3}"
    first, *rest = check.found.splitlines() or [""]
    lines = [f"{shown}{check.name:<{WIDTH}}{first}"]
    indent = " " * (WIDTH + 3)
    lines += [f"{indent}{line}" for line in rest]
    lines += [f"{indent}-> {line}" for line in check.advice.splitlines()]
    return "\n".join(lines)


def _summary(found: list[Check]) -> str:
    counts = {result: sum(check.result == result for check in found) for result in SIGNS}
    if not counts["error"] and not counts["warning"]:
        more = f", {counts['skipped']} not checked" if counts["skipped"] else ""
        return f"all {counts['ok']} checks are fine{more}"
    return (
        f"{counts['error']} wrong, {counts['warning']} to look at, {counts['ok']} fine, "
        f"{counts['skipped']} not checked"
    )
