"""Own checks of the mapping: what SQL they may hold, and what their parameters are bound to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gen_suite.mapping.model import MappingFile, Verify
from gen_suite.mapping.resolve import Resolved

Read = Callable[..., MappingFile]
Resolve = Callable[..., Resolved]
Told = Callable[[Callable[[], object]], str]


def check(sql: str, **options: object) -> Verify:
    return Verify.model_validate({"sql": sql, **options})


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "select id from orders;",
        "WITH late AS (SELECT 1) SELECT * FROM late",
        "SELECT 'delete; -- all' AS note, \"update\" FROM orders",
        "SELECT REPLACE(name, 'a', 'b'), data #>> '{a}' FROM orders",
        "SELECT id FROM orders WHERE updated_at > created_at",
    ],
)
def test_what_only_reads_is_taken(sql: str) -> None:
    assert check(sql).sql == sql


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("DELETE FROM orders", "begins with `DELETE`"),
        ("", "begins with ``"),
        ("SELECT 1; DROP TABLE orders", "more than one statement"),
        ("WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone", "has `DELETE`"),
        ("SELECT * INTO copies FROM orders", "has `INTO`"),
        ("SELECT id FROM orders FOR UPDATE", "has `UPDATE`"),
        ("SELECT 1 /*! ; DROP TABLE orders */", "has a comment"),
        ("SELECT 1 -- all", "has a comment"),
        (r"SELECT 'a\'; DROP TABLE orders; '", "backslash"),
        ("PRAGMA writable_schema = ON", "begins with `PRAGMA`"),
        ("EXPLAIN ANALYZE DELETE FROM orders", "begins with `EXPLAIN`"),
    ],
)
@pytest.mark.parametrize("key", ["verify: {{sql: {}}}", "never: {}"])
def test_what_writes_is_refused_where_it_stands(
    read: Read, told: Told, sql: str, word: str, key: str
) -> None:
    quoted = '"' + sql.replace("\\", "\\\\") + '"'
    text = "spec: a.yaml\noperations:\n  POST /orders:\n    " + key.format(quoted) + "\n"
    message = told(lambda: read(text))
    assert message.startswith("gen-suite.yaml:4:")
    assert word in message


def test_parameters_are_names_after_a_colon_outside_quotes() -> None:
    sql = "SELECT ':no', id::text FROM orders WHERE id = :id AND at > '10:30' AND x = :id"
    assert check(sql).parameters == ("id",)


def test_what_is_not_bound_comes_from_the_path_then_from_the_answer(resolved: Resolve) -> None:
    entry = resolved(
        "PATCH /orders/{id}: {updates: order, verify: {sql: "
        "'SELECT 1 FROM orders WHERE id = :id AND total = :total', rows: 1}}"
    ).operations["PATCH /orders/{id}"]
    assert entry.entry
    (made,) = entry.entry.verify
    assert made.bind == {"id": "$request.path.id", "total": "$response.body#/data/total"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "sql: 'SELECT 1 FROM t WHERE a = :totl'",
            "`$response.body#/totl`: the answer has no field `totl`\n  did you mean `total`?",
        ),
        (
            "sql: 'SELECT 1 WHERE 1 = :id', bind: {ide: 1}",
            "the SQL has no `:ide`\n  did you mean `id`?",
        ),
        (
            "sql: 'SELECT status FROM t', values: {status: $request.body#/stat}",
            "`$request.body#/stat`: the request body has no field `stat`\n  did you mean `status`?",
        ),
    ],
)
def test_names_that_the_spec_does_not_know(
    resolved: Resolve, told: Told, options: str, message: str
) -> None:
    operation = f"POST /orders: {{creates: order, verify: {{{options}}}}}"
    found = told(lambda: resolved(operation))
    assert found.partition(": ")[2] == message


def test_values_of_no_rows(read: Read, told: Told) -> None:
    text = "{spec: a, operations: {POST /o: {verify: {sql: SELECT 1, rows: 0, values: {a: 1}}}}}"
    assert "`values` are those of rows that are found; `rows` is 0" in told(lambda: read(text))


def test_long_sql_becomes_one_line() -> None:
    sql = "SELECT  'a  b'\n  FROM orders\n;\n"
    assert check(sql).one_line == "SELECT 'a  b' FROM orders"
