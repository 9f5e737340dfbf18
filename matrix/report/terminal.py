"""Tables for a terminal, through rich."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..causes import summary
from ..cell import State
from ..coverage import Gap
from .view import SIGNS, View

STYLES = {
    State.PASSED: "green",
    State.PROVEN: "bold green",
    State.FAILED: "bold red",
    State.NOT_REACHED: "yellow",
    State.SKIPPED: "yellow",
    State.PLANNED: "cyan",
    State.NOT_RUN: "yellow",
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
        table.add_column(_short(concern), justify="center")
    for operation in view.matrix.operations:
        signs = [Text(SIGNS[c.state], STYLES[c.state]) for c in view.matrix.row(operation)]
        table.add_row(Text(operation), *signs)
    end = [Text(""), Text(view.summary, "bold"), Text(view.legend, "dim")]
    return _printed(view, table, *_findings(view), *_notes(view), *end)


def _short(concern: str) -> str:
    """At most nine characters, so that nine columns fit beside the longest label."""
    return concern if len(concern) <= 9 else f"{concern[:7]}."


def gaps(view: View) -> str:
    """The untested cells, worst first, and what closes each: three lines that can be copied."""
    wide = max((len(gap.cell.operation) for gap in view.shown_gaps), default=0)
    lines = [line for gap in view.shown_gaps for line in _gap(gap, wide)]
    if not view.gaps:
        lines = [Text("no gaps: every cell that applies was tested", "green")]
    hidden = len(view.gaps) - len(view.shown_gaps)
    if hidden:
        lines.append(Text(f"... and {hidden} more: gen-suite gaps --top {len(view.gaps)}"))
    lines += [Text(f"warning: {warning}", "yellow") for warning in view.warnings]
    return _printed(
        view,
        *_causes(view),
        *lines,
        *_partly(view),
        *_findings(view),
        *_notes(view),
        Text(""),
        Text(view.summary, "bold"),
    )


def _causes(view: View) -> list[Text]:
    if not view.causes:
        return []
    return [
        Text("failures by likely cause", "bold red"),
        *map(Text, summary(view.causes)),
        Text(""),
        Text("untested, by risk", "bold"),
    ]


def _partly(view: View) -> list[Text]:
    if not view.partly:
        return []
    reasons = [Text(str(untold)) for untold in view.untold]
    return [Text(""), Text("partly tested", "bold"), *reasons]


def _findings(view: View) -> list[Text]:
    if not view.findings:
        return []
    return [Text(""), Text("findings", "bold"), *map(Text, view.findings)]


def _notes(view: View) -> list[Text]:
    return [Text(""), *(Text(note, "dim") for note in view.notes)] if view.notes else []


def _gap(gap: Gap, wide: int) -> Iterator[Text]:
    cell = gap.cell
    head = Text(f"{gap.score:>2} {cell.risk:<7} ", RISKS[cell.risk])
    yield head.append(f"{cell.operation:<{wide}}  ", "bold").append(
        gap.concerns, STYLES[cell.state]
    )
    yield Text(f"{'':11}{cell.reason or cell.state}")
    if cell.closes:
        yield Text(f"{'':11}-> {cell.closes}", "dim")


def _printed(view: View, *parts: Table | Text) -> str:
    out = io.StringIO()
    console = Console(
        file=out,
        width=view.width,
        force_terminal=view.colour,
        color_system="standard" if view.colour else None,
        no_color=not view.colour,
        highlight=False,
        legacy_windows=False,
    )
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
