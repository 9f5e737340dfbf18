"""Each format as it is: `pytest tests/matrix/test_report_golden.py --update-golden` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gen_suite import __version__
from gen_suite.matrix.report import FORMATS, format_named

from .sample import view

GOLDEN = Path(__file__).parent / "golden"


def shown(name: str, kind: str) -> str:
    """A report without the version and, of a page, without the style and script that all pages have."""
    report = format_named(name)
    text = getattr(report, kind)(view(width=80))
    if name == "html":
        text = re.sub(r"<style>.*?</style>", "<style></style>", text, flags=re.DOTALL)
        text = re.sub(r"<script>.*</script>", "<script></script>", text, flags=re.DOTALL)
        text = re.sub(r"sha256-[\w+/=]+", "sha256-...", text)
    return text.replace(f"gen-suite {__version__}", "gen-suite VERSION")


@pytest.mark.parametrize("kind", ["gaps", "matrix"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_as_it_was(name: str, kind: str, request: pytest.FixtureRequest) -> None:
    file = GOLDEN / f"{kind}.{name}.txt"
    if request.config.getoption("--update-golden"):
        file.write_text(shown(name, kind), encoding="utf-8")
    assert shown(name, kind) == file.read_text(encoding="utf-8")
