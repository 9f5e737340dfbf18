"""The catalogue of bugs and the places where they stand name the same bugs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from gen_suite.examples.shop.bugs import BUGS, enabled

SHOP = Path(__file__).parents[2] / "examples" / "shop"
CONCERNS = [
    "success",
    "validation",
    "auth",
    "persistence",
    "contract",
    "rollback",
    "idempotency",
    "concurrency",
    "effects",
]


def test_each_bug_of_the_catalogue_stands_somewhere_and_conversely() -> None:
    sources = [path for path in SHOP.rglob("*.py") if path.name != "bugs.py"]
    found = {
        name
        for path in sources
        for name in re.findall(r'enabled\(\s*"(\w+)"\s*\)', path.read_text())
    }
    named_elsewhere = {name for name in BUGS if "foreign_" in name}
    assert found <= BUGS.keys()
    assert BUGS.keys() - found <= named_elsewhere
    text = "".join(path.read_text() for path in sources)
    assert all(f'"{name}"' in text for name in named_elsewhere)


def test_each_concern_has_bugs_and_each_bug_says_what_it_does() -> None:
    counts = Counter(bug.concern for bug in BUGS.values())
    assert list(counts) == CONCERNS
    assert all(count >= 7 for count in counts.values())
    assert sum(counts[concern] for concern in CONCERNS[:5]) >= 45
    assert all(re.fullmatch(r"[^:]+: .+[^.]", bug.summary) for bug in BUGS.values())


def test_no_bug_is_on_by_itself() -> None:
    assert not any(enabled(name) for name in BUGS)


def test_an_unknown_bug_is_refused() -> None:
    command = [sys.executable, "-c", "import gen_suite.examples.shop.bugs"]
    environment = {**os.environ, "SHOP_BUGS": "wrong_default,nonsense"}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.strip() == "SHOP_BUGS names no bug: nonsense"


def test_bugs_are_switched_on_by_name(start_shop: Any) -> None:
    names = "location_missing,wrong_default,no_challenge,name_capitalised"
    with start_shop(SHOP_BUGS=names) as shop:
        body = {"email": "new@customers.example", "name": "de la Cruz"}
        response = shop.call("POST", "/customers", json=body)
        assert response.status_code == 201
        assert "Location" not in response.headers
        stored = shop.rows("SELECT * FROM customers WHERE email = 'new@customers.example'")
        assert (stored[0]["name"], stored[0]["newsletter"]) == ("De La Cruz", 1)
        assert "WWW-Authenticate" not in shop.call("GET", "/customers", "nobody").headers
