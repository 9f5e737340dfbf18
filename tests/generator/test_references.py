"""Fields of a body that name rows: in which form, in which order, and where a body may lack them."""

from __future__ import annotations

from collections.abc import Callable

Emit = Callable[[str, str, str], dict[str, str]]

TABLES = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, tenant TEXT);
CREATE TABLE shops (code TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users, shop_code TEXT REFERENCES shops);
CREATE TABLE lines (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders,
    user_id INTEGER REFERENCES users, amount INTEGER);
"""


def paths(properties: str, required: str = "") -> str:
    return f"""
  /orders:
    post:
      operationId: createOrders
      requestBody:
        required: true
        content:
          application/json:
            schema: {{type: object, required: [{required}], properties: {{{properties}}}}}
      responses: {{"201": {{description: made}}, "409": {{description: no}}}}
"""


MAPPING = """
resources:
  user: {table: users}
  shop: {table: shops}
  order: {table: orders}
operations:
  POST /orders:
    creates: order
"""
LINES = """
    changes:
      - {inserts: lines, for_each: $request.body#/lines}
"""
ITEM = "{type: object, required: [userId], properties: {userId: {type: integer}, amount: {type: integer}}}"


def test_a_reference_has_the_type_of_the_field(emit: Emit) -> None:
    spec = paths("userId: {type: string}, shopCode: {type: integer}", required="userId, shopCode")
    text = emit(TABLES, spec, MAPPING)["test_create_orders.py"]
    assert 'body["userId"] = str(user["id"])' in text
    assert 'body["shopCode"] = int(shop["code"])' in text


def test_a_list_that_fill_states_keeps_the_references_in_it(emit: Emit) -> None:
    spec = paths(f"lines: {{type: array, items: {ITEM}}}", required="lines")
    fill = "    fill: {/lines: [{amount: 2}]}\n"
    text = emit(TABLES, spec, MAPPING + LINES.rstrip() + "\n" + fill)["test_create_orders.py"]
    stated, referred = text.index('body["lines"] = [{"amount": 2}]'), text.index('item["userId"] =')
    assert stated < referred


def test_a_reference_that_fill_states_inside_a_list_is_left_as_stated(emit: Emit) -> None:
    spec = paths(f"lines: {{type: array, items: {ITEM}}}", required="lines")
    fill = "    fill: {/lines: [{amount: 2, userId: 5}]}\n"
    text = emit(TABLES, spec, MAPPING + LINES.rstrip() + "\n" + fill)["test_create_orders.py"]
    assert '{"amount": 2, "userId": 5}' in text
    assert 'item["userId"] =' not in text


def test_a_list_that_may_be_left_out_is_looked_for(emit: Emit) -> None:
    spec = paths(f"lines: {{type: array, items: {ITEM}}}, at: {{type: string}}")
    text = emit(TABLES, spec, MAPPING + LINES)["test_create_orders.py"]
    assert 'for item in body.get("lines") or []:' in text


def test_an_optional_reference_is_sent_where_the_request_is_about_its_row(emit: Emit) -> None:
    spec = paths("userId: {type: integer}, at: {type: string}")
    refused = "    refuses: {nobody: {arrange: {user: {name: nobody}}, status: 409}}\n"
    text = emit(TABLES, spec, MAPPING + refused)["test_create_orders.py"]
    about = text[text.index("for_nobody(") :]
    about = about[: about.index("\n\n\n")]
    assert '    body["userId"] = user_nobody["id"]' in about.splitlines()
    assert 'if "userId" in body' not in about


def test_rows_belong_to_the_actor_who_calls_the_operation(emit: Emit) -> None:
    tables = """
        CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE boards (
            id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES users, tenant TEXT NOT NULL);
        CREATE TABLE cards (
            id INTEGER PRIMARY KEY, board_id INTEGER NOT NULL REFERENCES boards, name TEXT NOT NULL);
    """
    spec = """
  /cards/{cardId}:
    parameters: [{name: cardId, in: path, required: true, schema: {type: integer}}]
    delete: {operationId: deleteCard, security: [{token: []}], responses: {"204": {description: gone}}}
    patch:
      operationId: updateCard
      security: [{token: []}]
      requestBody:
        content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}
      responses: {"200": {description: changed}}
components: {securitySchemes: {token: {type: http, scheme: bearer}}}
"""
    mapping = """
actors:
  boss: {id: 1, tenant: acme, auth: {bearer: x}}
  member: {id: 2, tenant: acme, auth: {bearer: y}}
resources:
  user: {table: users}
  board: {table: boards, owner: owner_id, tenant: tenant}
  card: {table: cards}
operations:
  DELETE /cards/{cardId}: {deletes: card}
  PATCH /cards/{cardId}: {updates: card, as: member}
"""
    files = emit(tables, spec, mapping)
    assert 'owner_id=actors["boss"].id' in files["conftest.py"]
    assert "def board(" not in files["test_delete_card.py"]
    own = files["test_update_card.py"]
    assert 'tenant=actors["member"].tenant' in own
    assert 'owner_id=actors["member"].id' in own
    assert "def board(database, actors)" in own  # which the card of the conftest then belongs to
    assert '"/cards/{cardId}"' in own
    assert 'actor="member"' in own
