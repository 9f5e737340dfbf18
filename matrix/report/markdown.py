"""Markdown, as a comment on a pull request shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .view import SIGNS, View


def matrix(view: View) -> str:
    """Operations down, concerns across, one sign a cell."""
    rows = (
        [_code(operation), *(SIGNS[cell.state] for cell in view.matrix.row(operation))]
        for operation in view.matrix.operations
    )
    table = _table(["operation", *view.concerns], rows)
    title = _text(view.matrix.title)
    return (
        f"## Coverage matrix: {title}\n\n{view.summary}\n\n{table}\n{view.legend}\n"
        f"{_findings(view)}"
    )


def gaps(view: View) -> str:
    """The untested cells, worst first, and what closes each."""
    rows = (
        [
            f"{gap.score} {gap.cell.risk}",
            _code(gap.cell.operation),
            gap.concerns,
            _text(gap.cell.reason or str(gap.cell.state)),
            _code(gap.cell.closes) if gap.cell.closes else "",
        ]
        for gap in view.shown_gaps
    )
    table = _table(["risk", "operation", "concerns", "why it is untested", "what closes it"], rows)
    warnings = "".join(f"\n> warning: {_text(warning)}" for warning in view.warnings)
    title = _text(view.matrix.title)
    head = f"## Untested, by risk: {title}\n\n{view.summary}\n\n"
    return f"{head}{_causes(view)}{table}{warnings}\n{_partly(view)}{_findings(view)}{_notes(view)}"


def _causes(view: View) -> str:
    if not view.causes:
        return ""
    rows = ([str(len(c.tests)), _text(c.text), _code(f"pytest {c.again!r}")] for c in view.causes)
    table = _table(["failures", "likely cause", "run again"], rows)
    return f"### Failures by likely cause\n\n{table}\n### Untested\n\n"


def _partly(view: View) -> str:
    reasons = "".join(f"- {_text(str(untold))}\n" for untold in view.untold)
    return f"\n### Partly tested\n\n{reasons}" if reasons else ""


def _findings(view: View) -> str:
    told = "".join(f"- {_text(finding)}\n" for finding in view.findings)
    return f"\n### Findings\n\n{told}" if told else ""


def _notes(view: View) -> str:
    return "".join(f"\n{_text(note)}\n" for note in view.notes)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _text(text: str) -> str:
    """Foreign text as one line of a cell; what Markdown or HTML would read stays visible instead."""
    one_line = " ".join(text.split())
    for char in "\\`*_{}[]<>#|&":
        one_line = one_line.replace(char, f"&#{ord(char)};")
    return one_line


def _code(text: str) -> str:
    return "`" + " ".join(text.split()).replace("`", "'").replace("|", "\\|") + "`"
