"""`--shard 3/8`: parts that are disjoint, whole together, and about as long."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gen_suite.matrix.merging import merge
from gen_suite.matrix.results import read_file
from gen_suite.runtime.shards import modules_of_shard

SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "paths": {"/notes": {"post": {"responses": {"201": {"description": "made"}}}}},
}
MODULE = """
import pytest
from gen_suite.runtime import covers

@covers("POST /notes", "success")
@pytest.mark.parametrize("case", range({cases}))
def test_it(case):
    assert case != 3
"""


def test_parts_are_disjoint_whole_and_about_as_long() -> None:
    tests = {f"test_{number}.py": 1 + number % 17 for number in range(100)}
    parts = [modules_of_shard(tests, number, 8) for number in range(1, 9)]
    assert sorted(name for part in parts for name in part) == sorted(tests)
    sizes = [sum(tests[name] for name in part) for part in parts]
    assert max(sizes) - min(sizes) <= 17


def test_more_parts_than_modules_leave_some_empty() -> None:
    assert [len(modules_of_shard({"a": 1, "b": 2}, n, 3)) for n in (1, 2, 3)] == [1, 1, 0]


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".json", openapi=json.dumps(SPEC))
    pytester.makefile(".yaml", **{"gen-suite": "spec: openapi.json\n"})
    pytester.makepyfile(
        **{
            f"test_{name}": MODULE.format(cases=cases)
            for name, cases in (("a", 5), ("b", 3), ("c", 2))
        }
    )
    return pytester


def ran(suite: pytest.Pytester, *arguments: str) -> Path:
    """The results of a run, in a file of their own."""
    suite.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:schemathesis", *arguments)
    file = suite.path / ".gen-suite" / "results.json"
    own = suite.path / f"{'-'.join(arguments).replace('/', '-')}.json"
    file.rename(own)
    return own


def test_shards_merge_to_the_results_of_one_run(suite: pytest.Pytester) -> None:
    whole = read_file(ran(suite, "--fresh"))
    parts = [read_file(ran(suite, "--fresh", "--shard", f"{n}/2")) for n in (1, 2)]
    assert [len(part.tests) for part in parts] == [5, 5]
    merged = merge(parts)
    assert {t.id: (t.outcome, t.covers) for t in merged.tests} == {
        t.id: (t.outcome, t.covers) for t in whole.tests
    }


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "a/b", "1/0"])
def test_what_is_no_part_is_refused(suite: pytest.Pytester, text: str) -> None:
    result = suite.runpytest_inprocess("--shard", text)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "write 3/8 for the third of eight" in result.stderr.str()
