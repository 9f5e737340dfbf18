"""What resolving finds out by itself: fields, envelopes, keys, unique columns, actors, risk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.resolve import FieldPair, Resolved, Write, resolve
from gen_suite.spec.read import read_document

Resolve = Callable[..., Resolved]


def one(resolved: Resolve, operation: str, **options: object) -> Write:
    """The resolved operation of one line of mapping."""
    return resolved(operation, **options).operations[operation.partition(": {")[0]]


def test_fields_become_columns_by_their_names(resolved: Resolve) -> None:
    write = one(resolved, "POST /orders: {creates: order}")
    assert write.kind == "creates"
    assert set(write.fields) == {
        FieldPair("customerId", "customer_id"),
        FieldPair("giftNote", "gift_note"),
        FieldPair("address-line1", "address_line_1"),
        FieldPair("Email", "email"),
        FieldPair("status", "status"),
        FieldPair("total", "total_cents", "cents"),
        FieldPair("secret", "secret"),
    }
    answered = {pair.wire: pair.column for pair in write.claimed}
    assert answered["createdAt"] == "created_at"
    assert answered["orderId"] == answered["id"] == "id"
    assert not {"secret", "customer", "items", "coupon"} & set(answered)


def test_without_a_database_fields_are_taken_at_their_word(resolved: Resolve) -> None:
    write = one(resolved, "POST /orders: {creates: order}", looked=False)
    sent = {pair.wire: pair.column for pair in write.fields}
    assert sent["address-line1"] == "address_line1"
    assert sent["total"] == "total_cents"
    assert "items" not in sent
    assert {pair.wire: pair.column for pair in write.claimed}["orderId"] == "id"


@pytest.mark.parametrize("looked", [True, False])
def test_an_envelope_is_found_by_its_name(resolved: Resolve, looked: bool) -> None:
    write = one(resolved, "PATCH /orders/{id}: {updates: order}", looked=looked)
    assert write.entry
    assert write.entry.sends == "$request.body#/order"
    assert write.entry.returns == "$response.body#/data"
    assert FieldPair("giftNote", "gift_note") in write.fields
    assert FieldPair("giftNote", "gift_note") in write.claimed


def test_a_bulk_operation_has_the_fields_of_its_elements(resolved: Resolve) -> None:
    write = one(
        resolved,
        "POST /orders/bulk: {creates: order, for_each: $request.body#/orders, "
        "returns: $response.body#/data}",
    )
    assert FieldPair("giftNote", "gift_note") in write.fields
    assert FieldPair("createdAt", "created_at") in write.claimed


def test_a_field_inside_another_is_told_by_a_slash(resolved: Resolve) -> None:
    text = """
        spec: openapi.yaml
        resources: {order: {table: orders, fields: {customer/name: gift_note}}}
        """
    write = one(resolved, "POST /orders: {creates: order}", text=_block(text))
    assert FieldPair("customer/name", "gift_note") in write.claimed


def test_every_write_operation_is_there_mapped_or_not(resolved: Resolve) -> None:
    writes = resolved("POST /orders: {creates: order}").operations
    assert list(writes) == [
        "POST /customers/{customerId}/orders",
        "POST /orders",
        "POST /orders/bulk",
        "PATCH /orders/{id}",
        "DELETE /orders/{id}",
        "POST /orders/{id}/cancel",
        "DELETE /orders/{orderId}/items/{line}",
        "PUT /products/{sku}",
        "POST /transfers",
        "POST /products/{id}/tags",
        "POST /search",
        "POST /login",
    ]
    unmapped = writes["DELETE /orders/{id}"]
    assert (unmapped.entry, unmapped.kind, unmapped.resource) == (None, None, None)


def test_resources_get_what_the_schema_says(resolved: Resolve) -> None:
    resources = resolved("POST /orders: {creates: order}").resources
    assert resources["order"].key == ("id",)
    assert resources["item"].key == ("order_id", "line")
    assert resources["order"].tenant == "tenant_id"
    assert resources["wallet"].tenant is None
    assert resources["wallet"].owner is None
    assert resources["order"].unique == ("email",)
    assert resources["product"].unique == ("sku",)
    assert resources["product"].arrange == {"stock": 1000}
    assert resources["order"].wire_to_column["giftNote"] == "gift_note"
    assert "coupon" not in resources["order"].wire_to_column


def test_a_tenant_is_guessed_only_where_actors_have_one(resolved: Resolve) -> None:
    text = "spec: openapi.yaml\nactors: {a: {}}\nresources: {order: {table: orders}}"
    assert resolved(text=text).resources["order"].tenant is None


def test_a_deleted_column_makes_deleting_soft(resolved: Resolve) -> None:
    text = """
        spec: openapi.yaml
        resources: {order: {table: orders, timestamps: {deleted: deleted_at}}}
        """
    soft = one(resolved, "DELETE /orders/{id}: {deletes: order}", text=_block(text))
    hard = one(resolved, "DELETE /orders/{id}: {deletes: order}")
    assert soft.resource
    assert soft.resource.soft_delete
    assert (soft.soft, soft.cascades, soft.tables) == (True, (), ("orders",))
    assert (hard.soft, hard.cascades) == (False, ("order_items", "shipments"))
    assert hard.tables == ("orders", "order_items", "shipments")


@pytest.mark.parametrize(
    ("entry", "actor"),
    [
        ("{}", "root"),
        ("{allow: {role: customer}}", "alice"),
        ("{allow: {role: [guest, customer]}}", "alice"),
        ("{allow: {role: nobody}}", None),
        ("{allow: {role: customer}, as: root}", "root"),
    ],
)
def test_who_calls(resolved: Resolve, entry: str, actor: str | None) -> None:
    assert one(resolved, f"POST /orders: {entry}").actor == actor


@pytest.mark.parametrize(
    ("operation", "risk"),
    [
        ("POST /orders: {creates: order}", "medium"),
        ("POST /orders: {creates: order, risk: low}", "low"),
        ("POST /orders: {creates: wallet}", "high"),
        ("DELETE /orders/{id}: {deletes: order}", "high"),
        ("POST /transfers: {}", "high"),
        ("POST /login: {}", "high"),
        ("POST /search: {}", "low"),
    ],
)
def test_risk_is_guessed_by_the_words(resolved: Resolve, operation: str, risk: str) -> None:
    assert one(resolved, operation).risk == risk


def test_risk_of_what_nobody_mapped(resolved: Resolve) -> None:
    writes = resolved().operations
    told = {label: writes[label].risk for label in ("POST /orders", "POST /search", "POST /login")}
    assert told == {"POST /orders": "medium", "POST /search": "low", "POST /login": "high"}


def test_resolving_changes_nothing_and_repeats(resolved: Resolve) -> None:
    text = "POST /orders: {creates: order}"
    assert resolved(text).operations == resolved(text).operations


def _block(text: str) -> str:
    return "\n".join(line[8:] for line in text.splitlines())


FORGETFUL = """
openapi: 3.0.3
info: {title: Forgetful, version: "1"}
paths:
  /notes: {post: {responses: {"201": {description: ok}, "401": {description: who}}}}
  /files: {post: {responses: {"201": {description: ok}, "403": {description: no}}}}
  /login: {post: {responses: {"200": {description: ok}}}}
  /items: {post: {security: [{key: []}], responses: {"200": {description: ok}, "401": {description: who}}}}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
"""


def test_operations_that_know_refusals_send_credentials_where_most_leave_security_out(
    tmp_path: Path,
) -> None:
    """In a spec where most of them state it, one that does not is open."""

    def sending(text: str) -> list[str]:
        (tmp_path / "s.yaml").write_text(text)
        (tmp_path / "m.yaml").write_text(
            "spec: s.yaml\nactors: {ann: {auth: {header: {X-Key: k}}}}\n"
        )
        document = read_document(tmp_path / "s.yaml")
        made = resolve(read_mapping(tmp_path / "m.yaml"), document)
        return [one.path for one in document.operations if made.sends_credentials(one)]

    assert sending(FORGETFUL) == ["/notes", "/files", "/items"]
    stated = FORGETFUL.replace("/notes: {post: {", "/notes: {post: {security: [{key: []}], ")
    assert sending(stated) == ["/notes", "/items"]
    assert sending(f"{FORGETFUL}security: []\n") == ["/items"]
