"""Which tests a module gets: of two that would send the same request one looks at all that it shows."""

import importlib.resources
import re
from collections import Counter

from gen_suite.generator.planned import STANDS_IN, planned_tests
from gen_suite.mapping.resolve import Resolved
from gen_suite.matrix.build import build
from gen_suite.matrix.subject import Subject


def of(shop: Resolved, label: str) -> dict[str, tuple[str, ...]]:
    """Test -> concerns whose cells it covers, of one operation."""
    tests = planned_tests(Subject(shop.operations[label], shop), build(shop).row(label))
    return {test.kind: test.covers for test in tests}


def test_a_success_is_sent_once_and_looked_at_from_all_sides(shop: Resolved) -> None:
    update = of(shop, "PATCH /webhooks/{webhookId}")
    assert update["updates"] == ("persistence", "success", "rollback", "contract", "effects")
    assert {"succeeds", "leaves_the_rest", "one_transaction", "tells_nobody"}.isdisjoint(update)
    assert next(iter(update)) == "updates"


def test_a_refusal_covers_the_contract_too(shop: Resolved) -> None:
    tests = of(shop, "POST /orders")
    assert tests["rejects"] == ("validation", "contract")
    assert tests["refuses_strangers"] == tests["refuses_others"] == ("auth", "contract")
    assert tests["refuses_half_way"] == ("rollback", "effects")


def test_every_cell_keeps_a_test(shop: Resolved) -> None:
    """What stands for others covers their cells: no cell is lost by it."""
    matrix = build(shop)
    for label in shop.operations:
        cells = matrix.row(label)
        tests = planned_tests(Subject(shop.operations[label], shop), cells)
        covered = {concern for test in tests for concern in test.covers}
        assert covered == {cell.concern for cell in cells if cell.tests}, label
        told = Counter(kind for test in tests for kind in (test.kind, *test.stands_for))
        assert told == Counter(kind for cell in cells for kind in cell.tests), label


def test_each_name_is_a_test_of_a_template() -> None:
    folder = importlib.resources.files("gen_suite.templates")
    texts = [file.read_text() for file in folder.iterdir() if file.name.endswith(".j2")]
    macros = {name for text in texts for name in re.findall(r"macro (\w+)\(", text)}
    assert {*STANDS_IN, *(by for names in STANDS_IN.values() for by in names)} <= macros
