"""The page: what stands in it, that every text is escaped, and how large it gets."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser

from benchmarks.report_sample import big_view
from gen_suite.matrix.cell import State
from gen_suite.matrix.report.html import KEYS, gaps

from .sample import HOSTILE, view


class Page(HTMLParser):
    """The elements of a page with their attributes, and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False


def test_each_cell_stands_in_the_table_with_its_state() -> None:
    shown = view()
    page = Page(gaps(shown))
    classes = [(attrs.get("class") or "").split() for tag, attrs in page.elements if tag == "td"]
    states = Counter(names[0] for names in classes if names and names[0] in KEYS.values())
    assert states == {KEYS[state]: number for state, number in shown.counts.items()}
    assert sum("old" in names for names in classes) == 1
    assert sum("partly" in names for names in classes) == 1


def test_no_text_of_the_spec_becomes_markup() -> None:
    text = gaps(view())
    assert HOSTILE not in text
    page = Page(text)
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert "img" not in [tag for tag, _ in page.elements]
    data = json.loads(page.scripts[0])
    assert data["operations"][1]["s"] == HOSTILE


def test_the_page_asks_nobody_for_anything() -> None:
    page = Page(gaps(view()))
    for tag, attrs in page.elements:
        assert tag not in ("link", "iframe", "object", "base")
        assert "src" not in attrs
        assert not (attrs.get("href") or "").startswith(("http", "//"))
        assert not [name for name in attrs if name.startswith("on")]
    policies = [a["content"] for t, a in page.elements if a.get("http-equiv") is not None]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-\S+='; script-src 'sha256-\S+='; "
        r"base-uri 'none'; form-action 'none'",
        policies[0] or "",
    )


def test_a_cell_has_its_tests_with_source_evidence_and_remedy() -> None:
    data = json.loads(Page(gaps(view())).scripts[0])
    texts = data["texts"]
    create = data["operations"][0]
    cell = next(cell for cell in create["c"] if data["concerns"][cell[0]] == "persistence")
    assert data["states"][cell[1]] == "failed"
    assert (
        texts[cell[3]] == "pytest 'tests/api/test_create_order.py::test_create_order_persistence'"
    )
    (test,) = (data["tests"][place] for place in cell[6])
    assert (texts[test[0]], test[1], test[3]) == (
        "tests/api/test_create_order.py",
        "test_create_order_persistence",
        40,
    )
    assert "inserted orders(id=2)" in texts[test[8]]
    assert data["runs"][test[5]] == ["2026-01-02 10:30", "postgresql", "././"]
    assert create["e"][3] == ["inserts", "invoices", "", True]


def test_2000_operations_with_20000_results_are_6_mb_at_most() -> None:
    assert len(gaps(big_view()).encode()) <= 6_000_000


def test_before_a_run_the_page_shows_what_is_planned() -> None:
    from gen_suite.matrix.report.view import View

    from .sample import matrix

    page = Page(gaps(View(matrix())))
    classes = [attrs.get("class") for tag, attrs in page.elements if tag == "td"]
    assert classes.count(KEYS[State.PLANNED]) == 24
