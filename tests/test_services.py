"""The four services in tests/examples that are written in the ordinary style of their frameworks.

What they say of their faults is what stands in their code; `python -m benchmarks.services` runs them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent / "examples"
FAULTS = {
    "helpdesk": "faults.py",
    "courses": "academy/faults.py",
    "storeroom": "faults.js",
    "expenses": "expenses/faults.py",
}
_ENTRY = re.compile(
    r"""^\s+"?(\w+)"?: ["'](?:POST|PUT|PATCH|DELETE) /\S*: .+["'],$""", re.MULTILINE
)
_USE = re.compile(r"""fault\(["'](\w+)["']\)""")


@pytest.mark.parametrize("service", FAULTS)
def test_each_fault_is_listed_with_its_operation_and_stands_in_the_code(service: str) -> None:
    catalogue = EXAMPLES / service / FAULTS[service]
    listed = _ENTRY.findall(catalogue.read_text(encoding="utf-8"))
    sources = [
        path
        for pattern in ("*.py", "*.js")
        for path in (EXAMPLES / service).rglob(pattern)
        if path != catalogue and "node_modules" not in path.parts
    ]
    used = {name for path in sources for name in _USE.findall(path.read_text(encoding="utf-8"))}
    assert len(listed) >= 10
    assert set(listed) == used


@pytest.mark.parametrize("service", FAULTS)
def test_no_service_knows_who_tests_it(service: str) -> None:
    sources = [
        path
        for path in (EXAMPLES / service).rglob("*")
        if path.is_file() and "node_modules" not in path.parts and path.suffix != ".pyc"
    ]
    assert sources
    assert not [path for path in sources if re.search("gen.?suite", path.read_text("utf-8"), re.I)]
