"""Tables for a terminal, through rich."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..cell import State
from .view import SIGNS, View

STYLES = {
    State.PASSED: "green",
    State.PROVEN: "bold green",
    State.FAILED: "bold red",
    State.SKIPPED: "yellow",
    State.PLANNED: "cyan",
    State.COVERED: "cyan",
    State.GAP: "bold yellow",
    State.NOT_APPLICABLE: "dim",
}
RISKS = {"high": "bold red", "medium": "yellow", "low": "dim"}


def matrix(view: View) -> str:
    """Operations down, concerns across, one sign a cell."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("operation", no_wrap=True)
    for concern in view.concerns:
        table.add_column(concern, justify="center")
    for operation in view.matrix.operations:
        signs = [Text(SIGNS[c.state], STYLES[c.state]) for c in view.matrix.row(operation)]
        table.add_row(Text(operation), *signs)
    return _printed(view, table, Text(""), Text(view.summary, "bold"), Text(view.legend, "dim"))


def gaps(view: View) -> str:
    """The untested cells, worst first, and what closes each."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("risk", "operation", "concerns", "why it is untested, and what closes it"):
        table.add_column(heading, no_wrap=heading in ("risk", "operation"))
    for gap in view.shown_gaps:
        cell = gap.cell
        why = Text(cell.reason or str(cell.state))
        if cell.closes:
            why.append(f"\n-> {cell.closes}", "dim")
        table.add_row(
            Text(f"{gap.score:>2} {cell.risk}", RISKS[cell.risk]),
            Text(cell.operation),
            Text(gap.concerns, STYLES[cell.state]),
            why,
        )
    hidden = len(view.gaps) - len(view.shown_gaps)
    more = [Text(f"... and {hidden} more: gen-suite gaps --top {len(view.gaps)}")] if hidden else []
    warnings = [Text(f"warning: {warning}", "yellow") for warning in view.warnings]
    body = [table] if view.gaps else [Text("no gaps: every cell that applies was tested", "green")]
    return _printed(view, *body, *more, *warnings, Text(""), Text(view.summary, "bold"))


def _printed(view: View, *parts: Table | Text) -> str:
    out = io.StringIO()
    console = Console(
        file=out,
        width=view.width,
        force_terminal=view.colour,
        no_color=not view.colour,
        highlight=False,
        legacy_windows=False,
    )
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
