"""The tests of rollback, idempotency, concurrency and effects that the shop's suite has."""

import ast
from collections.abc import Callable

import pytest

from gen_suite.mapping.resolve import Resolved
from gen_suite.matrix.build import build
from gen_suite.matrix.writes import writes_of

CONCERNS = ("rollback", "idempotency", "concurrency", "effects")


def functions(text: str) -> dict[str, str]:
    nodes = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    lines = text.splitlines()
    starts = {n.name: min([n.lineno, *(d.lineno for d in n.decorator_list)]) - 1 for n in nodes}
    return {n.name: "\n".join(lines[starts[n.name] : n.end_lineno]) for n in nodes}


def test_every_mapped_operation_is_tested_or_says_why_not(shop: Resolved) -> None:
    for cell in build(shop).cells:
        if cell.concern in CONCERNS:
            assert cell.tests or cell.reason, cell


def test_each_write_and_the_commit_fail_in_turn(suite: dict[str, str]) -> None:
    test = functions(suite["test_create_transfer.py"])["test_leaves_nothing_when_a_write_fails"]
    assert '@pytest.mark.parametrize("fault", faults(LABEL), ids=str)' in test
    assert "database.fault(fault) as injected" in test


def test_what_a_worker_does_later_is_no_write_of_the_request(shop: Resolved) -> None:
    assert "update reports" not in writes_of(shop.operations["POST /reports"])


def test_the_second_of_two_items_is_the_one_that_is_refused(suite: dict[str, str]) -> None:
    test = functions(suite["test_create_order.py"])[
        "test_leaves_nothing_when_refused_for_out_of_stock"
    ]
    assert 'body["items"] += example(LABEL)["items"]' in test
    assert "refused(409, create_order, body, last_product=product_out_of_stock)" in test
    sends = functions(suite["test_create_order.py"])["create_order"]
    assert 'body["items"][-1]["productId"] = last_product["id"]' in sends


def test_rows_that_only_a_write_needs_are_arranged(suite: dict[str, str]) -> None:
    test = functions(suite["test_cancel_order.py"])["test_leaves_nothing_when_a_write_fails"]
    assert '@pytest.mark.usefixtures("order_item")' in test


def test_requests_that_may_share_no_row_have_rows_of_their_own(suite: dict[str, str]) -> None:
    tests = functions(suite["test_book_delivery.py"])
    test = tests["test_is_serializable_for_two_rows"]
    assert 'other = {**body, "orderId": other_order["id"]}' in test


def test_another_tenant_uses_the_key_for_a_row_of_its_own(suite: dict[str, str]) -> None:
    tests = functions(suite["test_create_payment.py"])
    test = tests["test_keeps_the_key_of_another_tenant_apart"]
    assert 'create_payment(body, actor="mallory", order=mallorys_order, key=key)' in test


def test_a_change_of_nothing_is_not_sent(suite: dict[str, str]) -> None:
    tests = functions(suite["test_move_stock.py"])
    assert 'body["delta"] = 1' in tests["test_leaves_nothing_when_a_write_fails"]


def test_a_key_in_the_body_is_sent_in_the_body(suite: dict[str, str]) -> None:
    tests = functions(suite["test_create_wallet.py"])
    assert 'body["clientReference"] = key' in tests["create_wallet"]
    assert "again = create_wallet(body, key=key)" in tests["test_replays_the_first_answer"]
    alike = tests["test_distinguishes_similar_keys"]
    assert 'response = create_wallet(body, key=key[:-1] + "a")' in alike
    assert 'again = create_wallet(body, key=key[:-1] + "b")' in alike


def test_an_empty_key_is_sent_only_where_the_spec_demands_one(suite: dict[str, str]) -> None:
    demanded = functions(suite["test_create_transfer.py"])
    assert '""' in demanded["test_writes_once_with_an_odd_key"]
    optional = functions(suite["test_create_wallet.py"])
    assert '""' not in optional["test_writes_once_with_an_odd_key"]


def test_a_natural_key_holds_whoever_sends_it(suite: dict[str, str]) -> None:
    tests = functions(suite["test_redeem_coupon.py"])
    assert "test_keeps_the_key_of_another_caller_apart" not in tests
    apart = tests["test_keeps_the_key_of_another_tenant_apart"]
    assert "order=mallorys_order" in apart
    replay = tests["test_replays_the_first_answer"]
    assert "again.is_client_error or again.json() == response.json()" in replay


def test_a_deletion_meets_an_update_in_both_orders(suite: dict[str, str]) -> None:
    tests = functions(suite["test_delete_webhook.py"])
    against = tests["test_is_serializable_against_an_update"]
    assert 'race(database, update, delete, at="update webhooks")' in against
    before = tests["test_is_serializable_before_an_update"]
    assert 'race(database, delete, update, at="delete webhooks")' in before


DOCUMENTS = """\
  /documents/{id}:
    put:
      operationId: write
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: If-Match, in: header, required: true, schema: {type: string}}
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}
      responses: {"204": {description: written}, %s: {description: refused}}
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: one, headers: {ETag: {schema: {type: string}}}}}
"""


@pytest.mark.parametrize(
    ("documented", "stale"),
    [('"404"', False), ('"409"', True), ('"412"', True), ("4XX", True), ("default", True)],
)
def test_a_refusal_is_held_to_the_spec_where_it_is_documented(
    emit: Callable[[str, str, str], dict[str, str]],
    documented: str,
    stale: bool,
) -> None:
    tables = "CREATE TABLE documents (id INTEGER PRIMARY KEY, text TEXT, version INTEGER NOT NULL);"
    mapping = """
resources: {document: {table: documents, version: version}}
operations:
  PUT /documents/{id}:
    updates: document
    refuses: {locked: {arrange: {document: {text: a}}, status: 409}, whatever: {fill: {text: b}}}
"""
    tests = functions(emit(tables, DOCUMENTS % documented, mapping)["test_write.py"])
    gone = tests["test_rejects_a_stale_version"]
    assert ("assert conforms(again)" in gone) is stale
    assert "refused(409, write" in tests["test_leaves_nothing_when_refused_for_locked"]
    whatever = tests["test_leaves_nothing_when_refused_for_whatever"]
    assert "refused(range(400, 500), write" in whatever


def test_a_row_of_another_caller_has_one_name(suite: dict[str, str]) -> None:
    for name, text in suite.items():
        bodies = {n: t.partition("(")[2] for n, t in functions(text).items() if "@pytest.f" in t}
        others = [n for n in bodies if n.startswith(("foreign_", "mallorys_"))]
        assert len({bodies[n] for n in others}) == len(others), name


def test_rows_of_children_are_there_when_a_request_is_refused(suite: dict[str, str]) -> None:
    text = suite["test_cancel_order.py"]
    test = functions(text)["test_leaves_nothing_when_refused_for_shipped_already"]
    assert '@pytest.mark.usefixtures("order_item_shipped_already")' in test
    child = functions(text)["order_item_shipped_already"]
    assert 'order_id=order_shipped_already["id"]' in child


def test_a_refused_request_is_sent_again_when_the_rows_allow_it(suite: dict[str, str]) -> None:
    keyed = functions(suite["test_create_transfer.py"])
    test = keyed["test_can_be_sent_again_after_a_refusal"]
    assert 'database.update("wallets", payee_frozen_target, frozen=False)' in test
    assert "again.is_success or again.status_code == response.status_code" in test
    natural = functions(suite["test_book_delivery.py"])
    again = natural["test_can_be_sent_again_after_a_refusal"]
    assert "assert succeeded(again)" in again


def test_a_row_is_read_before_and_after_it_changes(suite: dict[str, str]) -> None:
    test = functions(suite["test_update_wallet.py"])["test_can_be_read_back"]
    first, changed, second = (
        test.index(call) for call in ("\n    api.get(", "= update_wallet(", "read = api.get(")
    )
    assert first < changed < second


def test_a_bulk_request_of_many_reads_as_often_as_one_of_few(suite: dict[str, str]) -> None:
    test = functions(suite["test_create_products.py"])["test_reads_no_more_for_more_elements"]
    assert "def test_reads_no_more_for_more_elements(statements)" in test
    assert "statements.behind(send, 2)" in test
    assert "statements.behind(send, 20)" in test
