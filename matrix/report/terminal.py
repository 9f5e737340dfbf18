"""For a terminal or the log of a build: 80 columns are enough, signs need no colour.

What may be copied (a command, a line of mapping) is never broken.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence

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
    State.LEFT_OUT: "dim",
    State.NOT_APPLICABLE: "dim",
}
MOST_LINES = 10
"""Lines of a list beside the gaps; the other formats have all."""
INDENT = 11
"""Columns before what is said of a gap: its score and risk."""
LEAST = 15
"""Columns that an operation has in any case."""
LEAST_LABEL = 24
"""Columns of the operation, before the names of concerns are shortened."""
RISKS = {"high": "bold red", "medium": "yellow", "low": "dim"}


Part = Table | Text


def matrix(view: View) -> str:
    """Operations down, concerns across, one sign a cell; long paths are wrapped, columns never."""
    names = _names(view)
    label = max(view.width - sum(map(_wide, names)), LEAST)
    table = Table(box=None, pad_edge=False, padding=(0, 0), header_style="bold")
    table.add_column("operation", no_wrap=True)
    for name in names:
        table.add_column(name, justify="center", no_wrap=True, min_width=_wide(name))
    for operation in view.matrix.operations:
        signs = [Text(SIGNS[c.state], STYLES[c.state]) for c in view.matrix.row(operation)]
        table.add_row(Text("\n".join(wrapped(operation, label))), *signs)
    end = [Text(""), Text(view.summary, "bold"), Text(view.legend, "dim")]
    if list(names) != list(view.concerns):
        end.append(Text(f"columns: {', '.join(view.concerns)}", "dim"))
    said = (*_omissions(view), *_findings(view), *_notes(view))
    return _printed(view, table, *said, *end)


def _names(view: View) -> Sequence[str]:
    """The concerns, shortened to four letters where they would leave no room for the operations."""
    longest = max(map(len, view.matrix.operations), default=0)
    if sum(map(_wide, view.concerns)) + max(longest, LEAST_LABEL) <= view.width:
        return view.concerns
    return [concern[:4] for concern in view.concerns]


def _wide(name: str) -> int:
    """The width of a column, with the space before it."""
    return len(name) + 1


def wrapped(label: str, width: int) -> list[str]:
    """A label in lines of so many columns, broken before a slash where that is possible."""
    lines, line = [], ""
    for segment in re.split(r"(?=/)", label):
        if "/" in line and len(line) + len(segment) > width:
            lines.append(line)
            line = "  "
        line += segment
        while len(line) > width:
            lines.append(line[:width])
            line = "  " + line[width:]
    return [*lines, line]


def gaps(view: View) -> str:
    """The untested cells, worst first, what closes each, and what to do next."""
    parts: list[Part] = [part for gap in view.shown_gaps for part in _gap(gap)]
    if not view.gaps:
        parts = [Text("no gaps: every cell that applies was tested", "green")]
    hidden = len(view.gaps) - len(view.shown_gaps)
    if hidden:
        parts.append(Text(f"... and {hidden} more: --top {len(view.gaps)}"))
    parts += [Text(f"warning: {warning}", "yellow") for warning in view.warnings]
    end = [Text(""), Text(view.summary, "bold")]
    if view.next_step:
        end.append(_whole(f"next: {view.next_step}"))
    return _printed(
        view,
        *_changes(view),
        *_causes(view),
        *parts,
        *_partly(view),
        *_omissions(view),
        *_findings(view),
        *_notes(view),
        *end,
    )


def _gap(gap: Gap) -> Iterator[Part]:
    """Risk, operation and concerns; why; what closes it."""
    cell = gap.cell
    table = Table.grid()
    table.add_column(no_wrap=True, width=INDENT)
    table.add_column(overflow="fold")
    about = Text(f"{cell.operation}  ", "bold").append(gap.concerns, STYLES[cell.state])
    table.add_row(Text(f"{gap.score:>2} {cell.risk}", RISKS[cell.risk]), about)
    table.add_row(Text(""), Text(cell.reason or str(cell.state)))
    yield table
    if cell.closes:
        yield _whole(f"{'':{INDENT}}-> {cell.closes}", "dim")


def _whole(text: str, style: str = "") -> Text:
    """A text that is not broken, so that it can be copied."""
    return Text(text, style, no_wrap=True)


def _changes(view: View) -> list[Text]:
    """What changed since the base, before everything else."""
    if not view.change:
        return []
    lines = [Text("since the base", "bold"), Text(view.change)]
    for kind, about in view.changes:
        shown, hidden = about[:MOST_LINES], len(about) - MOST_LINES
        lines += [Text(f"{kind}: {one}") for one in shown]
        lines += [Text(f"... and {hidden} more: --format markdown")] if hidden > 0 else []
    return [*lines, Text("")]


def _causes(view: View) -> list[Text]:
    if not view.causes:
        return []
    lines = summary(view.causes[:MOST_LINES])
    hidden = len(view.causes) - MOST_LINES
    return [
        Text("failures by likely cause", "bold red"),
        *(_whole(line) if "-> pytest" in line else Text(line) for line in lines),
        *([Text(f"... and {hidden} more causes: --format markdown")] if hidden > 0 else []),
        Text(""),
        Text("untested, by risk", "bold"),
    ]


def _partly(view: View) -> list[Text]:
    return _listed("partly tested", map(str, view.untold)) if view.untold else []


def _omissions(view: View) -> list[Text]:
    lines = (f"{omission}  -> {omission.closes}" for omission in view.omissions)
    return _listed("left out for its depth", lines) if view.omissions else []


def _findings(view: View) -> list[Text]:
    return _listed("findings", view.findings) if view.findings else []


def _listed(title: str, lines: Iterable[str]) -> list[Text]:
    """A title with the first lines of a list."""
    every = list(lines)
    shown = [Text(""), Text(title, "bold"), *map(Text, every[:MOST_LINES])]
    hidden = len(every) - MOST_LINES
    return [*shown, Text(f"... and {hidden} more: --format markdown")] if hidden > 0 else shown


def _notes(view: View) -> list[Text]:
    return [Text(""), *(Text(note, "dim") for note in view.notes)] if view.notes else []


def _printed(view: View, *parts: Part) -> str:
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
        console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"
