"""What is asserted of the rows that change beside the main one."""

from __future__ import annotations

import re
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
    assert ".moved_by(recalls=1)" in text


def test_a_child_row_is_what_the_mapping_says_before(lines: Callable[[str], str]) -> None:
    change = "{updates: shipments, where: {carrier: dhl, status: new}, set: {status: recalled}}"
    text = lines(CANCEL % change)
    assert 'arrange( "shipments", carrier="dhl", status="new", order_id=order["id"] )' in text
    assert 'updated("shipments").one(id=shipment["id"], status="recalled")' in text


def test_rows_of_another_row_are_no_children(lines: Callable[[str], str]) -> None:
    change = "{deletes: shipments, where: {id: $request.path.id}}"
    assert 'changes.deleted("shipments").where(id=order["id"]).one()' in lines(CANCEL % change)


@pytest.mark.parametrize(("told", "arranged"), [("{status: sent}", True), ("{}", False)])
def test_children_are_there_when_it_is_their_row_that_is_refused(
    lines: Callable[[str], str], told: str, arranged: bool
) -> None:
    """An order of which nothing is told may be refused for having no shipments."""
    change = "{updates: shipments, where: {order_id: $order.id}, set: {status: recalled}}"
    refuses = f"refuses: {{too late: {{arrange: {{order: {told}}}, status: 409}}}}"
    text = lines((CANCEL % change).replace("changes:", f"{refuses}, changes:"))
    assert ('@pytest.mark.usefixtures("shipment_too_late")' in text) is arranged
    assert ('order_id=order_too_late["id"]' in text) is arranged


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
    assert 'sum(item["count"] for item in body.get("items", []))' in text
    assert "= example(LABEL)" not in text
    assert "body = complete(LABEL) if body is None else body" in text


ENTRIES = """
CREATE TABLE transfers (id INTEGER PRIMARY KEY, amount NUMERIC NOT NULL);
CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance NUMERIC NOT NULL, moves INTEGER NOT NULL);
CREATE TABLE entries (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, amount NUMERIC NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts (id));
"""
TRANSFERS = """\
  /transfers:
    post:
      operationId: transfer
      parameters: [{name: Idempotency-Key, in: header, required: true, schema: {type: string}}]
      requestBody:
        required: true
        content: {application/json: {schema: {
          type: object, required: [source, target, amount],
          properties: {source: {type: integer}, target: {type: integer},
            amount: {type: %s}, lines: {type: array, items: {type: object,
              required: [fee], properties: {fee: {type: %s}}}}}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {
        type: object, properties: {id: {type: integer}}}}}}}
"""
TRANSFER = """
resources: {transfer: {table: transfers}, account: {table: accounts}}
operations:
  POST /transfers: {creates: transfer, idempotency: {header: Idempotency-Key}, changes: [%s]}
"""


@pytest.fixture
def transfer(emit: Callable[[str, str, str], dict[str, str]]) -> Callable[..., str]:
    """`transfer("{inserts: entries}", kind="string")`: the module of a transfer, on one line."""

    def make(*changes: str, kind: str = "integer") -> str:
        mapping = TRANSFER % ", ".join(changes)
        return " ".join(
            emit(ENTRIES, TRANSFERS % (kind, kind), mapping)["test_transfer.py"].split()
        )

    return make


def entry(**values: object) -> str:
    return f"{{inserts: entries, values: {{{', '.join(f'{k}: {v}' for k, v in values.items())}}}}}"


def test_two_rows_added_to_one_table_are_told_apart_by_their_values(
    transfer: Callable[..., str],
) -> None:
    text = transfer(
        entry(kind="debit", amount="$request.body#/amount"),
        entry(kind="credit", amount="$request.body#/amount"),
    )
    assert text.count('assert len(changes.inserted("entries")) == 2') == 1
    for kind in ("debit", "credit"):
        where = f'kind="{kind}", amount=body["amount"]'
        assert re.search(rf"where\( ?{re.escape(where)} ?\) ?\.one\(\)", text)
    assert 'changes.inserted("entries").one(' not in text


def test_two_rows_are_told_apart_by_the_rows_they_point_at(transfer: Callable[..., str]) -> None:
    text = transfer(entry(account_id="$request.body#/source"), entry(account_id="$account.id"))
    assert 'where(account_id=body["source"]).one()' in text
    assert 'where(account_id=account["id"]).one()' in text


def test_amounts_may_happen_to_be_the_same(transfer: Callable[..., str]) -> None:
    text = transfer(entry(amount="$request.body#/amount"), entry(amount="$request.body#/source"))
    assert 'assert len(changes.inserted("entries")) == 2' in text
    assert 'assert changes.inserted("entries").where(amount=body["amount"])' in text
    assert '.where(amount=body["amount"]).one()' not in text


def test_rows_with_the_same_values_are_counted(transfer: Callable[..., str]) -> None:
    text = transfer(entry(kind="fee"), entry(kind="fee"), entry(kind="debit"))
    assert 'assert len(changes.inserted("entries")) == 3' in text
    assert text.count('assert len(changes.inserted("entries").where(kind="fee")) == 2') == 1
    assert 'assert changes.inserted("entries").where(kind="debit").one()' in text


def test_one_row_beside_those_of_a_list(transfer: Callable[..., str]) -> None:
    each = (
        "{inserts: entries, for_each: $request.body#/lines, values: {kind: fee, amount: $item.fee}}"
    )
    text = transfer(each, entry(kind="debit"))
    assert 'assert len(changes.inserted("entries")) == len(body.get("lines", [])) + 1' in text
    assert 'where(kind="fee", amount=item["fee"])' in text
    assert '.where(kind="debit").one()' in text


def test_an_amount_that_travels_as_text_is_counted_as_a_number(
    transfer: Callable[..., str],
) -> None:
    moved = (
        "{updates: accounts, where: {id: $request.body#/source},"
        " set: {balance: -$request.body#/amount}}",
        "{updates: accounts, for_each: $request.body#/lines, where: {id: 1},"
        " set: {balance: -$item.fee}}",
    )
    text = transfer(*moved, kind="string")
    assert "from decimal import Decimal" in text
    assert '.moved_by(balance=-Decimal(body["amount"]))' in text
    assert re.search(r'sum\( ?Decimal\(item\["fee"\]\) for item in', text)


def test_an_amount_that_may_travel_as_either_is_made_a_number(
    emit: Callable[[str, str, str], dict[str, str]],
) -> None:
    either = "anyOf: [{type: number}, {type: string}]"
    paths = (TRANSFERS % ("x", "integer")).replace("amount: {type: x}", f"amount: {{{either}}}")
    change = (
        "{updates: accounts, where: {id: $request.body#/source},"
        " set: {balance: +$request.body#/amount}}"
    )
    text = emit(ENTRIES, paths, TRANSFER % change)["test_transfer.py"]
    assert '.moved_by(balance=Decimal(str(body["amount"])))' in text


def test_an_amount_that_travels_as_a_number_is_taken_as_it_is(transfer: Callable[..., str]) -> None:
    text = transfer(
        "{updates: accounts, where: {id: $request.body#/source},"
        " set: {balance: -$request.body#/amount}}"
    )
    assert "Decimal" not in text
    assert '.moved_by(balance=-body["amount"])' in text


def test_work_done_once_moves_every_number_once(transfer: Callable[..., str]) -> None:
    account = "{updates: accounts, where: {id: $request.body#/%s}, set: {moves: +1, balance: %s}}"
    text = transfer(
        account % ("source", "-$request.body#/amount"),
        account % ("target", "+$request.body#/amount"),
    )
    _, *tests = text.split("@covers(")
    once = [test for test in tests if "done_once" in test or "can_be_retried" in test]
    once += [test for test in tests if "writes_once_when_sent_twice" in test]
    once += [test for test in tests if "_when_a_write_fails" in test]
    assert len(once) == 3
    for test in once:
        assert 'changes.inserted("transfers").one()' in test
        assert '.moved_by(moves=1, balance=-body["amount"])' in test
        assert '.moved_by(moves=1, balance=body["amount"])' in test


def test_rows_that_may_come_any_number_of_times_are_not_counted(
    transfer: Callable[..., str],
) -> None:
    text = transfer("{inserts: entries, rows: any, values: {kind: fee}}")
    assert 'assert changes.inserted("entries").only(kind="fee")' in text
    assert '"insert entries"' not in text  # it could not be made to fail where it does not happen
    assert 'changes.inserted("entries").one' not in text


def test_a_fixed_number_of_rows_is_counted(transfer: Callable[..., str]) -> None:
    text = transfer(
        "{updates: accounts, rows: 2, where: {moves: 3}, set: {balance: 0}}",
        "{inserts: entries, rows: 2, values: {kind: fee}}",
        "{inserts: entries, values: {kind: debit}}",
    )
    assert 'assert len(changes.updated("accounts").where(moves=3)) == 2' in text
    assert 'assert changes.updated("accounts").where(moves=3).only(balance=0)' in text
    assert 'assert len(changes.inserted("entries")) == 3' in text
    assert 'assert len(changes.inserted("entries").where(kind="fee")) == 2' in text
    assert 'assert changes.inserted("entries").where(kind="debit").one()' in text


def test_a_second_row_in_the_own_table_is_told_from_the_own_one(
    emit: Callable[[str, str, str], dict[str, str]],
) -> None:
    tables = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL);"
    paths = """\
  /things:
    post:
      operationId: makeThing
      requestBody:
        required: true
        content: {application/json: {schema: {
          type: object, required: [name], properties: {name: {type: string}}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {
        type: object, properties: {id: {type: integer}, name: {type: string}}}}}}}
"""
    mapping = """
resources: {thing: {table: things}}
operations:
  POST /things: {creates: thing, values: {kind: thing}, changes: [{inserts: things, values: {kind: history}}]}
"""
    text = " ".join(emit(tables, paths, mapping)["test_make_thing.py"].split())
    assert 'changes.inserted("things").where(id=response.json()["id"]).one()' in text
    assert 'changes.inserted("things").one()' not in text
    assert 'assert len(changes.inserted("things")) == 2' in text
    assert 'assert changes.inserted("things").where(kind="history")' in text
