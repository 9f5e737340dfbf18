"""The pictures of the docs: the page in both modes, an open cell, the terminal, the comment.

They show a project after a run of its suite, in headless Chromium:

    SHOP_BUGS=not_committed gen-suite demo demo
    python -m benchmarks.pictures demo
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

OUTPUT = Path(__file__).parents[1] / "docs" / "pictures"
COLUMNS = 100
SHELL = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 16px 20px; background: {background}; color: {colour}; }}
body {{ font: {font}; }} pre {{ margin: 0; font: inherit; }}
table {{ border-collapse: collapse; }} td, th {{ border: 1px solid #d0d7de; padding: 5px 9px; }}
td, th {{ text-align: left; }} td:first-child {{ white-space: nowrap; }}
td code {{ overflow-wrap: anywhere; }} td:nth-child(2) code {{ white-space: nowrap; }}
code {{ font: 12px ui-monospace, monospace; background: #f3f5f8; padding: 1px 4px; }}
h2, h3 {{ margin: 12px 0 8px; }} details {{ margin: 8px 0; }} p, ul {{ margin: 8px 0; }}
</style>{body}"""


def main() -> int:
    """Write every picture anew."""
    folder = Path(sys.argv[1])
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        print("no Chromium on this machine", file=sys.stderr)
        return 2
    from playwright.sync_api import sync_playwright

    OUTPUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 760})
        _page(page, folder, Path(scratch))
        _terminal(page, folder, Path(scratch))
        _comment(page, folder, Path(scratch))
        browser.close()
    return 0


def _gaps(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "gen_suite", "gaps", *arguments],
        cwd=folder,
        env={"COLUMNS": str(COLUMNS), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _page(page: Page, folder: Path, scratch: Path) -> None:
    file = scratch / "report.html"
    file.write_text(_gaps(folder, "--format", "html"), encoding="utf-8")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(file.as_uri())
        page.screenshot(path=OUTPUT / f"page-{scheme}.png")
    page.emulate_media(color_scheme="light")
    page.goto(file.as_uri())
    page.locator("#matrix td.failed button").first.click()
    page.screenshot(path=OUTPUT / "cell.png")


def _terminal(page: Page, folder: Path, scratch: Path) -> None:
    from rich.console import Console
    from rich.text import Text

    text = _gaps(folder, "--color", "--top", "4")
    console = Console(record=True, width=COLUMNS, file=(scratch / "out.txt").open("w"))
    console.print(Text.from_ansi(text), soft_wrap=True)
    body = console.export_html(inline_styles=True, code_format="<pre>{code}</pre>")
    font = "13px/1.4 DejaVu Sans Mono, monospace"
    _shot(page, scratch, "terminal", body, background="#ffffff", colour="#1b1f24", font=font)


def _comment(page: Page, folder: Path, scratch: Path) -> None:
    from markdown_it import MarkdownIt

    text = _gaps(folder, "--format", "markdown", "--top", "6")
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    font = "14px/1.5 system-ui, sans-serif"
    _shot(page, scratch, "comment", body, background="#ffffff", colour="#1b1f24", font=font)


def _shot(page: Page, scratch: Path, name: str, body: str, **style: str) -> None:
    file = scratch / f"{name}.html"
    file.write_text(SHELL.format(body=body, **style), encoding="utf-8")
    page.set_viewport_size({"width": 980, "height": 300})
    page.goto(file.as_uri())
    page.screenshot(path=OUTPUT / f"{name}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
