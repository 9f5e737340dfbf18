"""The terminal: 80 columns, long paths, what is left out, and what to do next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gen_suite.matrix.build import Matrix
from gen_suite.matrix.cell import Cell, State
from gen_suite.matrix.concerns import concerns
from gen_suite.matrix.report.terminal import gaps, matrix, wrapped
from gen_suite.matrix.report.view import View
from gen_suite.matrix.results import Results, TestResult

from .sample import view

LONG = "PATCH /organizations/{organizationId}/repositories/{repositoryId}/environments/{environment}/deployment-protection-rules/{id}"


def long_view(label: str = LONG, **more: object) -> View:
    cells = tuple(
        Cell(label, concern.name, State.GAP, "why " * 40, "resources: {note: {table: notes}}")
        for concern in concerns()
    )
    return View(Matrix("Long", cells), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("make", [view, long_view], ids=["short", "long"])
def test_all_concerns_are_there_whatever_the_width(width: int, make) -> None:
    text = matrix(make(width=width))
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    assert [name[:4] for name in lines[0].split()[1:]] == [c.name[:4] for c in concerns()]
    assert "…" not in text


def test_a_long_path_is_wrapped_and_whole() -> None:
    lines = matrix(long_view(width=80)).splitlines()
    last = next(place for place, line in enumerate(lines) if not line)
    assert "".join(line[:35].strip() for line in lines[1:last]).replace(" ", "") == LONG.replace(
        " ", ""
    )
    assert lines[1].count("!") == 9


def test_a_label_breaks_before_a_slash() -> None:
    assert wrapped("PUT /users/{userId}/password", 20) == ["PUT /users/{userId}", "  /password"]
    assert wrapped("PUT /" + "a" * 12, 8) == ["PUT /aaa", "  aaaaaa", "  aaa"]


def test_wide_terminals_name_the_concerns_in_full() -> None:
    head = matrix(view(width=140)).splitlines()[0]
    assert head.split() == ["operation", *(concern.name for concern in concerns())]


def test_what_can_be_copied_is_not_broken_and_all_else_fits() -> None:
    lines = gaps(view(width=80)).splitlines()
    too_long = [line for line in lines if len(line) > 80]
    assert all("-> " in line or line.startswith("next: ") for line in too_long)
    (closes,) = (line for line in gaps(long_view(width=80)).splitlines() if "-> " in line)
    assert closes.endswith("-> resources: {note: {table: notes}}")


def test_only_so_many_gaps_are_shown_and_the_others_counted() -> None:
    text = gaps(view(width=80, top=2))
    assert "... and 4 more: --top 6" in text


def test_lists_beside_the_gaps_are_cut() -> None:
    shown = view(width=80)
    findings = tuple(f"finding {number}" for number in range(25))
    text = gaps(replace(shown, matrix=replace(shown.matrix, findings=findings)))
    assert "finding 9" in text
    assert "finding 10" not in text
    assert "... and 16 more: --format markdown" in text


def test_the_next_command_is_that_of_a_failure_then_of_the_worst_gap() -> None:
    failed = "next: pytest 'tests/api/test_create_order.py::test_create_order_persistence'"
    assert gaps(view(width=80)).splitlines()[-1] == failed
    line = (
        "next: add the first of these lines to gen-suite.yaml, then gen-suite generate --allow-db"
    )
    assert gaps(long_view(width=80)).splitlines()[-1] == line
    done = Matrix("Done", (Cell("POST /a", "success", State.PASSED),))
    run = Results("2026-01-01", 1.0, (TestResult("t", "passed", 0.1, (("POST /a", "success"),)),))
    assert gaps(View(done, run)).splitlines()[-1].startswith("1 write operations, 1 of 1 cells")


def test_signs_need_no_colour() -> None:
    plain = matrix(view(width=80))
    assert "\x1b" not in plain
    assert "\x1b" in matrix(view(width=80, colour=True))
