"""docs/failure-reports.md, made of real runs: what a failing test says for eight kinds of bugs.

python -m benchmarks.failure_reports > docs/failure-reports.md
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from gen_suite.examples.shop.bugs import BUGS

from .bugs import prepare

CASES = (
    ("not_committed", "POST /webhooks", "stores_what_it_claims"),
    ("cut_but_echoed", "POST /customers/{customerId}/addresses", "stores_edge_values"),
    ("day_shifted", "PATCH /orders/{orderId}", "stores_what_it_claims"),
    ("update_too_wide", "PATCH /products/{productId}", "stores_what_it_claims"),
    ("forbidden_after_writing", "POST /coupons", "rejects_unauthorized"),
    ("foreign_product_ordered", "POST /orders", "rejects_a_foreign_product"),
    ("audit_actor_wrong", "PUT /tenant", "stores_what_it_claims"),
    ("password_hash_answered", "POST /users", "stores_what_it_claims"),
)
"""(bug, operation, test) for each kind: transaction, write path, conversion, WHERE, order of checks,
tenant, audit, serializer."""

HEAD = """# Failure reports

Each of these is the whole report of one failing test of the shop's emitted suite, run against the
shop with one of its seeded bugs switched on. The line that begins with `E` is the assertion; below
it stand the verdict, what was sent (credentials masked), what the API claimed, which rows changed,
and what the application logged.

Made by `python -m benchmarks.failure_reports > docs/failure-reports.md`.
"""


def main() -> None:
    """Run the cases and print the document."""
    with tempfile.TemporaryDirectory(prefix="gen-suite-docs-") as name:
        folder = Path(name)
        place = prepare(folder, f"sqlite:///{folder / 'shop.db'}")
        sections = [_section(folder, place.modules[label], *case) for *case, label in _cases()]
    sys.stdout.write("\n".join([HEAD, *sections]))


def _cases() -> list[tuple[str, str, str]]:
    return [(bug, test, label) for bug, label, test in CASES]


def _section(folder: Path, module: str, bug: str, test: str) -> str:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--allow-db", "-q", "--tb=short", "-x"),
            *("--no-header", "-p", "no:cacheprovider", "--hypothesis-seed=1"),
            *(f"tests/api/{module}", "-k", test),
        ],
        cwd=folder,
        env={**os.environ, "SHOP_BUGS": bug, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 1:
        raise RuntimeError(f"{bug}: {test} did not fail\n{done.stdout}")
    summary = BUGS[bug].summary
    return f"## {summary}\n\n```\n{_report(done.stdout)}\n```\n"


def _report(output: str) -> str:
    """From the name of the test to the end of its evidence, without the frames of libraries."""
    start = output.index("= FAILURES =")
    end = output.index("= gen-suite: failures by likely cause =", start)
    lines = output[start:end].splitlines()[1:-1]
    kept = [line.rstrip() for line in lines if not _noise(line)]
    text = re.sub(r"\n/[^\n]+: in \w+\n    [^\n]+", "", "\n".join(kept))
    text = re.sub(r"\nE +Failing test case:.*?\nE +\)", "", text, flags=re.DOTALL)
    text = re.sub(r"\nE +Explanation:.*?(?=\n-)", "", text, flags=re.DOTALL)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def _noise(line: str) -> bool:
    frames = ("/hypothesis/", "/gen_suite/", "plugin.py", "@given", "^^^^", "return inner(")
    return any(part in line for part in frames)


if __name__ == "__main__":
    main()
