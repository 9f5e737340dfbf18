"""What is asserted of the rows that change beside the main one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

TABLES = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT NOT NULL);
CREATE TABLE shipments (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id),
    status TEXT NOT NULL, recalls INTEGER NOT NULL, carrier TEXT NOT NULL);
CREATE TABLE products (id INTEGER PRIMARY KEY, status TEXT NOT NULL, held INTEGER);
CREATE TABLE reservations (id INTEGER PRIMARY KEY);
"""
PATHS = """\
  /orders/{id}/cancel:
    post:
      operationId: cancel
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"204": {description: done}}
  /reservations:
    post:
      operationId: reserve
      requestBody:
        required: true
        content: {application/json: {schema: {
          type: object, required: [items], properties: {items: {type: array, items: {
            type: object, required: [productId, count],
            properties: {productId: {type: integer}, count: {type: integer}}}}}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {
        type: object, properties: {id: {type: integer}}}}}}}
"""
MAPPING = """
resources: {order: {table: orders}, reservation: {table: reservations}, product: {table: products}}
operations:
"""
CANCEL = "  POST /orders/{id}/cancel: {updates: order, set: {status: cancelled}, changes: [%s]}\n"
RESERVE = "  POST /reservations: {creates: reservation, changes: [%s]}\n"


@pytest.fixture
def lines(emit: Callable[[str, str, str], dict[str, str]]) -> Callable[[str], str]:
    """`lines("  POST /reservations: ...")`: the module of that one operation, on one line."""

    def make(operation: str) -> str:
        name = "test_cancel.py" if "cancel" in operation else "test_reserve.py"
        return " ".join(emit(TABLES, PATHS, MAPPING + operation)[name].split())

    return make


WHERE = ["", "where: {order_id: $request.path.id}, ", "where: {order_id: $order.id}, "]


@pytest.mark.parametrize("where", WHERE)
def test_a_child_row_is_arranged_and_holds_what_is_set(
    lines: Callable[[str], str], where: str
) -> None:
    text = lines(CANCEL % f"{{updates: shipments, {where}set: {{status: recalled, recalls: +1}}}}")
    assert 'database.arrange("shipments", order_id=order["id"])' in text
    one = 'changes.updated("shipments").one( id=shipment["id"], status="recalled" )'
    assert f"assert {one}" in text or f"assert {one.replace('( ', '(').replace(' )', ')')}" in text
    assert '.moved("recalls") == 1' in text


def test_a_child_row_is_what_the_mapping_says_before(lines: Callable[[str], str]) -> None:
    change = "{updates: shipments, where: {carrier: dhl, status: new}, set: {status: recalled}}"
    text = lines(CANCEL % change)
    assert 'arrange( "shipments", carrier="dhl", status="new", order_id=order["id"] )' in text
    assert 'updated("shipments").one(id=shipment["id"], status="recalled")' in text


def test_rows_of_another_row_are_no_children(lines: Callable[[str], str]) -> None:
    change = "{deletes: shipments, where: {id: $request.path.id}}"
    assert 'changes.deleted("shipments").where(id=order["id"]).one()' in lines(CANCEL % change)


EACH = (
    "{updates: products, for_each: $request.body#/items, where: {id: $item.productId}, set: {%s}}"
)


def test_each_row_of_a_list_holds_what_is_set(lines: Callable[[str], str]) -> None:
    text = lines(RESERVE % EACH % "status: reserved")
    assert 'changes.updated("products").only(id=product["id"])' in text
    assert (
        'for item in body["items"]: assert changes.updated("products").where( '
        'id=item["productId"], status="reserved" )'
    ) in text


def test_what_several_elements_set_in_one_row_is_not_compared(lines: Callable[[str], str]) -> None:
    text = lines(RESERVE % EACH % "held: $item.count")
    assert 'changes.updated("products").only(id=product["id"])' in text
    assert "held=" not in text


def test_all_rows_of_a_list_hold_what_is_set(lines: Callable[[str], str]) -> None:
    change = (
        "{updates: products, for_each: $request.body#/items, where: {held: 1},"
        " set: {status: reserved}}"
    )
    assert '.where(held=1).only(status="reserved")' in lines(RESERVE % change)


def test_a_list_that_may_be_left_out_is_sent_where_its_rows_matter(
    emit: Callable[[str, str, str], dict[str, str]],
) -> None:
    notes = "properties: {notes: {type: array, items: {type: string}}, items:"
    paths = PATHS.replace("required: [items], ", "").replace("properties: {items:", notes)
    change = "{updates: products, for_each: $request.body#/items, where: {id: $item.productId}}"
    change = change.replace("}}", "}, set: {held: +$item.count}}")
    keyed = "{creates: reservation, idempotency: {header: Idempotency-Key}, "
    operation = (RESERVE % change).replace("{creates: reservation, ", keyed)
    text = emit(TABLES, paths, MAPPING + operation)["test_reserve.py"]
    assert 'body["notes"] = []' in text
    assert 'sum( item["count"] for item in body.get("items", []) )' in " ".join(text.split())
    assert 'body = example("POST /reservations")' not in text
    assert 'body = complete("POST /reservations")' in text
