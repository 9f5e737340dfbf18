"""`stored_by`: the request that shows a row where nobody looks at the database."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gen_suite.mapping.model import MappingFile
from gen_suite.mapping.resolve import Resolved
from gen_suite.mapping.stored_by import StoredBy

Read = Callable[..., MappingFile]
Resolve = Callable[..., Resolved]
Told = Callable[[Callable[[], object]], str]


def mapped(stored_by: str, key: str = "") -> str:
    return (
        "spec: openapi.yaml\nactors: {root: {}}\nresources:\n"
        f"  order: {{table: orders, {key}stored_by: {stored_by}}}\n"
    )


def test_a_text_is_the_request(read: Read) -> None:
    made = read(mapped("'GET /admin/orders/{id}'"))
    stored_by = made.resources["order"].stored_by
    assert stored_by
    assert stored_by.path == "/admin/orders/{id}"
    assert stored_by.columns(("number",)) == {"id": "number"}
    assert made.unwatched


def test_with_a_database_it_is_looked_at_all_the_same(read: Read) -> None:
    text = mapped("'GET /admin/orders/{id}'") + "target: {database: 'sqlite:///shop.db'}\n"
    assert not read(text).unwatched


def test_a_key_of_several_columns_is_named_by_them() -> None:
    read = StoredBy(request="GET /admin/tags/{productId}/{tag}")
    assert read.columns(("product_id", "tag")) == {"productId": "product_id", "tag": "tag"}


@pytest.mark.parametrize(
    ("stored_by", "message"),
    [
        (
            "POST /orders",
            "`POST /orders` is no request that reads, such as `GET /admin/orders/{id}`",
        ),
        (
            "GET /admin/orders",
            "`GET /admin/orders` names no row: it needs its key, as in `/admin/orders/{id}`",
        ),
        (
            "{request: 'GET /a/{id}', as: rot}",
            "unknown actor `rot`\n  did you mean `root`?",
        ),
        (
            "{request: 'GET /a/{id}', returns: $request.body#/data}",
            "`$request.body#/data` cannot stand here\n  "
            "a part of the answer can, such as `$response.body#/data`",
        ),
    ],
)
def test_messages(read: Read, told: Told, stored_by: str, message: str) -> None:
    found = told(lambda: read(mapped(stored_by)))
    assert found.startswith("gen-suite.yaml:4:")
    assert found.partition(": ")[2] == message


def test_a_parameter_that_names_no_key_column(resolved: Resolve, told: Told) -> None:
    text = """
        spec: openapi.yaml
        resources:
          order: {table: orders, key: [customer_id, number], stored_by: "GET /a/{number}/{cust}"}
        """
    found = told(lambda: resolved("DELETE /orders/{id}: {}", text=text, looked=False))
    assert found.endswith(
        "`{cust}` is no key column of `order`\n  its key: `customer_id`, `number`"
    )
