"""The allocator of names: what is taken, who gets which name, and that no emitted module meets itself."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from gen_suite.generator.function import TYPES
from gen_suite.generator.imports import IMPORTED, RUNTIME
from gen_suite.generator.naming import LOCALS, PYTEST_FIXTURES, Names
from gen_suite.mapping.resolve import Resolved

Emit = Callable[[str, str, str], dict[str, str]]


@pytest.mark.parametrize(
    "name", ["value", "column", "statements", "type", "list", "class", "self", "request", "stored"]
)
def test_a_row_is_never_called_like_what_emitted_code_uses(name: str) -> None:
    given = Names().row(name, name)
    assert given.isidentifier()
    taken = {*TYPES, *RUNTIME, *IMPORTED, *PYTEST_FIXTURES, *LOCALS, "list", "class", "type"}
    assert given not in taken


def test_a_thing_keeps_its_name_and_no_other_gets_it() -> None:
    names = Names()
    assert names.row("orders", "order") == names.row("orders", "order") == "order"
    assert names.row("order", "order") == "order_row"
    assert names.row("purchase.order", "Order") == "order_2"
    module = names.inner()
    assert module.row("orders", "order") == "order"
    assert module.row("something else", "order") == "order_3"
    assert names.inner().row("another thing", "order") == "order_3"
    assert module.fresh("test_x") == "test_x"
    assert module.fresh("test_x") == "test_x_2"


def test_a_fixture_is_no_hook_of_pytest() -> None:
    assert Names().row("a", "pytest_configure") == "row_pytest_configure"


def test_pytest_has_no_fixture_that_a_row_may_be_called_like(pytester: pytest.Pytester) -> None:
    lines = pytester.runpytest_subprocess("--fixtures", "-q", "-p", "no:schemathesis").outlines
    names = {line.split()[0] for line in lines if " -- " in line and line[0] != " "}
    assert "tmp_path" in names
    of_other_plugins = {name for name in names if name.startswith("free_") or "isolated" in name}
    assert names - of_other_plugins <= PYTEST_FIXTURES


def test_variables_of_templates_are_known_to_the_allocator(
    shop: Resolved, suite: dict[str, str]
) -> None:
    assert shop.schema
    rows = {f"{table}{end}" for table in shop.schema.tables for end in ("", "_rows", "_states")}
    rows |= {*shop.resources, *_functions(suite["conftest.py"])}
    for text in suite.values():
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
                stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
                assert stored <= rows | LOCALS | TYPES.keys(), function.name


def _functions(text: str) -> list[str]:
    return [node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]


TREE = """\
  /folders/{folderId}/folders:
    parameters: [{name: folderId, in: path, required: true, schema: {type: integer}}]
    post:
      operationId: nest
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/One"}}}}}
  /me/manager:
    put:
      operationId: manage
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Manager"}}}}
      responses: {"200": {description: set, content: {application/json: {schema: {$ref: "#/components/schemas/Manager"}}}}}
components:
  schemas:
    New: {type: object, required: [name], properties: {name: {type: string}}}
    One: {type: object, properties: {id: {type: integer}, name: {type: string}}}
    Manager: {type: object, required: [managerId], properties: {managerId: {type: integer}}}
"""
TREE_TABLES = """
CREATE TABLE folders (id INTEGER PRIMARY KEY, name TEXT NOT NULL, folder_id INTEGER REFERENCES folders (id));
CREATE TABLE users (id INTEGER PRIMARY KEY, manager_id INTEGER REFERENCES users (id));
"""
TREE_MAPPING = """
actors: {ann: {id: 1}}
resources: {folder: {table: folders}, user: {table: users}}
operations:
  POST /folders/{folderId}/folders: {creates: folder}
  PUT /me/manager: {updates: user}
"""


def test_a_new_row_is_told_from_the_row_of_its_kind_that_the_request_names(emit: Emit) -> None:
    files = emit(TREE_TABLES, TREE, TREE_MAPPING)
    nest = " ".join(files["test_nest.py"].split())
    assert 'path={"folderId": folder["id"]}' in nest
    assert 'new_folder = changes.inserted("folders").one()' in nest
    assert 'assert new_folder.holds(folder_id=folder["id"])' in nest
    manage = files["test_manage.py"]
    assert 'body["managerId"] = user["id"]' in manage
    assert 'own_user = database.row("users", id=actors["ann"].id)' in manage
    assert 'after = database.row("users", id=own_user["id"])' in manage


REFUSALS = """\
  /orders:
    post:
      operationId: order
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses: {"201": {description: made}, "409": {description: no}}
components:
  schemas:
    New:
      type: object
      required: [products]
      properties:
        products:
          type: array
          minItems: 1
          items: {type: object, required: [parts], properties: {parts: {type: array, minItems: 1, items: {type: object, required: [partId], properties: {partId: {type: integer}}}}}}
"""
REFUSAL_TABLES = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE parts (id INTEGER PRIMARY KEY, name TEXT);
"""
REFUSAL_MAPPING = """
resources: {order: {table: orders}, part: {table: parts}}
operations:
  POST /orders:
    creates: order
    fill: {products/*/parts/*/partId: $part.id}
    refuses: {sold out: {status: 409}, sold_out: {status: 409}}
"""


def test_two_tests_never_have_one_name_and_a_loop_never_hides_a_row(emit: Emit) -> None:
    text = emit(REFUSAL_TABLES, REFUSALS, REFUSAL_MAPPING)["test_order.py"]
    tests = _functions(text)
    assert len(tests) == len(set(tests))
    refused = [
        name for name in tests if name.startswith("test_leaves_nothing_when_refused_for_sold_out")
    ]
    assert len(refused) == 2
    assert 'for part_item in item["parts"]:' in text
    assert 'part_item["partId"] = part["id"]' in text
