"""Request fields and path parameters that name rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gen_suite.mapping.resolve import PathBinding, Reference, Resolved, Write

Resolve = Callable[..., Resolved]

CUSTOMER = Reference("customerId", "customer_id", "customers", "id", "customer", required=True)
PRODUCT = Reference("items/*/productId", "product_id", "products", "id", "product", required=True)


def one(resolved: Resolve, operation: str, **options: object) -> Write:
    return resolved(operation, **options).operations[operation.partition(": {")[0]]


def test_foreign_keys_in_the_body_and_in_its_arrays(resolved: Resolve) -> None:
    write = one(
        resolved,
        "POST /orders: {creates: order, "
        "changes: [{inserts: order_items, for_each: $request.body#/items}]}",
    )
    assert write.references == (CUSTOMER, PRODUCT)


def test_a_row_that_is_looked_up_must_be_there(resolved: Resolve) -> None:
    write = one(
        resolved,
        "POST /orders: {creates: order, changes: [{updates: products, "
        "for_each: $request.body#/items, where: {id: $item.productId}}]}",
    )
    assert [reference.pointer for reference in write.references] == [
        "customerId",
        "items/*/productId",
    ]
    assert write.references[1].table == "products"


def test_references_lie_below_the_envelope(resolved: Resolve) -> None:
    write = one(resolved, "PATCH /orders/{id}: {updates: order}")
    assert write.references == (
        Reference("order/customerId", "customer_id", "customers", "id", "customer"),
    )


def test_references_of_each_element_of_a_bulk(resolved: Resolve) -> None:
    entry = "{creates: order, for_each: $request.body#/orders}"
    write = one(resolved, f"POST /orders/bulk: {entry}")
    assert [reference.pointer for reference in write.references] == ["orders/*/customerId"]


def test_scalars_of_an_array(resolved: Resolve) -> None:
    write = one(
        resolved,
        "POST /products/{id}/tags: {changes: [{inserts: product_tags, "
        "for_each: $request.body#/tagIds, "
        "values: {tag_id: $item, product_id: $request.path.id}}]}",
    )
    assert write.references == (Reference("tagIds/*", "tag_id", "tags", "id"),)
    assert write.path == (PathBinding("id", "product", "products", "id"),)


def test_what_is_filled_in_is_no_free_reference(resolved: Resolve) -> None:
    write = one(
        resolved,
        "POST /transfers: {fill: {toWalletId: $wallet.id}, changes: ["
        "{updates: wallets, where: {id: $request.body#/fromWalletId}}, "
        "{updates: wallets, where: {id: $request.body#/toWalletId}}]}",
    )
    assert write.references == (
        Reference("fromWalletId", "id", "wallets", "id", "wallet", required=True),
        Reference("toWalletId", "id", "wallets", "id", None, required=True, fixed=True),
    )


def test_without_a_database_names_of_resources_tell(resolved: Resolve) -> None:
    write = one(
        resolved,
        "POST /orders: {creates: order, "
        "changes: [{inserts: order_items, for_each: $request.body#/items}]}",
        looked=False,
    )
    assert write.references == (CUSTOMER, PRODUCT)


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        (
            "DELETE /orders/{id}: {deletes: order}",
            [PathBinding("id", "order", "orders", "id")],
        ),
        (
            "POST /orders/{id}/cancel: {updates: order}",
            [PathBinding("id", "order", "orders", "id")],
        ),
        (
            "POST /customers/{customerId}/orders: {creates: order}",
            [PathBinding("customerId", "customer", "customers", "id", "customer_id")],
        ),
        (
            "DELETE /orders/{orderId}/items/{line}: {deletes: item}",
            [
                PathBinding("orderId", "order", "orders", "id", "order_id"),
                PathBinding("line", "item", "order_items", "line"),
            ],
        ),
        (
            "PUT /products/{sku}: {updates: product}",
            [PathBinding("sku", "product", "products", "sku")],
        ),
        (
            "PUT /products/{sku}: {updates: product, path: {sku: product.id}}",
            [PathBinding("sku", "product", "products", "id")],
        ),
        (
            "PUT /products/{sku}: {updates: product, path: {sku: tags.name}}",
            [PathBinding("sku", None, "tags", "name")],
        ),
        ("POST /search: {}", []),
    ],
)
def test_path_parameters_name_rows(
    resolved: Resolve, operation: str, path: list[PathBinding]
) -> None:
    assert list(one(resolved, operation).path) == path


@pytest.mark.parametrize(
    ("operation", "bound"),
    [
        ("DELETE /orders/{id}: {deletes: order}", [("id", "orders", "id")]),
        ("PUT /products/{sku}: {updates: product}", [("sku", "products", "sku")]),
        (
            "DELETE /orders/{orderId}/items/{line}: {deletes: item}",
            [("orderId", "orders", "id"), ("line", "order_items", "line")],
        ),
    ],
)
def test_path_parameters_without_a_database(
    resolved: Resolve, operation: str, bound: list[tuple[str, str, str]]
) -> None:
    write = one(resolved, operation, looked=False)
    assert [(found.parameter, found.table, found.column) for found in write.path] == bound


def test_parameters_of_unmapped_operations_are_bound_too(resolved: Resolve) -> None:
    write = resolved().operations["POST /orders/{id}/cancel"]
    assert write.path == (PathBinding("id", "order", "orders", "id"),)
