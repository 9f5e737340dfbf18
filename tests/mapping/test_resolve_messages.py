"""Names that spec or database do not know, and what is said about them, word for word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gen_suite.mapping.model import MappingFile
from gen_suite.mapping.resolve import Resolved, resolve
from gen_suite.mapping.schema import Schema
from gen_suite.spec.model import Document

Resolve = Callable[..., Resolved]
Told = Callable[[Callable[[], object]], str]

OPERATIONS = {
    "unknown operation": (
        "POST /order: {creates: order}",
        "the spec has no operation `POST /order`\n  did you mean `POST /orders`?",
    ),
    "unknown table of a change": (
        "POST /orders: {changes: [{inserts: order_item}]}",
        "the database has no table `order_item`\n  did you mean `order_items`?",
    ),
    "a resource where a table belongs": (
        "POST /orders: {changes: [{updates: wallet}]}",
        "the database has no table `wallet`\n  `wallet` is a resource; its table is `wallets`",
    ),
    "unknown column of a change": (
        "POST /orders: {changes: [{updates: products, set: {stok: 1}}]}",
        "the table `products` has no column `stok`\n  did you mean `stock`?",
    ),
    "unknown column that is set": (
        "DELETE /orders/{id}: {deletes: order, set: {statu: gone}}",
        "the table `orders` has no column `statu`\n  did you mean `status`?",
    ),
    "unknown column of a created row": (
        "POST /orders: {creates: order, values: {tenant: acme}}",
        "the table `orders` has no column `tenant`\n  did you mean `tenant_id`?",
    ),
    "unknown field of the request": (
        "POST /orders: {changes: [{inserts: order_items, for_each: $request.body#/item}]}",
        "`$request.body#/item`: the request body has no field `item`\n  did you mean `items`?",
    ),
    "unknown field of an element": (
        "POST /orders: {changes: [{updates: products, for_each: $request.body#/items, "
        "where: {id: $item.productID}}]}",
        "`$item.productID`: an element of `$request.body#/items` has no field `productID`\n"
        "  did you mean `productId`?",
    ),
    "unknown field of the answer": (
        "PATCH /orders/{id}: {updates: order, returns: $response.body#/dat}",
        "`$response.body#/dat`: the answer has no field `dat`\n  did you mean `data`?",
    ),
    "an answer that has no body": (
        "DELETE /orders/{id}: {deletes: order, set: {status: $response.body#/status}}",
        "`$response.body#/status`: the spec knows no answer here",
    ),
    "no array to go through": (
        "POST /orders: {changes: [{inserts: order_items, for_each: $request.body#/customerId}]}",
        "`$request.body#/customerId` is no array\n  `for_each` goes through an array",
    ),
    "unknown path parameter in an expression": (
        "DELETE /orders/{id}: {deletes: order, set: {status: $request.path.orderId}}",
        "`$request.path.orderId`: the operation has no path parameter `orderId`\n  known: `id`",
    ),
    "unknown path parameter": (
        "DELETE /orders/{id}: {deletes: order, path: {orderId: order.id}}",
        "neither path nor query has a parameter `orderId`\n  known: `id`",
    ),
    "unknown owner of a path parameter": (
        "DELETE /orders/{id}: {deletes: order, path: {id: ordr.id}}",
        "unknown resource `ordr`\n  did you mean `order`?",
    ),
    "a path parameter of no column": (
        "DELETE /orders/{id}: {deletes: order, path: {id: order}}",
        "`order` names no column\n  write `resource.column`",
    ),
    "unknown column of a path parameter": (
        "DELETE /orders/{id}: {deletes: order, path: {id: order.number}}",
        "the table `orders` has no column `number`\n  known: `address_line_1`, `created_at`, "
        "`customer_id`, `deleted_at`, `email`, `gift_note`, `id`, `secret` and 3 more",
    ),
    "unknown field that is filled in": (
        "POST /transfers: {fill: {toWallet: 5}}",
        "the request body has no field `toWallet`\n  did you mean `toWalletId`?",
    ),
    "unknown field that is left out": (
        "POST /transfers: {leave_out: [toWallet]}",
        "the request body has no field `toWallet`\n  did you mean `toWalletId`?",
    ),
    "required field that is set back": (
        "POST /transfers: {resets: {toWalletId: 1}}",
        "the request must send `toWalletId`\n  only optional fields can be left out",
    ),
    "required field that is left out": (
        "POST /transfers: {leave_out: [toWalletId]}",
        "the request must send `toWalletId`\n  only optional fields can be left out",
    ),
    "unknown field of elements that is filled in": (
        "POST /orders: {fill: {items/*/prodId: 5}}",
        "the request body has no field `prodId`\n  did you mean `productId`?",
    ),
    "unknown column of an arranged row": (
        "POST /transfers: {fill: {toWalletId: $wallet.pin}}",
        "the table `wallets` has no column `pin`\n  known: `balance`, `id`, `user_id`",
    ),
    "unknown fact": (
        "POST /orders: {creates: order, values: {tenant_id: $actor.tenent}}",
        "`$actor.tenent`: no actor has the fact `tenent`\n  did you mean `tenant`?",
    ),
    "unknown resource to arrange": (
        "POST /orders: {arrange: {ordr: {status: pending}}}",
        "unknown resource `ordr`\n  did you mean `order`?",
    ),
    "unknown column to arrange": (
        "POST /orders: {arrange: {order: {stats: pending}}}",
        "the table `orders` has no column `stats`\n  did you mean `status`?",
    ),
    "unknown noise": (
        "POST /orders: {ignores: [order.status]}",
        "the database has no table `order`\n  `order` is a resource; its table is `orders`",
    ),
    "unknown column of noise": (
        "POST /orders: {ignores: orders.statu}",
        "the table `orders` has no column `statu`\n  did you mean `status`?",
    ),
}


@pytest.mark.parametrize(("operation", "message"), OPERATIONS.values(), ids=OPERATIONS)
def test_operations(resolved: Resolve, told: Told, operation: str, message: str) -> None:
    found = told(lambda: resolved(operation))
    place, _, rest = found.partition(": ")
    assert rest == message
    assert place.startswith("gen-suite.yaml:16:")  # the line of the operation


RESOURCES = {
    "table: ordres": "the database has no table `ordres`\n  did you mean `orders`?",
    "table: orders, key: idx": "the table `orders` has no column `idx`\n  did you mean `id`?",
    "table: orders, tenant: tenantid": "the table `orders` has no column `tenantid`\n"
    "  did you mean `tenant_id`?",
    "table: orders, owner: customerid": "the table `orders` has no column `customerid`\n"
    "  did you mean `customer_id`?",
    "table: orders, version: versoin": "the table `orders` has no column `versoin`\n  known: ",
    "table: orders, unique: emial": "the table `orders` has no column `emial`\n"
    "  did you mean `email`?",
    "table: orders, timestamps: {created: create_at}": "the table `orders` has no column "
    "`create_at`\n  did you mean `created_at`?",
    "table: orders, fields: {total: totalcents}": "the table `orders` has no column "
    "`totalcents`\n  did you mean `total_cents`?",
    "table: orders, arrange: {statuss: x}": "the table `orders` has no column `statuss`\n"
    "  did you mean `status`?",
}


@pytest.mark.parametrize(("resource", "message"), RESOURCES.items(), ids=RESOURCES)
def test_resources(resolved: Resolve, told: Told, resource: str, message: str) -> None:
    text = f"spec: openapi.yaml\nresources:\n  order: {{{resource}}}"
    place, _, rest = told(lambda: resolved(text=text)).partition(": ")
    assert rest.startswith(message)
    assert place.startswith("gen-suite.yaml:3:")


REST = {
    "ignores: [users]": "gen-suite.yaml:2:11: the database has no table `users`\n"
    "  known: `audit_log`, `customers`, `order_items`, `orders`, `product_tags`, `products`, "
    "`shipments`, `tags` and 2 more",
    "tables: {order_itms: {}}": "gen-suite.yaml:2:10: the database has no table `order_itms`\n"
    "  did you mean `order_items`?",
    "tables: {order_items: {arrange: {qantity: 1}}}": "gen-suite.yaml:2:34: the table "
    "`order_items` has no column `qantity`\n  did you mean `quantity`?",
    "actors: {a: {login: {request: POST /logn}}}": "gen-suite.yaml:2:22: the spec has no "
    "operation `POST /logn`\n  did you mean `POST /login`?",
}


@pytest.mark.parametrize(("line", "message"), REST.items(), ids=REST)
def test_the_rest(resolved: Resolve, told: Told, line: str, message: str) -> None:
    assert told(lambda: resolved(text=f"spec: openapi.yaml\n{line}")) == message


def test_all_are_told_at_once(resolved: Resolve, told: Told) -> None:
    operations = """
        POST /orders:
          creates: order
          values: {statos: a, emial: b}
          changes:
            - {inserts: order_itms}
        POST /order: {}
        """
    message = told(lambda: resolved(operations))
    assert [line for line in message.splitlines() if not line.startswith(" ")] == [
        "gen-suite.yaml:19:14: the table `orders` has no column `statos`",
        "gen-suite.yaml:19:25: the table `orders` has no column `emial`",
        "gen-suite.yaml:21:10: the database has no table `order_itms`",
        "gen-suite.yaml:22:3: the spec has no operation `POST /order`",
    ]


def test_without_a_database_only_the_spec_is_asked(resolved: Resolve, told: Told) -> None:
    operation = "POST /orders: {creates: order, values: {anything: 1}, changes: [{inserts: any}]}"
    assert resolved(operation, looked=False).operations["POST /orders"].changes
    wrong = "POST /orders: {changes: [{inserts: any, for_each: $request.body#/itms}]}"
    assert "did you mean `items`?" in told(lambda: resolved(wrong, looked=False))


def test_a_spec_that_says_nothing_finds_nothing_wrong(
    tmp_path: Path, read: Callable[..., MappingFile], schema: Schema
) -> None:
    from gen_suite.spec.read import read_document

    path = tmp_path / "open.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {/orders: {post: {requestBody: "
        "{content: {application/json: {schema: true}}}, responses: {'200': {description: ok}}}}}"
    )
    document: Document = read_document(path)
    mapping = read(
        "{spec: open.yaml, resources: {order: {table: orders}}, operations: {POST /orders: "
        "{creates: order, sends: $request.body#/a/b, fill: {any: 1}}}}"
    )
    assert resolve(mapping, document, schema).operations["POST /orders"].fields == ()
