"""The numbers of all formats agree: cells of each state, tested and applicable cells, gaps."""

from __future__ import annotations

import json
import re
from collections import Counter

from gen_suite.matrix.report import format_named
from gen_suite.matrix.report.html import KEYS
from gen_suite.matrix.report.view import SIGNS

from .sample import view

VIEW = view(width=80)
COUNTS = {str(state): number for state, number in VIEW.counts.items()}
BY_SIGN = {SIGNS[state]: number for state, number in VIEW.counts.items()}
BY_KEY = {KEYS[state]: number for state, number in VIEW.counts.items()}


def gaps(name: str) -> str:
    return format_named(name).gaps(VIEW)


def matrix(name: str) -> str:
    return format_named(name).matrix(VIEW)


def test_what_the_sample_is() -> None:
    assert (VIEW.coverage.tested, VIEW.coverage.applicable) == (10, 26)
    assert sum(COUNTS.values()) == 27


def test_json() -> None:
    for text in (gaps("json"), matrix("json")):
        read = json.loads(text)
        assert read["counts"] == COUNTS
        assert (read["coverage"]["tested"], read["coverage"]["applicable"]) == (10, 26)
    assert Counter(cell["state"] for cell in json.loads(matrix("json"))["cells"]) == COUNTS


def test_terminal() -> None:
    text = matrix("terminal")
    cells = [line for line in text.splitlines() if re.match(r"(POST|DELETE) /", line)]
    signs = Counter(
        sign for line in cells for sign in re.findall(r"(?<=\s)[✓✗?!~n-]+(?=\s|$)", line)
    )
    assert signs == BY_SIGN


def test_markdown() -> None:
    lines = [line for line in matrix("markdown").splitlines() if line.startswith("| `")]
    signs = Counter(sign.strip() for line in lines for sign in line.strip("|").split("|")[1:])
    assert signs == BY_SIGN


def test_page() -> None:
    classes = re.findall(r'<td class="([a-z-]+)', gaps("html"))
    assert Counter(name for name in classes if name in BY_KEY) == BY_KEY
    states = re.findall(r'data-state="([a-z-]+)".*?<b>(\d+)</b>', gaps("html"))
    assert {key: int(number) for key, number in states} == BY_KEY


def test_sarif() -> None:
    (run,) = json.loads(gaps("sarif"))["runs"]
    assert len(run["results"]) == sum(len(gap.cells) for gap in VIEW.gaps)
    states = Counter(result["properties"]["state"] for result in run["results"])
    untold = sum(cell.elsewhere is not None for cell in VIEW.matrix.cells)
    assert states["not run"] == COUNTS["not run"]
    assert states["skipped"] == COUNTS["skipped"] - untold
    assert "10 of 26 cells" in run["properties"]["summary"]


def test_badges() -> None:
    assert json.loads(gaps("badge"))["message"] == "38 % tested"
    assert "38 % tested" in gaps("svg")


def test_every_format_has_the_summary() -> None:
    for name in ("terminal", "markdown", "html"):
        words = " ".join(gaps(name).split())
        assert "10 of 26 cells" in words
