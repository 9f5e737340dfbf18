"""The reports of 2,000 operations with 20,000 results: each format, and the page in a browser.

Seconds of formats stand beside `json.loads` of the results file in the same run; those of the page
are what Chromium itself measures, and left out where there is none.

    python -m benchmarks report
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gen_suite.matrix.report import FORMATS, format_named

from .report_sample import big_results, big_view, write_big_project

COMMAND = "python -m benchmarks report"
ROUNDS = 3
LEAST = 0.05
"""Seconds of a format that are worth a row."""
FILTERS = (
    ("q", "resource-12"),
    ("q", ""),
    ("concern", "rollback"),
    ("state", "failed"),
    ("concern", ""),
    ("risk", "high"),
    ("state", ""),
    ("risk", ""),
)
FILTER = """async ([name, value]) => {
  const form = document.getElementById("filters");
  form.elements[name].value = value;
  const start = performance.now();
  form.dispatchEvent(new Event("input", {bubbles: true}));
  document.body.offsetHeight;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
}"""


def run() -> list[dict[str, Any]]:
    """A row for each format, for the size of the page, its first paint, and its slowest filter."""
    view = big_view()
    text = json.dumps(big_results().to_json())
    loads, _ = _fastest(lambda: json.loads(text))
    rows = [_whole_command(name) for name in ("terminal", "html", "markdown", "json")]
    for name in FORMATS:
        seconds, _ = _fastest(lambda name=name: format_named(name).gaps(view))
        detail = f"{seconds / loads:.1f} x json.loads of the results"
        if seconds >= LEAST:
            rows.append(_row(f"report as {name}, seconds", seconds, 2.0, detail))
    page = format_named("html").gaps(view)
    rows.append(_row("the page, MB", len(page.encode()) / 1e6, 6.0, "2,000 operations"))
    return [*rows, *_in_browser(page)]


def _whole_command(name: str) -> dict[str, Any]:
    """Processor seconds of `gen-suite gaps`: reading spec and results, planning, reporting."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        write_big_project(folder)
        command = [sys.executable, "-m", "gen_suite", "gaps", "--format", name]
        best = float("inf")
        for _ in range(ROUNDS):
            before = _children()
            subprocess.run(command, cwd=folder, capture_output=True, check=True)
            best = min(best, _children() - before)
    return _row(
        f"gen-suite gaps --format {name}, processor seconds", best, 2.0, "a process of its own"
    )


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _fastest(call: Any) -> tuple[float, Any]:
    best, result = float("inf"), None
    for _ in range(ROUNDS):
        start = time.perf_counter()
        result = call()
        best = min(best, time.perf_counter() - start)
    return best, result


def _in_browser(page: str) -> list[dict[str, Any]]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return []
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        return []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        paints, filters = [], []
        for _ in range(ROUNDS):
            tab = browser.new_page()
            tab.goto(file.as_uri())
            paints.append(tab.evaluate("performance.getEntriesByType('paint').at(-1).startTime"))
            filters.append(max(tab.evaluate(FILTER, list(chosen)) for chosen in FILTERS))
            tab.close()
        version = browser.version
        browser.close()
    detail = f"headless Chromium {version}, fastest of {ROUNDS}"
    return [
        _row("the page, seconds to its first paint", min(paints) / 1000, 1.0, detail),
        _row("the page, seconds of its slowest filter", min(filters) / 1000, 0.2, detail),
    ]


def _row(name: str, ratio: float, goal: float, detail: str) -> dict[str, Any]:
    return {
        "name": name,
        "ratio": round(ratio, 3),
        "goal": goal,
        "met": ratio <= goal,
        "command": COMMAND,
        "detail": detail,
    }
