"""Many requests at once, on every engine: nothing is sold, moved or counted twice or lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx


def at_once(*calls: tuple[Any, ...], shop: Any) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(shop.call, *call[:3], **call[3]) for call in calls]
        return [future.result() for future in futures]


def statuses(responses: list[httpx.Response]) -> list[int]:
    return sorted(response.status_code for response in responses)


def new_product(shop: Any, stock: int) -> int:
    body = {"sku": f"TO-{shop.unique():03}", "name": "Thing", "price": 2.5, "stock": stock}
    product: int = shop.call("POST", "/products", json=body).json()["data"]["id"]
    return product


def new_wallet(shop: Any, balance: int, who: str = "alice") -> int:
    wallet: int = shop.call("POST", "/wallets", who, json={"name": "Test"}).json()["id"]
    if balance:
        body = {"amount": balance, "source": "test"}
        shop.call("POST", f"/wallets/{wallet}/deposits", "warehouse", json=body)
    return wallet


def test_what_is_not_there_is_not_sold(shop: Any) -> None:
    product = new_product(shop, stock=5)
    body = {"customerId": 1, "items": [{"productId": product, "quantity": 2}]}
    responses = at_once(*[("POST", "/orders", "alice", {"json": body})] * 5, shop=shop)
    assert statuses(responses) == [201, 201, 409, 409, 409]
    assert shop.call("GET", f"/products/{product}").json()["data"]["stock"] == 1


def test_orders_of_the_same_products_in_another_order_do_not_wait_for_each_other(shop: Any) -> None:
    products = [new_product(shop, stock=100) for _ in range(3)]
    calls = []
    for turn in (products, products[::-1]) * 4:
        items = [{"productId": product, "quantity": 1} for product in turn]
        calls.append(("POST", "/orders", "alice", {"json": {"customerId": 1, "items": items}}))
    assert statuses(at_once(*calls, shop=shop)) == [201] * 8
    found = [shop.call("GET", f"/products/{one}").json()["data"]["stock"] for one in products]
    assert found == [92] * 3


def test_one_key_acts_once(shop: Any) -> None:
    product = new_product(shop, stock=100)
    body = {"customerId": 1, "items": [{"productId": product, "quantity": 1}]}
    request = {"json": body, "headers": {"Idempotency-Key": f"together-{product}"}}
    responses = at_once(*[("POST", "/orders", "alice", request)] * 5, shop=shop)
    assert statuses(responses) == [201] * 5
    assert len({response.text for response in responses}) == 1
    assert sum("Idempotency-Replayed" in response.headers for response in responses) == 4
    assert shop.call("GET", f"/products/{product}").json()["data"]["stock"] == 99


def test_money_moves_both_ways_and_stays_the_same(shop: Any) -> None:
    one, other = new_wallet(shop, 100), new_wallet(shop, 100)
    calls = []
    for source, target in ((one, other), (other, one)) * 4:
        body = {"fromWalletId": source, "toWalletId": target, "amount": 10}
        headers = {"Idempotency-Key": f"together-{one}-{len(calls)}"}
        calls.append(("POST", "/transfers", "alice", {"json": body, "headers": headers}))
    assert statuses(at_once(*calls, shop=shop)) == [201] * 8
    balances = [shop.call("GET", f"/wallets/{id_}").json()["balance"] for id_ in (one, other)]
    assert balances == [100, 100]


def test_more_than_there_is_does_not_leave_a_wallet(shop: Any) -> None:
    source, target = new_wallet(shop, 25), new_wallet(shop, 0, who="bob")
    calls = []
    for number in range(4):
        body = {"fromWalletId": source, "toWalletId": target, "amount": 10}
        headers = {"Idempotency-Key": f"too-much-{source}-{number}"}
        calls.append(("POST", "/transfers", "alice", {"json": body, "headers": headers}))
    assert statuses(at_once(*calls, shop=shop)) == [201, 201, 409, 409]
    assert shop.call("GET", f"/wallets/{source}").json()["balance"] == 5


def test_one_version_is_replaced_once(shop: Any) -> None:
    document = shop.call("POST", "/documents", json={"title": "Draft"}).json()["id"]
    calls = [
        (
            "PUT",
            f"/documents/{document}",
            "alice",
            {"json": {"title": title}, "headers": {"If-Match": '"1"'}},
        )
        for title in "abcd"
    ]
    assert statuses(at_once(*calls, shop=shop)) == [200, 412, 412, 412]


def test_one_email_address_is_taken_once(shop: Any) -> None:
    body = {"email": f"together{shop.unique()}@customers.example", "name": "Twin"}
    responses = at_once(*[("POST", "/customers", "alice", {"json": body})] * 4, shop=shop)
    assert statuses(responses) == [201, 409, 409, 409]


def test_the_worker_sends_each_message_once(start_shop: Any) -> None:
    with start_shop(SHOP_WORKER="1") as shop:
        body = {"kind": "sales", "month": "2025-01"}
        report = shop.call("POST", "/reports", json=body).json()["id"]
        for _ in range(100):
            if shop.call("GET", f"/reports/{report}").json()["status"] == "done":
                break
        messages = shop.rows("SELECT status, attempts FROM outbox")
        assert messages == [{"status": "sent", "attempts": 1}]
