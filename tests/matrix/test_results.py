"""The results file: written whole, read back, refused when it is something else."""

import json
from dataclasses import fields
from pathlib import Path

import jsonschema_rs
import pytest

from gen_suite.errors import UsageError
from gen_suite.matrix.results import (
    SCHEMA,
    Results,
    Run,
    TestResult,
    read_file,
    write_results,
)

ONE = TestResult("t.py::a", "passed", 0.25, (("POST /orders", "success"),))
TWO = TestResult(
    "t.py::b[1]",
    "failed",
    0.1,
    (("POST /orders", "persistence"), ("POST /orders", "contract")),
    reason="assert 1 == 2",
    verdict="never stored",
    operation="POST /orders",
    status=201,
    cells=(("POST /orders", "contract", "passed"),),
    evidence="sent  POST /orders",
    unsupported=("postgresql",),
    line=12,
    source="0123456789abcdef",
)
RUN = Run(
    "2026-01-01T00:00:00+00:00",
    1.5,
    spec="0123456789abcdef",
    engine="sqlite",
    operations={"POST /orders": "0123456789abcdef"},
    files={"t.py": "0123456789abcdef"},
)
RESULTS = Results(
    RUN.started,
    1.5,
    (ONE, TWO),
    {"database": "sqlite:///x"},
    ("note",),
    answers=(("POST /orders", 201, "application/json"),),
    runs=(RUN,),
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "results.json"
    write_results(RESULTS, file)
    assert read_file(file) == RESULTS
    assert [path.name for path in file.parent.iterdir()] == ["results.json"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "this is no results file"),
        ("[]", "has results format None"),
        ('{"format": 99}', "has results format 99; this version reads 1"),
        ('{"format": 1, "started": "x"}', "is no whole results file"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "results.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_file(file)


def test_missing_results_say_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="run the suite first: pytest --allow-db"):
        read_file(tmp_path / "results.json")


def test_the_file_names_its_format(tmp_path: Path) -> None:
    write_results(RESULTS, tmp_path / "r.json")
    assert json.loads((tmp_path / "r.json").read_text())["format"] == 1


def test_what_is_written_is_as_the_published_schema_says(tmp_path: Path) -> None:
    write_results(RESULTS, tmp_path / "r.json")
    schema = json.loads(SCHEMA.read_text())
    jsonschema_rs.validator_for(schema).validate(json.loads((tmp_path / "r.json").read_text()))


def test_the_published_schema_names_every_field() -> None:
    schema = json.loads(SCHEMA.read_text())["properties"]
    assert set(schema) - {"$schema", "format", "tool"} == {field.name for field in fields(Results)}
    assert set(schema["runs"]["items"]["properties"]) == {field.name for field in fields(Run)}
    assert set(schema["tests"]["items"]["properties"]) == {
        field.name for field in fields(TestResult)
    }


def test_a_test_is_written_without_what_says_nothing(tmp_path: Path) -> None:
    write_results(RESULTS, tmp_path / "r.json")
    first = json.loads((tmp_path / "r.json").read_text())["tests"][0]
    assert set(first) == {"id", "outcome", "seconds", "covers"}
