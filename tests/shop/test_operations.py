"""Every write operation once, with the documented examples, on a real process and every engine."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS30ReadValidator

SQLITE = pytest.mark.parametrize("shop", ["sqlite"], indirect=True)
"""What is refused does not depend on the engine: the tests of it need no server."""

METHODS = ("get", "post", "put", "patch", "delete")


def follow(spec: dict[str, Any], node: Any) -> Any:
    while "$ref" in node:
        found: Any = spec
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def examples(operation: dict[str, Any]) -> list[Any]:
    """The documented bodies; [None] for an operation without one."""
    if "requestBody" not in operation:
        return [None]
    content = operation["requestBody"]["content"]["application/json"]
    if "example" in content:
        return [content["example"]]
    return [example["value"] for example in content["examples"].values()]


def check(spec: dict[str, Any], label: str, response: httpx.Response) -> None:
    """The answer is one that the spec has: status, headers, media type, schema."""
    method, path = label.split(" ")
    documented = spec["paths"][path][method.lower()]["responses"]
    assert str(response.status_code) in documented, (label, response.status_code, response.text)
    described = follow(spec, documented[str(response.status_code)])
    for name, header in described.get("headers", {}).items():
        if follow(spec, header).get("required"):
            assert name in response.headers, (label, name)
    content = described.get("content")
    if content is None:
        assert response.content == b"", label
        return
    assert response.headers["content-type"] == "application/json", label
    schema = {**content["application/json"]["schema"], "components": spec["components"]}
    OAS30ReadValidator(schema).validate(response.json())


@dataclass
class Walk:
    """Calls operations and keeps what they answered, by label."""

    shop: Any
    spec: dict[str, Any]
    answers: dict[str, httpx.Response] = field(default_factory=dict)

    def __call__(
        self, label: str, who: str = "alice", headers: dict[str, str] | None = None, **path: Any
    ) -> Any:
        """Send all examples of an operation; the last answer's body."""
        method, template = label.split(" ")
        for body in examples(self.spec["paths"][template][method.lower()]):
            sent = {} if body is None else {"json": body}
            concrete = template.format(**path)
            response = self.shop.call(
                method, concrete, who, headers={**key(), **(headers or {})}, **sent
            )
            check(self.spec, label, response)
            assert response.is_success, (label, response.text)
            self.answers[label] = response
            self._look(response, who)
        return response.json() if response.content else None

    def _look(self, response: httpx.Response, who: str) -> None:
        """What was created is where Location says."""
        if "Location" not in response.headers:
            return
        found = self.shop.call("GET", response.headers["Location"], who)
        assert found.status_code == 200
        assert found.json() == response.json()


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}


def people(walk: Walk) -> None:
    token = walk("POST /login", who="nobody")["token"]
    walk("DELETE /session", who="nobody", headers={"Authorization": f"Bearer {token}"})
    walk("PUT /tenant")
    user = walk("POST /users")["id"]
    walk("PATCH /users/{userId}", userId=user)
    walk("PUT /users/{userId}/password", userId=user)
    walk("DELETE /users/{userId}", userId=user)
    customer = walk("POST /customers", who="bob")["id"]
    walk("PUT /customers/{customerId}", customerId=customer)
    walk("PATCH /customers/{customerId}", customerId=customer)
    address = walk("POST /customers/{customerId}/addresses", customerId=customer)["id"]
    there = {"customerId": customer, "addressId": address}
    walk("PUT /customers/{customerId}/addresses/{addressId}", **there)
    walk("DELETE /customers/{customerId}/addresses/{addressId}", **there)
    walk("DELETE /customers/{customerId}", customerId=customer)


def goods(walk: Walk) -> None:
    walk("POST /products/bulk", who="warehouse")
    product = walk("POST /products", who="warehouse")["data"]["id"]
    walk("PUT /products/{productId}", productId=product)
    walk("PATCH /products/{productId}", productId=product)
    tag = walk("POST /products/{productId}/tags", productId=product)["tag"]
    walk("DELETE /products/{productId}/tags/{tag}", productId=product, tag=tag)
    walk("POST /products/{productId}/stock-movements", who="warehouse", productId=product)
    walk("DELETE /products/{productId}", productId=product)
    coupon = walk("POST /coupons")["coupon"]["id"]
    walk("PUT /coupons/{couponId}", couponId=coupon)
    walk("DELETE /coupons/{couponId}", couponId=coupon)
    walk("POST /coupons/{couponId}/redemptions", couponId=1)


def sales(walk: Walk) -> None:
    order = walk("POST /orders")["id"]
    walk("PATCH /orders/{orderId}", orderId=order)
    walk("POST /orders/{orderId}/cancel", orderId=order)
    walk("POST /orders/{orderId}/ship", who="warehouse", orderId=2)
    payment = walk("POST /payments")["id"]
    walk("POST /payments/{paymentId}/refunds", paymentId=payment)
    wallet = walk("POST /wallets")["id"]
    walk("PATCH /wallets/{walletId}", walletId=wallet)
    walk("DELETE /wallets/{walletId}", walletId=wallet)
    walk("POST /wallets/{walletId}/deposits", who="warehouse", walletId=1)
    walk("POST /transfers")


def things(walk: Walk) -> None:
    document = walk("POST /documents", who="bob")["id"]
    there: dict[str, Any] = {"who": "bob", "documentId": document}
    walk("PUT /documents/{documentId}", headers={"If-Match": '"1"'}, **there)
    walk("PATCH /documents/{documentId}", headers={"If-Match": '"9", "2"'}, **there)
    walk("POST /documents/{documentId}/publish", **there)
    walk("DELETE /documents/{documentId}", headers={"If-Match": "*"}, **there)
    slot = walk("POST /slots")["id"]
    walk("PUT /slots/{slotId}", slotId=slot)
    walk("DELETE /slots/{slotId}", slotId=slot)
    delivery = walk("POST /deliveries")["id"]
    walk("DELETE /deliveries/{deliveryId}", deliveryId=delivery)
    webhook = walk("POST /webhooks")["id"]
    walk("PATCH /webhooks/{webhookId}", webhookId=webhook)
    walk("DELETE /webhooks/{webhookId}", webhookId=webhook)
    report = walk("POST /reports")["id"]
    walk("DELETE /reports/{reportId}", reportId=report)


@pytest.fixture(scope="module")
def walked(shop: Any, spec: dict[str, Any]) -> Walk:
    walk = Walk(shop, spec)
    for part in (people, goods, sales, things):
        part(walk)
    return walk


def write_operations(spec: dict[str, Any]) -> Iterator[str]:
    for path, item in spec["paths"].items():
        yield from (f"{method.upper()} {path}" for method in METHODS[1:] if method in item)


def test_every_write_operation_succeeds_as_documented(walked: Walk) -> None:
    assert set(walked.answers) == set(write_operations(walked.spec))


def test_every_write_operation_is_in_the_audit_log(walked: Walk) -> None:
    actions = {row["action"] for row in walked.shop.rows("SELECT DISTINCT action FROM audit_log")}
    assert len(actions) == len(walked.answers) - 1  # products are created in two ways


def test_lists_are_as_documented(walked: Walk) -> None:
    paths = [path for path, item in walked.spec["paths"].items() if "get" in item]
    seed = "00000000-0000-4000-9000-000000000001"
    for path in paths:
        if path.endswith("}"):
            continue
        concrete = path.replace("{documentId}", seed)
        for name in ("customerId", "productId", "paymentId", "walletId", "couponId"):
            concrete = concrete.replace(f"{{{name}}}", "1")
        response = walked.shop.call("GET", f"{concrete}?limit=2")
        check(walked.spec, f"GET {path}", response)
        assert response.status_code == 200, (path, response.text)


def test_pages_cover_the_list_once(walked: Walk) -> None:
    whole = walked.shop.call("GET", "/audit?limit=100").json()
    pages = [walked.shop.call("GET", f"/audit?limit=7&offset={n}").json() for n in range(0, 100, 7)]
    assert [entry for page in pages for entry in page["data"]][:100] == whole["data"]
    assert whole["total"] > len(pages)


@pytest.fixture
def refuse(shop: Any, spec: dict[str, Any]) -> Callable[..., httpx.Response]:
    """Send a request that must be refused as documented and change nothing."""

    def send(label: str, who: str, **request: Any) -> httpx.Response:
        method, template = label.split(" ")
        path = template.replace("{documentId}", "00000000-0000-4000-9000-000000000001")
        path = path.replace("{reportId}", "00000000-0000-4000-9000-000000000001")
        path = path.replace("{tag}", "kitchen")
        for name in spec["components"]["parameters"]:
            path = path.replace(f"{{{name}}}", "1")
        before = shop.counts()
        headers = {"If-Match": '"1"', **key(), **request.pop("headers", {})}
        response = shop.call(method, path, who, headers=headers, **request)
        check(spec, label, response)
        assert response.is_error, (label, response.text)
        assert shop.counts() == before, label
        return response

    return send


@SQLITE
def test_strangers_are_refused(spec: dict[str, Any], refuse: Callable[..., Any]) -> None:
    for label in write_operations(spec):
        if label == "POST /login":
            continue
        for who in ("nobody", "expired", "former"):
            assert refuse(label, who, content=b"{").status_code == 401, label


@SQLITE
def test_viewers_are_refused(spec: dict[str, Any], refuse: Callable[..., Any]) -> None:
    for label in write_operations(spec):
        if label not in ("POST /login", "DELETE /session"):
            assert refuse(label, "vera", content=b"{").status_code == 403, label


@SQLITE
def test_other_tenants_find_nothing(spec: dict[str, Any], refuse: Callable[..., Any]) -> None:
    for label in write_operations(spec):
        method, path = label.split(" ")
        service_only = path.endswith(("/ship", "/deposits"))
        if "{" not in path or service_only:
            continue
        for body in examples(spec["paths"][path][method.lower()]):
            assert refuse(label, "mallory", json=body).status_code == 404, label


@SQLITE
def test_unreadable_bodies_are_refused(spec: dict[str, Any], refuse: Callable[..., Any]) -> None:
    json_type = {"Content-Type": "application/json"}
    for label in write_operations(spec):
        method, path = label.split(" ")
        operation = spec["paths"][path][method.lower()]
        who = "warehouse" if path.endswith("/deposits") else "alice"
        if "requestBody" not in operation:
            continue
        body = examples(operation)[0]
        assert refuse(label, who, content=b'{"a": ', headers=json_type).status_code == 400, label
        assert refuse(label, who, content=b"[NaN]", headers=json_type).status_code == 400, label
        assert refuse(label, who, data={"a": "b"}).status_code == 415, label
        assert refuse(label, who, json=[body]).status_code == 422, label
        assert refuse(label, who, content=b"null", headers=json_type).status_code == 422, label
        assert refuse(label, who, headers=json_type).status_code == 422, label


def test_documented_answers_fit_their_schemas(spec: dict[str, Any]) -> None:
    described = {
        name: schema["example"]
        for name, schema in spec["components"]["schemas"].items()
        if "example" in schema
    }
    assert len(described) > 10
    for name, example in described.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": spec["components"]}
        OAS30ReadValidator(schema).validate(example)
