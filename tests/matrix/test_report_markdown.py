"""The comment on a pull request: short, the rest folded, never too long to be posted."""

from __future__ import annotations

import re
from dataclasses import replace

from benchmarks.report_sample import big_results, big_view
from gen_suite.matrix.comparison import compare
from gen_suite.matrix.report.markdown import MARK, gaps, matrix
from gen_suite.matrix.report.view import View
from gen_suite.matrix.results import Results

from .sample import view


def unfolded(text: str) -> list[str]:
    return re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL).splitlines()


def big() -> View:
    """The big matrix with everything that a comment may have, and much of it."""
    shown = big_view()
    base = replace(big_results(), tests=big_results().tests[:9_000])
    findings = tuple(f"finding {number}" for number in range(40))
    return View(
        replace(shown.matrix, findings=findings),
        shown.results,
        warnings=tuple(f"warning {number}" for number in range(9)),
        comparison=compare(shown.matrix, shown.matrix, base),
    )


def test_60_lines_are_not_folded_at_most() -> None:
    for shown in (view(), big()):
        assert len(unfolded(gaps(shown))) <= 60


def test_a_comment_is_never_too_long() -> None:
    text = gaps(big())
    assert len(text) <= 65_536
    assert "left out for its length" in text


def test_the_rest_is_folded() -> None:
    text = gaps(view())
    assert "<summary>The matrix</summary>" in text
    assert "<summary>Where the results came from</summary>" in text
    assert text.count("<details>") == text.count("</details>")


def test_a_build_finds_its_own_comment() -> None:
    assert gaps(view()).startswith(MARK)
    assert matrix(view()).startswith(MARK)


def test_without_gaps_it_says_so() -> None:
    shown = view()
    done = View(replace(shown.matrix, cells=shown.matrix.cells[:3]), Results("2026", 1.0, ()))
    assert "no gaps: every cell that applies was tested" in gaps(done)
