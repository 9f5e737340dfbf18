"""Depth: what each one emits, who decides on it, and that nothing that it leaves out is gone unsaid."""

import ast
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gen_suite.errors import MappingError, UsageError
from gen_suite.mapping.depth import BY_RISK, Depth, choose
from gen_suite.mapping.read import parse_mapping
from gen_suite.matrix.build import Matrix
from gen_suite.matrix.cell import Cell, LeftOut, State
from gen_suite.matrix.concerns import concerns
from gen_suite.matrix.coverage import Coverage, after_run, coverage, gaps
from gen_suite.matrix.depth import (
    CASES,
    KINDS,
    at_depth,
    check_concerns,
    least_depth,
    left_out_at,
    omissions,
    spread,
)
from gen_suite.matrix.emitted_depths import depths_of_suite, read_depths, write_depths
from gen_suite.matrix.left_out import read_left_out
from gen_suite.matrix.report import format_named
from gen_suite.matrix.report.view import View
from gen_suite.matrix.results import Results, TestResult
from gen_suite.runtime import requests

ROOT = Path(__file__).parents[2]
LABEL = "POST /tags"
KEPT = LeftOut(("reads_back", "stores_edges"), "essential", "risk")
WHOLE = LeftOut(("records_a_repeat",), "essential", "risk")
CELLS = (
    Cell(LABEL, "success", State.PLANNED, tests=("succeeds",), risk="low"),
    Cell(LABEL, "persistence", State.PLANNED, tests=("stores",), risk="low", left_out=KEPT),
    Cell(LABEL, "idempotency", State.LEFT_OUT, "left out: low risk", risk="low", left_out=WHOLE),
)


def named_in(concern: str) -> set[str]:
    """The macros of a concern's template."""
    lines = (ROOT / "templates" / f"{concern}.py.j2").read_text().splitlines()
    heads = (line for line in lines if line.lstrip("{% -").startswith("macro "))
    return {line.partition("macro ")[2].partition("(")[0] for line in heads}


@pytest.mark.parametrize("concern", [concern.name for concern in concerns()])
def test_each_kind_of_test_has_a_depth_and_no_other_name_has(concern: str) -> None:
    assert set(KINDS[concern]) == named_in(concern)


def test_each_concern_has_an_essential_test() -> None:
    for concern, kinds in KINDS.items():
        assert "essential" in kinds.values(), concern


def test_all_that_tests_are_parametrised_with_is_a_function_of_the_runtime() -> None:
    tree = ast.parse(Path(requests.__file__).read_text())
    parametrising = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(getattr(d, "id", "") == "said_by_the_test" for d in node.decorator_list)
    }
    assert set(CASES) == parametrising
    assert {concern for cases in CASES.values() for concern in cases.concerns} <= set(KINDS)


@pytest.mark.parametrize(
    ("depth", "kept"),
    [
        ("essential", ("stores",)),
        ("standard", ("stores", "reads_back")),
        ("thorough", ("stores", "reads_back")),
    ],
)
def test_a_depth_keeps_the_kinds_up_to_it(depth: Depth, kept: tuple[str, ...]) -> None:
    assert at_depth("persistence", ("stores", "reads_back"), depth) == kept


def test_a_concern_of_somebody_else_is_emitted_at_every_depth() -> None:
    assert least_depth("caching", "is_cached") == "essential"
    assert left_out_at("caching", ("is_cached",), "essential", "risk") == LeftOut()


@pytest.mark.parametrize(
    ("operation", "file", "chosen"),
    [
        ({}, {}, ("essential", "risk")),
        ({}, {"default": "standard"}, ("standard", "mapping")),
        ({}, {"low": "standard", "default": "thorough"}, ("standard", "risk")),
        ({}, {"low": "standard", "rollback": "thorough"}, ("thorough", "mapping")),
        ({"default": "standard"}, {"rollback": "thorough"}, ("standard", "mapping")),
        ({"rollback": "thorough", "default": "standard"}, {}, ("thorough", "mapping")),
        ({"auth": "thorough"}, {}, ("essential", "risk")),
    ],
)
def test_the_most_exact_word_decides(
    operation: Mapping[str, Depth], file: Mapping[str, Depth], chosen: tuple[str, str]
) -> None:
    assert choose("rollback", "low", operation, file) == chosen


def test_without_a_word_the_risk_decides() -> None:
    depths = [choose("auth", risk, {}, {})[0] for risk in ("high", "medium", "low")]
    assert depths == ["thorough", "standard", "essential"] == list(BY_RISK.values())


def test_what_is_left_out_is_counted_apart() -> None:
    tested = coverage(CELLS)
    assert tested == Coverage(tested=0, applicable=2, left_out=1)
    assert all(gap.cell.state is not State.LEFT_OUT for gap in gaps(Matrix("T", CELLS)))


def test_what_is_left_out_is_said_once_for_each_reason() -> None:
    (omission,) = omissions(CELLS)
    assert str(omission) == "low risk: 1 cell, and 2 kinds of tests of 1 other cell"
    assert omission.closes == "depth: {low: thorough}"


@pytest.mark.parametrize(
    ("by", "why", "closes"),
    [
        ("mapping", "depth: essential", "depth: thorough"),
        ("option", "--depth essential", "gen-suite generate --depth thorough"),
    ],
)
def test_what_decided_is_named_with_what_changes_it(by: str, why: str, closes: str) -> None:
    left = LeftOut(("reads_back",), "essential", by)
    (omission,) = omissions([Cell(LABEL, "persistence", State.PLANNED, left_out=left)])
    assert (omission.why, omission.closes) == (why, closes)


@pytest.mark.parametrize("format_", ["terminal", "markdown", "html", "json"])
def test_every_report_says_what_is_left_out(format_: str) -> None:
    view = View(Matrix("Tags", CELLS))
    for text in (format_named(format_).matrix(view), format_named(format_).gaps(view)):
        assert "left out" in text or "left_out" in text
    data = json.loads(format_named("json").gaps(view))
    assert data["counts"] == {"planned": 2, "left out": 1}
    assert data["coverage"]["left_out"] == 1
    assert [(cell["concern"], cell["left_out"]["kinds"]) for cell in data["left_out"]] == [
        ("persistence", ["reads_back", "stores_edges"]),
        ("idempotency", ["records_a_repeat"]),
    ]
    assert "2 cells apply: 2 planned, 0 gaps, 1 left out" in format_named("markdown").matrix(view)


def test_a_test_of_ones_own_makes_up_for_what_is_left_out() -> None:
    own = TestResult("mine", "passed", 0.1, ((LABEL, "idempotency"),))
    after = after_run(Matrix("T", CELLS), Results("2026-01-01T00:00:00+00:00", 1.0, (own,)))
    assert after.cells[2].state is State.PASSED
    assert coverage(after.cells) == Coverage(tested=1, applicable=3)


def test_few_cases_show_as_many_things_as_they_can() -> None:
    cases = ["a: long", "a: empty", "a: null", "b: long", "c: null"]

    def field(case: str) -> str:
        return case[0]

    def rule(case: str) -> str:
        return case[3:]

    assert spread(cases, 3, (field,)) == ["a: long", "b: long", "c: null"]
    assert spread(cases, 3, (rule, field)) == ["a: long", "a: empty", "a: null"]
    assert spread(cases, 4, (rule, field)) == ["a: long", "a: empty", "a: null", "b: long"]
    assert spread(cases, 9, ()) == cases


def mapping_error(depth: str, operation: str = "thorough") -> str:
    text = f"spec: a.yaml\ndepth: {depth}\noperations:\n  POST /a: {{depth: {operation}}}\n"
    with pytest.raises(MappingError) as error:
        check_concerns(parse_mapping(text, Path("gen-suite.yaml"), env={}))
    return str(error.value)


@pytest.mark.parametrize(
    ("depth", "operation", "message"),
    [
        (
            "thoruogh",
            "standard",
            "gen-suite.yaml:2:1: `depth`: a depth is one of `essential`, `standard`, `thorough`, not "
            "`thoruogh`: did you mean `thorough`?",
        ),
        (
            "{rollback: 3}",
            "standard",
            "gen-suite.yaml:2:1: `depth` of `rollback`: a depth is one of `essential`, `standard`, "
            "`thorough`, not `3`",
        ),
        (
            "{rolback: thorough}",
            "standard",
            "gen-suite.yaml:2:9: no concern is called `rolback`\n  did you mean `rollback`?",
        ),
        (
            "standard",
            "{rolback: thorough}",
            "gen-suite.yaml:4:21: no concern is called `rolback`\n  did you mean `rollback`?",
        ),
        (
            "standard",
            "{high: thorough}",
            "gen-suite.yaml:4:13: `high` is a risk: at the top of the file `depth` may say it for all "
            "operations; one operation has one risk",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(depth: str, operation: str, message: str) -> None:
    assert mapping_error(depth, operation) == message


def test_depths_that_were_asked_for_are_kept_with_the_suite(tmp_path: Path) -> None:
    labels = ("POST /a", "POST /b")
    write_depths(depths_of_suite(tmp_path, labels, asked="thorough"), tmp_path)
    assert read_depths(tmp_path) == {"POST /a": "thorough", "POST /b": "thorough"}
    one = depths_of_suite(tmp_path, labels, asked=None, emitted=("POST /b",))
    assert one == {"POST /a": "thorough"}
    write_depths(depths_of_suite(tmp_path, labels, asked=None), tmp_path)
    assert read_depths(tmp_path) == {}
    assert not (tmp_path / ".emitted" / "depths.json").exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"POST /a": "deep"}'])
def test_a_damaged_file_of_depths_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / ".emitted").mkdir()
    (tmp_path / ".emitted" / "depths.json").write_text(text)
    with pytest.raises(UsageError, match=r"depths\.json"):
        read_depths(tmp_path)


@pytest.mark.parametrize(
    ("name", "read"), [("depths.json", read_depths), ("left_out.json", read_left_out)]
)
@pytest.mark.parametrize(("text", "reason"), [("{", "cannot be read"), ("[]", "by operation")])
def test_a_damaged_file_beside_the_suite_is_named(
    tmp_path: Path, name: str, read: Callable[[Path], object], text: str, reason: str
) -> None:
    (tmp_path / ".emitted").mkdir()
    file = tmp_path / ".emitted" / name
    file.write_text(text)
    with pytest.raises(UsageError, match=reason) as error:
        read(tmp_path)
    assert str(file) in str(error.value)
    file.unlink()
    assert read(tmp_path) == {}
