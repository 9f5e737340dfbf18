"""The page in a real browser: filters and their address, cells, links, keyboard, themes, axe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gen_suite.matrix.report.html import gaps

from .sample import CREATE, PAY, REMOVE, view

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def report(tmp_path: Path, page: Page) -> Page:
    """The report of the sample, opened; the tests that it names lie where its links lead."""
    suite = tmp_path / "project" / "tests" / "api"
    suite.mkdir(parents=True)
    (suite / "test_create_order.py").write_text("def test_create_order_persistence(): ...\n")
    output = tmp_path / "out" / "report.html"
    output.parent.mkdir()
    output.write_text(gaps(view(folder=tmp_path / "project", output=output)), encoding="utf-8")
    page.goto(output.as_uri())
    return page


def rows(page: Page) -> list[str]:
    """The operations that are shown."""
    shown = page.locator("#matrix tbody tr:not([hidden]) th").all_inner_texts()
    return [" ".join(text.split()) for text in shown]


def cell(page: Page, operation: int, concern: str) -> object:
    names = page.locator("#matrix thead th").all_inner_texts()
    place = [name.strip() for name in names].index(concern) + 1
    return page.locator(f"#matrix tbody tr:nth-child({operation + 1}) > :nth-child({place}) button")


def choose(page: Page, **filters: str) -> None:
    for name, value in filters.items():
        if name == "q":
            page.locator("#filters [name=q]").fill(value)
        else:
            page.locator(f"#filters [name={name}]").select_option(value)


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ({"q": "removes"}, [REMOVE]),
        ({"q": "ORDERS post"}, [CREATE, PAY]),
        ({"risk": "high"}, [PAY]),
        ({"tag": "notes"}, [REMOVE]),
        ({"state": "failed"}, [CREATE]),
        ({"state": "gap"}, [PAY]),
        ({"state": "gap", "concern": "rollback"}, []),
        ({"state": "partly"}, [PAY]),
        ({"state": "old"}, [CREATE]),
        ({"state": "not-applicable", "risk": "low"}, [REMOVE]),
    ],
    ids=str,
)
def test_a_filter_shows_what_it_says_and_its_address_shows_it_again(
    report: Page, filters: dict[str, str], shown: list[str]
) -> None:
    choose(report, **filters)
    assert rows(report) == shown
    assert report.locator("#shown").inner_text() == f"{len(shown)} of 3 operations"
    address = report.url
    report.goto("about:blank")
    report.goto(address)
    assert rows(report) == shown
    report.get_by_role("button", name="All").click()
    report.locator("#shown", has_text="3 of 3 operations").wait_for()
    assert len(rows(report)) == 3
    assert "#" not in report.url


def test_a_concern_is_shown_alone(report: Page) -> None:
    choose(report, concern="rollback")
    visible = report.locator("#matrix thead th:visible").all_inner_texts()
    assert [name.strip() for name in visible] == ["operation", "rollback"]
    choose(report, concern="")
    assert report.locator("#matrix thead th:visible").count() == 10


def test_a_count_is_a_filter(report: Page) -> None:
    report.get_by_role("button", name="failed").first.click()
    assert rows(report) == [CREATE]


def test_a_cell_opens_to_its_tests_evidence_remedy_and_expected_changes(report: Page) -> None:
    cell(report, 0, "persistence").click()  # type: ignore[attr-defined]
    panel = report.get_by_role("dialog")
    assert panel.locator("h2").inner_text() == f"{CREATE} · persistence"
    text = panel.inner_text()
    assert "echoed and never stored" in text
    assert "inserted orders(id=2) {id: 2, title: 'amb'}" in text
    assert "pytest 'tests/api/test_create_order.py::test_create_order_persistence'" in text
    drawing = panel.get_by_role("img")
    assert drawing.get_attribute("aria-label") == (
        "POST /orders: inserts orders; inserts order_items (for each of items); "
        "updates products (stock -$item.quantity); inserts invoices, later; nothing else changes"
    )
    assert "#cell=POST" in report.url


def test_a_link_leads_to_the_test(report: Page) -> None:
    cell(report, 0, "persistence").click()  # type: ignore[attr-defined]
    report.get_by_role("link", name="tests/api/test_create_order.py:40").click()
    assert report.url.endswith("/project/tests/api/test_create_order.py#L40")
    assert "def test_create_order_persistence" in report.inner_text("body")


def test_a_gap_leads_to_its_cell_and_texts_of_the_spec_stay_text(report: Page) -> None:
    link = report.locator("section[aria-labelledby=gaps-title] a", has_text=PAY).first
    link.click()
    panel = report.get_by_role("dialog")
    panel.wait_for()
    assert panel.locator("h2").inner_text() == f"{PAY} · persistence"
    assert "<script>window.attacked" in panel.inner_text()
    assert report.evaluate("window.attacked") is None


def test_the_keyboard_alone_is_enough(report: Page) -> None:
    report.locator(".scroll").focus()
    report.keyboard.press("Tab")
    press = report.keyboard.press
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "End", "ArrowLeft", "Home", "ArrowUp"):
        press(key)
    for _ in range(4):
        press("ArrowRight")
    press("Enter")
    assert report.get_by_role("dialog").locator("h2").inner_text() == f"{CREATE} · persistence"
    press("Escape")
    assert not report.get_by_role("dialog").is_visible()
    press("ArrowDown")
    press("Enter")
    assert report.get_by_role("dialog").locator("h2").inner_text() == f"{PAY} · persistence"
    press("Escape")
    choose(report, q="removes")
    report.locator(".scroll").focus()
    press("Tab")
    press("Enter")
    assert report.get_by_role("dialog").locator("h2").inner_text() == REMOVE


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_serious_to_say(report: Page, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    report.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    report.locator(f"html[data-theme={scheme}]").wait_for(state="attached")
    for opened in (False, True):
        if opened:
            cell(report, 0, "persistence").click()  # type: ignore[attr-defined]
        violations = Axe().run(report).response["violations"]
        serious = [v["id"] for v in violations if v["impact"] in ("serious", "critical")]
        assert serious == []


def test_the_theme_is_of_the_system_until_somebody_chooses(report: Page) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    report.emulate_media(color_scheme="light")
    report.locator("html[data-theme=light]").wait_for(state="attached")
    light = report.evaluate(background)
    report.get_by_role("button", name="Dark").click()
    assert report.evaluate(background) != light


def test_in_print_all_rows_are_there_and_no_controls(report: Page) -> None:
    report.emulate_media(media="print")
    assert not report.locator("#filters").is_visible()
    assert report.locator("#matrix tbody tr:visible").count() == 3
    assert len(report.pdf()) > 10_000
