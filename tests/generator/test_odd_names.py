"""What is emitted for names that mean something else in Python or in the tests themselves."""

from __future__ import annotations

import ast
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from gen_suite.runtime.database import open_database

RESPONSES = """\
  /responses:
    post:
      operationId: answer
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses: {"201": {$ref: "#/components/responses/One"}}
  /responses/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses: {"200": {$ref: "#/components/responses/One"}}
    delete:
      operationId: forget
      responses: {"204": {description: gone}}
components:
  responses:
    One:
      description: one
      headers: {Location: {schema: {type: string}}}
      content: {application/json: {schema: {properties: {response: {$ref: "#/components/schemas/One"}}}}}
  schemas:
    New: {type: object, required: [text], properties: {text: {type: string}}}
    One: {type: object, properties: {id: {type: integer}, text: {type: string}}}
"""


def test_a_table_of_responses_is_not_renamed_with_the_variable(
    emit: Callable[[str, str, str], dict[str, str]],
) -> None:
    tables = "CREATE TABLE responses (id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    mapping = """
resources: {response: {table: responses}}
operations:
  POST /responses: {creates: response, returns: $response.body#/response, idempotency: {header: Idempotency-Key}}
  DELETE /responses/{id}: {deletes: response}
"""
    files = emit(tables, RESPONSES, mapping)
    made = files["test_answer.py"]
    retry = made.partition("def test_can_be_retried_after_a_failure")[2]
    assert "assert succeeded(again)" in retry
    assert 'assert changes.inserted("responses").one()' in retry
    read = made.partition("def test_can_be_read_back")[2].partition("@covers")[0]
    assert 'claimed=read.json()["response"]' in read
    leads = made.partition("def test_has_location")[2].partition("@covers")[0]
    assert 'assert found.json()["response"]["id"] == response.json()["response"]["id"]' in leads
    for text in files.values():
        assert '"again' not in text
        assert '["read"]' not in text
    assert "before = api.get" in files["test_forget.py"]


TRIPS = """\
  /trips:
    get:
      responses: {"200": {description: all, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/One"}}}}}}
    post:
      operationId: book
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses: {"201": {description: booked, content: {application/json: {schema: {$ref: "#/components/schemas/One"}}}}}
  /trips/{from}:
    parameters: [{name: from, in: path, required: true, schema: {type: integer}}]
    get:
      responses: {"200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/One"}}}}}
    patch:
      operationId: rebook
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses: {"200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/One"}}}}}
    delete:
      operationId: unbook
      responses: {"204": {description: gone}}
components:
  schemas:
    New: {type: object, required: [class], properties: {class: {type: string}}}
    One: {type: object, properties: {from: {type: integer}, class: {type: string}, table: {type: string}}}
"""
TRIP_TABLES = """
CREATE TABLE trips ("from" INTEGER PRIMARY KEY, class TEXT NOT NULL, "order-id" TEXT NOT NULL, "table" TEXT NOT NULL);
CREATE TABLE legs ("self" INTEGER PRIMARY KEY, "import" INTEGER NOT NULL REFERENCES trips ("from"), "table" TEXT NOT NULL);
CREATE TABLE audit (id INTEGER PRIMARY KEY, "lambda" TEXT NOT NULL, "sql" TEXT NOT NULL);
"""
TRIP_MAPPING = """
resources:
  trip: {table: trips, key: from, arrange: {order-id: o, table: t, class: first}}
  leg: {table: legs, arrange: {table: window}}
operations:
  POST /trips:
    creates: trip
    values: {order-id: none}
    list: {where: {order-id: o, table: t}}
    changes: [{inserts: audit, values: {lambda: booked, sql: $response.body#/class}}]
    verify:
      sql: SELECT "from", "table" FROM trips WHERE "from" = :from
      bind: {from: $response.body#/from}
      rows: 1
      values: {from: $response.body#/from, table: t}
  PATCH /trips/{from}: {updates: trip, set: {order-id: again}}
  DELETE /trips/{from}:
    deletes: trip
    changes: [{deletes: legs, where: {import: $request.path.from}}]
"""


def test_columns_may_have_names_that_python_has_not(
    emit: Callable[[str, str, str], dict[str, str]],
) -> None:
    files = emit(TRIP_TABLES, TRIPS, TRIP_MAPPING)
    trip = files["conftest.py"]
    assert 'table="t", **{"order-id": "o", "class": "first"}' in " ".join(trip.split())
    assert 'database.row("trips", **{"from": trip["from"]})' in files["test_rebook.py"]
    booked = " ".join(files["test_book.py"].split())
    assert 'sql=response.json()["class"], **{"lambda": "booked"}' in booked
    assert '**{"from": response.json()["from"]}' in booked
    assert 'database.rows("trips", table="t", **{"order-id": "o"})' in booked
    assert '**{"import": trip["from"]}' in trip
    assert 'changes.deleted("legs").one(self=leg["self"])' in files["test_unbook.py"]


def test_rows_are_asked_for_by_columns_of_any_name(tmp_path: Path) -> None:
    file = tmp_path / "here.db"
    sqlite3.connect(file).executescript(TRIP_TABLES)
    named = {"class": "first", "order-id": "o", "table": "t"}
    with open_database(f"sqlite:///{file}") as database:
        database.install()
        try:
            with database.watch() as changes:
                application = sqlite3.connect(file)
                application.execute("INSERT INTO trips VALUES (7, 'first', 'o', 't')")
                application.commit()
            trip = database.row("trips", table="t", **{"from": 7, "order-id": "o"})
            assert changes.inserted("trips").one(**named) == trip
            assert changes.inserted("trips").where(**named).only(**named)
            assert changes.wrote("trips", **named)
            leg = database.arrange("legs", self=3, table="x", **{"import": trip["from"]})
            assert database.rows("legs", self=3, table="x") == [leg]
            found = database.select('SELECT "self" FROM legs WHERE "self" = :self', self=3)
            assert found.only(self=3)
        finally:
            database.uninstall()
            application.close()


SKUS = """\
  /products:
    get:
      responses: {"200": {description: all, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/One"}}}}}}
    post:
      operationId: stock
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/One"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/One"}}}}}
components:
  schemas:
    One: {type: object, required: [id], properties: {id: {type: integer}, sku: {type: string}}}
"""


@pytest.mark.parametrize("sku", ["A{__import__('os').getpid()}-", "A{1}", 'it\'s "{number}"'])
def test_braces_of_the_mapping_are_no_code(
    emit: Callable[[str, str, str], dict[str, str]], sku: str
) -> None:
    tables = "CREATE TABLE products (id INTEGER PRIMARY KEY, sku TEXT NOT NULL UNIQUE);"
    mapping = f"""
resources: {{product: {{table: products, arrange: {{sku: {json.dumps(sku)}}}}}}}
operations: {{"POST /products": {{creates: product}}}}
"""
    module = ast.parse(emit(tables, SKUS, mapping)["test_stock.py"])
    (made,) = [n for n in ast.walk(module) if isinstance(n, ast.keyword) and n.arg == "sku"]
    assert eval(ast.unparse(made.value), {"number": 4, "__builtins__": {}}) == f"{sku}4"
