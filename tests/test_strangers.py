"""The pure parts of `python -m benchmarks.strangers`: judging, counting, comparing."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from gen_suite.matrix.results import TestResult

ROOT = Path(__file__).parents[1]


@pytest.fixture
def strangers(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """The modules of the harness by name; benchmarks are no part of the package."""
    monkeypatch.syspath_prepend(str(ROOT))
    names = ("application", "databases", "faults", "judging", "run", "truth")
    return {name: importlib.import_module(f"benchmarks.strangers.{name}") for name in names}


def result(name: str, reason: str, *, outcome: str = "failed", verdict: str = "") -> TestResult:
    operation = "POST /notes"
    return TestResult(
        f"tests/api/test_x.py::{name}", outcome, 0.1, ((operation, "success"),), reason, verdict
    )


def test_failures_that_differ_in_values_alone_are_one_cause(
    strangers: dict[str, ModuleType],
) -> None:
    cause_of = strangers["judging"].cause_of
    first = result("test_a", "row 12 holds 'amber', not \"a\"")
    assert cause_of(first) == cause_of(result("test_b", "row 7 holds 'birch', not \"b\""))
    assert cause_of(result("test_a", "assert 400 == 200")) != cause_of(
        result("test_a", "assert 500 == 200")
    )


def test_a_failure_counts_as_it_was_judged_once(
    strangers: dict[str, ModuleType], tmp_path: Path
) -> None:
    judging = strangers["judging"]
    file = tmp_path / "notes.yaml"
    file.write_text(
        """
- judgement: real
  because: An empty title is stored.
  operation: POST /*
  test: "*rejects?title*"
  text: assert 201
- judgement: false alarm
  because: The spec has no 404.
  text: assert 404 in
"""
    )
    tests = [
        result("test_rejects[title: empty]", "assert 201 == 422"),
        result("test_rejects[title: a number]", "assert 201 == 422"),
        result("test_rejects[body: none]", "assert 404 in (400, 422)"),
        result("test_succeeds", "assert 500 == 201", verdict="it fails"),
        result("test_succeeds[1]", "", outcome="passed"),
    ]
    counted = judging.judge(tests, judging.read_judgements(file))
    assert counted.tests == {"real": 2, "false alarm": 1, "unjudged": 1}
    assert counted.causes == {"real": 1, "false alarm": 1, "unjudged": 1}
    assert judging.rightly_red(tests[:2], judging.read_judgements(file)) == 1
    assert judging.rightly_red(tests, judging.read_judgements(file)) == 0
    assert judging.outcomes(tests) == {"failed": 4, "passed": 1}


def test_a_cell_is_red_only_for_a_failure_of_its_own(strangers: dict[str, ModuleType]) -> None:
    judging = strangers["judging"]
    pairs = (
        ("POST /notes", "persistence"),
        ("POST /notes", "success"),
        ("POST /notes", "contract"),
    )
    cells = (("POST /notes", "success", "passed"), ("POST /notes", "persistence", "passed"))
    test = replace(result("test_stores_what_it_claims", "200 for 201"), covers=pairs, cells=cells)
    assert judging.failed_cells(test) == [("POST /notes", "contract")]
    assert judging.rightly_red([test], [judging.Judgement("real", "It is.")]) == 1


def test_the_module_of_an_operation_is_the_one_with_its_label(
    strangers: dict[str, ModuleType], tmp_path: Path
) -> None:
    suite = tmp_path / "tests" / "api"
    suite.mkdir(parents=True)
    (suite / "test_a.py").write_text('LABEL = "PATCH /notes/{id}"\n\n\nNOTE = {"a": "b"}\n')
    (suite / "test_b.py").write_text("LABEL = (\n    'POST /notes'\n)\n")
    (suite / "test_by_hand.py").write_text("def test_a():\n    pass\n")
    modules = strangers["faults"]._modules(tmp_path)
    plain = strangers["truth"].plain
    assert {label: file.name for label, file in modules.items()} == {
        plain("PATCH /notes/{noteId}"): "test_a.py",
        plain("POST /notes"): "test_b.py",
    }


def test_a_judgement_is_one_of_three(strangers: dict[str, ModuleType], tmp_path: Path) -> None:
    file = tmp_path / "notes.yaml"
    file.write_text("- {judgement: fine, because: It is.}\n")
    with pytest.raises(ValueError, match="entry 1"):
        strangers["judging"].read_judgements(file)


def test_every_kept_judgement_and_truth_can_be_read(strangers: dict[str, ModuleType]) -> None:
    folder = ROOT / "benchmarks" / "strangers"
    known = strangers["application"].applications()
    for file in folder.glob("judged/*.yaml"):
        assert file.stem in known
        assert strangers["judging"].read_judgements(file)
    for file in folder.glob("truth/*.yaml"):
        assert file.stem in known
        assert strangers["truth"].read_truth(file)


def test_what_an_idle_application_writes_is_not_the_runs(
    strangers: dict[str, ModuleType],
) -> None:
    databases = strangers["databases"]
    row = (("id", "1"), ("seen", "10"), ("name", "'ann'"))
    later = (("id", "1"), ("seen", "20"), ("name", "'ann'"))
    renamed = (("id", "1"), ("seen", "30"), ("name", "'eve'"))
    start = {"users": {"[1]": [row]}, "jobs": {}}
    alone = {"users": {"[1]": [later]}, "jobs": {"[1]": [row]}}
    end = {"users": {"[1]": [renamed]}, "jobs": {"[1]": [row], "[2]": [row]}}
    idle = databases.differences(start, alone)
    assert databases.shown(idle) == {"jobs": "1 rows", "users": "seen"}
    changed = databases.differences(alone, end)
    assert databases.shown(databases.unexplained(changed, idle)) == {"users": "name"}
    assert databases.differences(end, end) == {}


def test_the_mapping_is_counted_beside_the_truth(
    strangers: dict[str, ModuleType], tmp_path: Path
) -> None:
    truth = strangers["truth"]
    file = tmp_path / "notes.yaml"
    file.write_text(
        '"PATCH /notes/{id}/": {notes: updates, log: inserts and updates, mail: inserts}\n'
    )
    true = truth.read_truth(file)[truth.plain("PATCH /notes/{noteId}")]
    said = {"notes": {"updates"}, "log": {"inserts"}, "tags": {"deletes"}}
    compared = truth._compared("PATCH /notes/{noteId}", said, {"mail"}, true)
    assert (compared.tables, compared.right, compared.wrong, compared.ignored) == (3, 2, 1, 1)
    assert compared.declared == 3
    assert compared.mistaken == ("PATCH /notes/{noteId}: tags",)
    assert compared.missing == ()
    assert truth.total([compared, compared]).right == 4


def test_successes_are_told_by_what_learn_prints(strangers: dict[str, ModuleType]) -> None:
    printed = """\
  POST /notes: 201, wrote notes
  DELETE /notes/{id}: refused every request (409): in use
  ? POST /notes: a suggestion
"""
    assert strangers["run"].learned(printed) == {"POST /notes": True, "DELETE /notes/{id}": False}
