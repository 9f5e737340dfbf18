"""Words, cases, number, and the nearest name."""

from __future__ import annotations

import pytest

from gen_suite.mapping.names import did_you_mean, nearest, plural, same_thing, singular, snake


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("customerId", "customer_id"), ("CustomerID", "customer_id"), ("customer-id", "customer_id"),
        ("customer_id", "customer_id"), ("HTTPServerURL", "http_server_url"), ("sku", "sku"),
        ("addressLine1", "address_line1"), ("sha256Hash", "sha256_hash"), ("X-Api-Key", "x_api_key"),
        ("ID", "id"), ("naïveGröße", "naïve_größe"), ("_links", "links"), ("__", "__"), ("用户名", "用户名"),
    ],
)  # fmt: skip
def test_wire_names_become_column_names(name: str, column: str) -> None:
    assert snake(name) == column
    assert snake(snake(name)) == snake(name)


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("orders", "order"), ("order_items", "order_item"), ("line-items", "line_item"),
        ("addresses", "address"), ("people", "person"), ("news", "news"), ("statuses", "status"),
        ("categories", "category"), ("statusCodes", "status_code"),
    ],
)  # fmt: skip
def test_only_the_last_word_is_counted(many: str, one: str) -> None:
    assert singular(many) == one
    assert singular(one) == one
    assert plural(one) == snake(many)
    assert same_thing(many, one)


@pytest.mark.parametrize(
    ("word", "near"),
    [("POST /order", "POST /orders"), ("custmer_id", "customer_id"), ("ORDERS", "orders"),
     ("zzz", None), ("", None)],
)  # fmt: skip
def test_the_nearest_name(word: str, near: str | None) -> None:
    assert nearest(word, ["POST /orders", "customer_id", "orders"]) == near


def test_hints() -> None:
    assert did_you_mean("ordr", ["order"]) == "did you mean `order`?"
    assert did_you_mean("x", ["b", "a"]) == "known: `a`, `b`"
    many = [f"name{number}" for number in range(10)]
    assert did_you_mean("x", many).endswith("`name7` and 2 more")
    assert did_you_mean("x", []) == ""
