"""Unique fields get values that nobody else has, within their rules; the rest stays as drawn."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gen_suite.runtime.payloads import ColumnLimit
from gen_suite.runtime.payloads.node import Node
from gen_suite.runtime.payloads.unique import Tokens, unique_value


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


SCHEMA = obj(
    ("email", "sku", "name", "number", "id", "host", "slug", "items"),
    email={"type": "string", "format": "email", "maxLength": 40},
    sku={"type": "string", "pattern": "^[A-Z]{4}-[0-9]{6}$"},
    name={"type": "string", "maxLength": 30, "pattern": r"^\S(.*\S)?$"},
    number={"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    id={"type": "string", "format": "uuid"},
    host={"type": "string", "format": "hostname"},
    slug={"type": "string", "minLength": 12, "maxLength": 16, "pattern": "^[a-z][a-z0-9-]*$"},
    items={"type": "array", "minItems": 2, "items": obj(("code",), code={"type": "string"})},
)
UNIQUE = ("email", "sku", "name", "number", "id", "host", "slug", "items/*/code")
DRAWS = 10_000


def test_values_are_unique_and_valid(judged) -> None:
    found = judged(SCHEMA, unique=UNIQUE)
    seen: dict[str, list[Any]] = {name: [] for name in UNIQUE}

    def collect(body: Any) -> None:
        assert found.errors(body) == []
        for name in UNIQUE[:-1]:
            seen[name].append(body[name])
        seen["items/*/code"] += [item["code"] for item in body["items"]]

    @settings(max_examples=60, database=None, deadline=None)
    @given(found.space.bodies())
    def draw(body: Any) -> None:
        collect(body)

    draw()
    for _ in range(20):
        collect(found.space.example())
        collect(found.space.complete())
    for name, values in seen.items():
        assert len(set(values)) == len(values), name


PROGRAM = """
import sys
from gen_suite.runtime.payloads.node import Node
from gen_suite.runtime.payloads.unique import unique_value
email = Node(types=("string",), formats=("email",), max_length=30)
sku = Node(types=("string",), patterns=("^[A-Z]{4}-[0-9]{6}$",))
name = Node(types=("string",), max_length=20)
number = Node(types=("integer",))
for _ in range(int(sys.argv[1])):
    print(unique_value(email, "amber@example.com", "email"), unique_value(sku, "AAAA-000000", "sku"),
          unique_value(name, "amber birch", "name"), unique_value(number, 1, "number"), sep="|")
"""


@pytest.mark.parametrize("xdist", [True, False], ids=["one run of xdist", "runs of their own"])
def test_processes_never_meet(xdist) -> None:
    """10,000 draws in 4 processes."""
    processes = []
    for worker in range(4):
        told = {"TESTRUNUID": "one run", "WORKER": f"gw{worker}", "WORKER_COUNT": "4"}
        env = {f"PYTEST_XDIST_{name}": text for name, text in told.items()} if xdist else {}
        kept = {name: text for name, text in os.environ.items() if "XDIST" not in name}
        command = [sys.executable, "-c", PROGRAM, str(DRAWS // 4)]
        processes.append(
            subprocess.Popen(command, env=kept | env, stdout=subprocess.PIPE, text=True)
        )
    rows = [line.split("|") for found in processes for line in found.communicate()[0].splitlines()]
    assert len(rows) == DRAWS
    for column in zip(*rows, strict=True):
        assert len(set(column)) == DRAWS, column[0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_gets_numbers_of_its_own() -> None:
    node = Node(types=("string",))
    here = unique_value(node, "amber", "forked")
    found, given_back = os.pipe()
    if (child := os.fork()) == 0:
        os.write(given_back, str(unique_value(node, "amber", "forked")).encode())
        os._exit(0)
    os.waitpid(child, 0)
    there = os.read(found, 100).decode()
    mine = unique_value(node, "amber", "forked")
    assert len({here, there, mine}) == 3


def test_workers_of_one_run_take_turns_even_where_room_is_short() -> None:
    """1,000 texts in all: four workers use them up without meeting once."""
    workers = [Tokens("run", worker, 4) for worker in range(4)]
    found = [tokens.next("key", 1_000) for tokens in workers for _ in range(250)]
    assert sorted(found) == list(range(1_000))


def test_runs_start_somewhere_else() -> None:
    assert Tokens("one").next("key", 36**8) != Tokens("two").next("key", 36**8)


def test_two_operations_that_write_one_column_never_meet(judged) -> None:
    email = ColumnLimit("users", "email", length=40)
    schema = obj(("email",), email={"type": "string"})
    other = obj(("mail",), mail={"type": "string"})
    first = judged(schema, unique=["email"], columns={"email": email}).space
    second = judged(other, unique=["mail"], columns={"mail": email}).space
    found = [first.example()["email"] for _ in range(50)]
    found += [second.example()["mail"] for _ in range(50)]
    assert len(set(found)) == 100
    assert all(len(text) <= 40 for text in found)


def test_the_rest_is_reproducible_from_the_seed(judged) -> None:
    """The unique part is folded in after drawing: what Hypothesis draws does not see it."""
    schema = obj(("a", "b", "u"), a={"type": "integer"}, b={"type": "string"}, u={"type": "string"})
    space = judged(schema, unique=["u"]).space

    def run() -> list[Any]:
        seen = []

        @settings(max_examples=30, database=None, derandomize=True, phases=[Phase.generate])
        @given(space.bodies(), st.integers())
        def collect(body: Any, other: int) -> None:
            seen.append((body["a"], body["b"], other))

        collect()
        return seen

    assert run() == run()


def test_they_differ_for_a_database_that_folds_case() -> None:
    node = Node(types=("string",), patterns=("^[A-Za-z0-9]{6}$",))
    found = {str(unique_value(node, "aaaaaa", "folded")).casefold() for _ in range(3_000)}
    assert len(found) == 3_000


def test_what_the_document_marks_is_unique_too(judged) -> None:
    """`x-unique`, in a part of `allOf`, behind a reference, in elements."""
    code = {"type": "string", "pattern": "^[A-Z]{2}[0-9]{6}$", "x-unique": True}
    part = obj(("code",), code={"allOf": [{"maxLength": 8}, code]})
    schema = obj(
        ("email", "plain", "parts"),
        email={"type": "string", "format": "email", "x-unique": True},
        plain={"type": "string"},
        parts={"type": "array", "items": part, "minItems": 2},
    )
    found = judged(schema)
    bodies = [found.space.example() for _ in range(200)]
    assert not any(found.errors(body) for body in bodies)
    assert len({body["email"] for body in bodies}) == 200
    assert len({part["code"] for body in bodies for part in body["parts"]}) == 400
    assert len({body["plain"] for body in bodies}) == 1


def test_too_few_values_are_a_finding(judged) -> None:
    schema = obj(("a", "b"), a={"type": "string", "pattern": "^[A-Z]{2}$"}, b={"type": "boolean"})
    space = judged(schema, unique=["a", "b"]).space
    assert space.findings == (
        "a: has to be unique, but there are only 676 values",
        "b: has to be unique, but there are only 2 values",
    )
