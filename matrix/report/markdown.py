"""Markdown, as a comment on a pull request shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..coverage import Gap
from .view import SIGNS, View

MARK = "<!-- gen-suite -->"
"""By which a build finds its own comment, to replace it."""
MOST, SEVERAL, FEW = 10, 5, 3
"""Lines that are not folded: of gaps, of changes and causes, of other lists."""
ESCAPED = {ord(char): f"&#{ord(char)};" for char in "\\`*_{}[]<>#|&"}
LONGEST = 60_000
"""Characters; GitHub takes 65,536 in a comment."""


def matrix(view: View) -> str:
    """Operations down, concerns across, one sign a cell."""
    title = _text(view.matrix.title)
    return (
        f"{MARK}\n## Coverage matrix: {title}\n\n{view.summary}\n\n{_matrix_table(view)}\n"
        f"{view.legend}\n{_omissions(view)}{_findings(view)}{_notes(view)}"
    )


def _matrix_table(view: View) -> str:
    rows = (
        [_code(operation), *(SIGNS[cell.state] for cell in view.matrix.row(operation))]
        for operation in view.matrix.operations
    )
    return _table(["operation", *view.concerns], rows)


def gaps(view: View) -> str:
    """The worst of the untested cells and what closes them, for a comment: the rest is folded.

    What is not folded are 60 lines at most, the whole fits into a comment of GitHub.
    """
    title = _text(view.matrix.title)
    head = [
        MARK,
        f"## Untested, by risk: {title}",
        "",
        view.summary,
        "",
        *_changes(view),
        *_causes(view),
        *_untested(view),
    ]
    tail = [*(f"> warning: {_text(warning)}" for warning in view.warnings[:FEW]), ""]
    tail += _few("Partly tested", [str(untold) for untold in view.untold])
    tail += _few("Left out for its depth", [f"{o}: {o.closes}" for o in view.omissions])
    tail += _few("Findings", view.findings)
    tail += [_text(note) + "\n" for note in (view.outdated_note, view.engine_note) if note]
    text = "\n".join([*head, *tail]).rstrip("\n") + "\n"
    for fold in _folds(view):
        if len(text) + len(fold) > LONGEST:
            return f"{text}\nMore was left out for its length: `--format html` has all.\n"
        text += f"\n{fold}"
    return text


def _changes(view: View) -> Iterator[str]:
    if not view.change:
        return
    yield from ("### Since the base", "", _text(view.change), "")
    changes = [f"- {kind}: {_text(one)}" for kind, about in view.changes for one in about]
    yield from changes[:SEVERAL]
    if len(changes) > SEVERAL:
        yield f"- and {len(changes) - SEVERAL} more, below"
    yield ""


def _causes(view: View) -> Iterator[str]:
    if not view.causes:
        return
    rows = [
        [str(len(cause.tests)), _text(cause.text), _code(f"pytest {cause.again!r}")]
        for cause in view.causes
    ]
    yield "### Failures by likely cause"
    yield ""
    yield _table(["failures", "likely cause", "run again"], rows[:SEVERAL])
    if len(rows) > SEVERAL:
        yield f"and {len(rows) - SEVERAL} more causes, below\n"


def _untested(view: View) -> Iterator[str]:
    if not view.gaps:
        yield "no gaps: every cell that applies was tested\n"
        return
    if view.causes or view.change:
        yield "### Untested\n"
    yield _gaps_table(view.shown_gaps[:MOST])


def _gaps_table(gaps: Iterable[Gap]) -> str:
    rows = (
        [
            f"{gap.score} {gap.cell.risk}",
            _code(gap.cell.operation),
            gap.concerns,
            _text(gap.cell.reason or str(gap.cell.state)),
            _code(gap.cell.closes) if gap.cell.closes else "",
        ]
        for gap in gaps
    )
    return _table(["risk", "operation", "concerns", "why it is untested", "what closes it"], rows)


def _few(title: str, lines: Sequence[str]) -> list[str]:
    """A heading with the first of some lines; the fold below has all."""
    if not lines:
        return []
    shown = [f"- {_text(line)}" for line in lines[:FEW]]
    more = [f"- and {len(lines) - FEW} more, below"] if len(lines) > FEW else []
    return [f"### {title}", "", *shown, *more, ""]


def _folds(view: View) -> Iterator[str]:
    """What the comment has no room for, most wanted first."""
    changes = [f"{kind}: {one}" for kind, about in view.changes for one in about]
    if len(changes) > SEVERAL:
        yield _fold("Everything that changed since the base", _list(changes))
    rest = view.shown_gaps[MOST:]
    if rest:
        yield _fold(f"{len(rest)} more that are untested", _gaps_table(rest))
    if len(view.causes) > SEVERAL:
        causes = (f"{len(cause.tests)}: {cause.text}" for cause in view.causes)
        yield _fold("All causes of failures", _list(causes))
    for title, lines in (("partly tested", [*map(str, view.untold)]), ("findings", view.findings)):
        if len(lines) > FEW:
            yield _fold(f"All {len(lines)} {title}", _list(lines))
    if view.sources:
        yield _fold("Where the results came from", _list(view.sources))
    yield _fold("The matrix", f"{_matrix_table(view)}\n{view.legend}\n")


def _fold(title: str, content: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{content}\n</details>\n"


def _list(lines: Iterable[str]) -> str:
    return "".join(f"- {_text(line)}\n" for line in lines)


def _omissions(view: View) -> str:
    lines = "".join(f"- {_text(str(o))}: {_code(o.closes)}\n" for o in view.omissions)
    return f"\n### Left out for its depth\n\n{lines}" if lines else ""


def _findings(view: View) -> str:
    return f"\n### Findings\n\n{_list(view.findings)}" if view.findings else ""


def _notes(view: View) -> str:
    return "".join(f"\n{_text(note)}\n" for note in view.notes)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _text(text: str) -> str:
    """Foreign text as one line of a cell; what Markdown or HTML would read stays visible instead."""
    return " ".join(text.split()).translate(ESCAPED)


def _code(text: str) -> str:
    return "`" + " ".join(text.split()).replace("`", "'").replace("|", "\\|") + "`"
