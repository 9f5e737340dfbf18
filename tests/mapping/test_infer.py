"""Guesses from names, types and keys: what is told, how sure it is, and what is said when nothing is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gen_suite.errors import MappingError, UsageError
from gen_suite.mapping.infer.actors import read_actor
from gen_suite.mapping.infer.exact import check_exact
from gen_suite.mapping.infer.guess import Guess, Proposal
from gen_suite.mapping.infer.likeness import likeness
from gen_suite.mapping.infer.propose import Options, propose
from gen_suite.mapping.infer.routes import route
from gen_suite.mapping.infer.settle import read_text, settle
from gen_suite.mapping.infer.write import render
from gen_suite.mapping.names import words
from gen_suite.mapping.schema import Column, ForeignKey, Schema, Table
from gen_suite.spec.model import Document
from gen_suite.spec.read import read_document
from gen_suite.spec.yaml import load_yaml

Fields = dict[str, Any]
TEXT: Fields = {"type": "string"}
WHOLE: Fields = {"type": "integer"}


@pytest.fixture
def spec(tmp_path: Path) -> Callable[..., Document]:
    """`spec({"POST /orders": {"customerId": …}})`: a document of operations and their fields."""

    def make(
        operations: dict[str, Fields | None],
        *,
        answers: dict[str, Any] | None = None,
        **more: Any,
    ) -> Document:
        paths: dict[str, Any] = {}
        for label, fields in operations.items():
            method, path = label.split()
            names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
            answer = (answers or {}).get(label)
            response: dict[str, Any] = {"description": "ok"}
            if answer is not None:
                response["content"] = {"application/json": {"schema": answer}}
            operation: dict[str, Any] = {"responses": {"200": response}}
            operation["parameters"] = [
                {"name": name, "in": "path", "required": True, "schema": WHOLE} for name in names
            ]
            if fields is not None:
                schema = fields if "type" in fields else {"type": "object", "properties": fields}
                operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
            paths.setdefault(path, {})[method.lower()] = operation
        head = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}}
        file = tmp_path / "openapi.json"
        file.write_text(json.dumps({**head, "paths": paths, **more}))
        return read_document(file)

    return make


def table(name: str, *columns: Column | str, key: str = "id", **more: Any) -> Table:
    """A table whose key and plain text columns need not be spelled out."""
    made = [Column(key, "integer", nullable=False, autoincrement=True)] if key else []
    made += [one if isinstance(one, Column) else Column(one, "text") for one in columns]
    keys = (key,) if key else ()
    return Table(name, columns={one.name: one for one in made}, primary_key=keys, **more)


def schema(*tables: Table) -> Schema:
    return Schema({one.name: one for one in tables}, "sqlite")


def sure(proposal: Proposal) -> dict[str, Any]:
    return proposal.sure()


@pytest.mark.parametrize(
    ("field", "column", "least"),
    [
        ("customerId", "customer_id", 0.98),
        ("quantity", "QTY", 0.9),
        ("customerName", "CUST_NM", 0.9),
        ("createdAt", "CRT_DT", 0.85),
        ("quantityOnHand", "QTY_OH", 0.85),
        ("unitPrice", "unit_price_cents", 0.85),
        ("primary", "is_primary", 0.8),
        ("password", "password_hash", 0.8),
        ("published", "publication_date", 0.45),
    ],
)
def test_names_that_mean_one_thing(field: str, column: str, least: float) -> None:
    assert likeness(words(field), words(column)) >= least


@pytest.mark.parametrize(
    ("field", "column"),
    [("email", "name"), ("token", "created_at"), ("street", "status"), ("price", "stock")],
)
def test_names_that_do_not(field: str, column: str) -> None:
    assert likeness(words(field), words(column)) < 0.6


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/orders", "orders"),
        ("/orders", "order"),
        ("/orders", "app_orders"),
        ("/orders", "sales.orders"),
        ("/line-items", "line_items"),
        ("/lineItems", "line_item"),
        ("/people", "persons"),
        ("/api/v2/orders", "orders"),
        ("/customers", "CUST_MST"),
    ],
)
def test_a_table_in_other_words(spec: Callable[..., Document], path: str, name: str) -> None:
    document = spec({f"POST {path}": {"note": TEXT, "place": TEXT}})
    others = table("app_invoices", "number", "due"), table("app_users", "email")
    found = propose(document, schema(table(name, "note", "place"), *others))
    (resource,) = sure(found)["resources"].values()
    assert resource["table"] == name


def test_a_nested_route_names_parent_and_child(spec: Callable[..., Document]) -> None:
    document = spec({"POST /products/{productId}/tags": {"tag": TEXT}})
    key = ForeignKey(("product_id",), "products", ("id",))
    tags = table("product_tags", "product_id", "tag", foreign_keys=(key,))
    found = sure(propose(document, schema(table("products", "name"), tags, table("tags", "title"))))
    assert found["operations"]["POST /products/{productId}/tags"]["creates"] == "product_tag"


@pytest.mark.parametrize(
    ("path", "name"), [("/items", "items"), ("/rows", "rows"), ("/orders", "order")]
)
def test_no_resource_is_called_as_an_expression_begins(
    spec: Callable[..., Document], path: str, name: str
) -> None:
    """`$item.id` is the element at hand; a row of a table of items is `$items.id`."""
    document = spec({f"POST {path}": {"note": TEXT}, f"DELETE {path}/{{id}}": None})
    found = sure(propose(document, schema(table(path.strip("/"), "note"))))
    assert list(found["resources"]) == [name]
    assert found["operations"][f"DELETE {path}/{{id}}"]["deletes"] == name


def test_an_action_updates_and_sets_its_state(spec: Callable[..., Document]) -> None:
    status = Column("status", "enum", nullable=False, enum=("pending", "cancelled"))
    document = spec({"POST /orders/{id}/cancel": None, "POST /orders": {"note": TEXT}})
    found = sure(propose(document, schema(table("orders", "note", status))))
    entry = found["operations"]["POST /orders/{id}/cancel"]
    assert entry == {"updates": "order", "set": {"status": "cancelled"}}
    assert found["resources"]["order"]["arrange"] == {"status": "pending"}


def test_an_action_may_make_something_of_its_own(spec: Callable[..., Document]) -> None:
    loan = {"type": "object", "properties": {"id": WHOLE, "bookId": WHOLE, "dueOn": TEXT}}
    label = "POST /books/{id}/borrow"
    components = {"schemas": {"Loan": loan}}
    answer = {"$ref": "#/components/schemas/Loan"}
    document = spec({label: {"dueOn": TEXT}}, answers={label: answer}, components=components)
    key = ForeignKey(("book_id",), "books", ("id",))
    loans = table("loans", "book_id", "due_on", foreign_keys=(key,))
    found = sure(propose(document, schema(table("books", "title"), loans)))
    assert found["operations"][label]["creates"] == "loan"


def test_bulk_goes_through_the_array(spec: Callable[..., Document]) -> None:
    item = {"type": "object", "properties": {"name": TEXT, "sku": TEXT}}
    label = "POST /products/bulk"
    document = spec({label: {"products": {"type": "array", "items": item}}})
    found = sure(propose(document, schema(table("products", "name", "sku"))))
    entry = found["operations"][label]
    assert (entry["creates"], entry["for_each"]) == ("product", "$request.body#/products")


def test_an_envelope_is_seen_through(spec: Callable[..., Document]) -> None:
    inner = {"type": "object", "properties": {"email": TEXT, "name": TEXT}}
    label = "POST /users"
    document = spec(
        {label: {"user": inner}}, answers={label: {"type": "object", "properties": {"data": inner}}}
    )
    entry = sure(propose(document, schema(table("users", "email", "name"))))["operations"][label]
    assert entry["sends"] == "$request.body#/user"
    assert entry["returns"] == "$response.body#/data"


def test_an_array_becomes_rows_of_the_child_table(spec: Callable[..., Document]) -> None:
    item = {"type": "object", "properties": {"productId": WHOLE, "quantity": WHOLE}}
    document = spec({"POST /orders": {"note": TEXT, "items": {"type": "array", "items": item}}})
    key = ForeignKey(("order_id",), "orders", ("id",))
    items = table("order_items", "order_id", "product_id", "quantity", foreign_keys=(key,))
    entry = sure(propose(document, schema(table("orders", "note"), items)))["operations"]
    assert entry["POST /orders"]["changes"] == [
        {"inserts": "order_items", "for_each": "$request.body#/items"}
    ]


def test_fields_with_units_hashes_and_nested_ones(spec: Callable[..., Document]) -> None:
    address = {"type": "object", "properties": {"city": TEXT, "zip": TEXT}}
    fields: Fields = {
        "price": {"type": "number"},
        "password": TEXT,
        "address": address,
        "name": TEXT,
    }
    columns = [Column("price_cents", "integer"), "password_hash", "address_city", "address_zip"]
    found = sure(propose(spec({"POST /things": fields}), schema(table("things", "name", *columns))))
    assert found["resources"]["thing"]["fields"] == {
        "price": {"column": "price_cents", "as": "cents"},
        "password": {"column": "password_hash", "as": "hashed"},
        "address/city": "address_city",
        "address/zip": "address_zip",
    }


def test_a_field_inside_an_object_is_no_reference_to_that_object(
    spec: Callable[..., Document],
) -> None:
    author = {"type": "object", "properties": {"id": TEXT, "created": TEXT, "nick_name": TEXT}}
    operator = {"type": "object", "properties": {"operator": TEXT, "is_null_": TEXT}}
    fields: Fields = {
        "title": TEXT, "body": TEXT, "author": author, "shelf_id": operator,
        "status": {"type": "string", "enum": ["ACCEPTED", "REJECTED"]},
    }  # fmt: skip
    columns = ("title", "body", "author_id", "shelf_id", "status_id")
    found = sure(propose(spec({"POST /books": fields}), schema(table("books", *columns))))
    assert found["resources"]["book"]["fields"] == {"author/id": "author_id"}


def test_filters_in_a_body_are_no_rows(spec: Callable[..., Document]) -> None:
    text = {"anyOf": [TEXT, {"type": "null"}]}
    filters = {"BookFilter": {"type": "object", "properties": {"title": text, "isbn": text}}}
    asked = {"anyOf": [{"$ref": "#/components/schemas/BookFilter"}, {"type": "null"}]}
    operations: dict[str, Fields] = {
        "POST /books": {"title": TEXT, "isbn": TEXT},
        "POST /books/bulk_delete": {"books": asked},
        "POST /books/bulk_update": {"books": asked},
        "POST /books/paginate": {"books": asked, "limit": {"type": "integer"}},
    }
    document = spec(operations, components={"schemas": filters})
    entries = sure(propose(document, schema(table("books", "title", "isbn"))))["operations"]
    assert entries["POST /books"] == {"creates": "book"}
    assert entries["POST /books/bulk_delete"]["changes"] == [{"deletes": "books"}]
    assert entries["POST /books/bulk_update"]["changes"] == [{"updates": "books"}]
    assert "POST /books/paginate" not in entries


@pytest.mark.parametrize(
    ("label", "operation_id", "reads", "may"),
    [
        ("POST /books/paginate", "paginate_books", True, True),
        ("POST /books/{id}/runs", "read_book_runs", True, True),
        ("POST /messages/{id}/read", "read_message", False, True),
        ("POST /templates/validate", "validate_template", False, True),
        ("POST /books", "create_book", False, False),
        ("POST /books/{id}/publish", "publish_book", False, False),
    ],
)
def test_posts_that_only_ask(
    spec: Callable[..., Document], label: str, operation_id: str, reads: bool, may: bool
) -> None:
    document = spec({label: {"note": TEXT}})
    (operation,) = document.operations
    found = route(replace(operation, operation_id=operation_id))
    assert (found.is_reading, found.may_only_read) == (reads, may)


def test_columns_that_the_application_keeps(spec: Callable[..., Document]) -> None:
    moments = [Column(name, "datetime") for name in ("created_at", "modified_on", "deleted_at")]
    tenant = ForeignKey(("tenant_id",), "tenants", ("id",))
    owner = ForeignKey(("owner_id",), "users", ("id",))
    notes = table(
        "notes", "title", "tenant_id", Column("owner_id", "integer"), *moments,
        foreign_keys=(tenant, owner),
    )  # fmt: skip
    users = table("users", "tenant_id", foreign_keys=(tenant,))
    document = spec({"POST /notes": {"title": TEXT}})
    found = sure(propose(document, schema(notes, users, table("tenants", "name"))))
    note = found["resources"]["note"]
    assert note["timestamps"] == {
        "created": "created_at",
        "updated": "modified_on",
        "deleted": "deleted_at",
    }
    assert (note["tenant"], note["owner"]) == ("tenant_id", "owner_id")


def test_a_tenant_is_told_by_the_parent_in_the_path(spec: Callable[..., Document]) -> None:
    schemes = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}
    document = spec(
        {"POST /wallets/{walletId}/deposits": {"note": TEXT}, "POST /deposits": {"note": TEXT}},
        components=schemes,
        security=[{"token": []}],
    )
    tables = schema(table("wallets", "tenant_id"), table("deposits", "wallet_id", "note"))
    operations = sure(propose(document, tables))["operations"]
    assert operations["POST /wallets/{walletId}/deposits"]["allow"] == {"tenant": "own"}
    assert "allow" not in operations["POST /deposits"]


def test_a_user_id_may_be_anybody(spec: Callable[..., Document]) -> None:
    key = ForeignKey(("user_id",), "users", ("id",))
    notes = table("notes", "title", Column("user_id", "integer"), foreign_keys=(key,))
    document = spec({"POST /notes": {"title": TEXT}})
    proposal = propose(document, schema(notes, table("users", "email")))
    assert "owner" not in sure(proposal)["resources"]["note"]
    assert "# owner: user_id  # 0.45" in render(proposal)


def test_two_tables_equally_likely_are_both_shown(spec: Callable[..., Document]) -> None:
    document = spec({"POST /orders": {"note": TEXT}})
    both = schema(table("shop_orders", "note"), table("legacy_orders", "note"))
    proposal = propose(document, both)
    assert sure(proposal).get("resources") is None
    assert any("`legacy_orders`, `shop_orders` are equally likely" in r for r in proposal.remarks)
    text = render(proposal)
    assert "legacy_orders" in text
    assert "shop_orders" in text


def test_what_has_no_table_says_so(spec: Callable[..., Document]) -> None:
    document = spec({"POST /weather": {"wind": TEXT}, "POST /orders/search": {"text": TEXT}})
    proposal = propose(document, schema(table("orders", "note")))
    assert "operations" not in sure(proposal)
    text = render(proposal)
    assert "# POST /weather: no table is named like it" in text
    assert "# POST /orders/search: it reads only" in text


def test_a_view_stands_for_the_table_it_shows(spec: Callable[..., Document]) -> None:
    document = spec({"PATCH /open_orders/{id}": {"note": TEXT}, "PATCH /sums/{id}": {"note": TEXT}})
    views = {"open_orders": ("orders",), "sums": ("orders", "users")}
    tables = replace(schema(table("orders", "note"), table("users", "note")), views=views)
    proposal = propose(document, tables)
    operations = sure(proposal)["operations"]
    assert operations == {"PATCH /open_orders/{id}": {"updates": "open_order"}}
    assert sure(proposal)["resources"]["open_order"]["table"] == "orders"
    text = render(proposal)
    assert "`open_orders` is a view of `orders`" in text
    assert "`sums` is a view of `orders` and `users`; or users" in text
    assert any("are equally likely; keep one" in remark for remark in proposal.remarks)


def test_an_empty_database_says_what_to_do(spec: Callable[..., Document]) -> None:
    proposal = propose(spec({"POST /orders": {"note": TEXT}}), Schema({}, "sqlite"))
    assert any("no tables: run its migrations" in remark for remark in proposal.remarks)


def test_a_schema_without_foreign_keys_says_so(spec: Callable[..., Document]) -> None:
    tables = schema(table("orders", "note", Column("customer_id", "integer")), table("customers"))
    proposal = propose(spec({"POST /orders": {"note": TEXT, "customerId": WHOLE}}), tables)
    assert any("no foreign keys" in remark for remark in proposal.remarks)
    assert sure(proposal)["resources"]["order"]["table"] == "orders"


def test_without_a_database_names_must_do(spec: Callable[..., Document]) -> None:
    document = spec(
        {"POST /orders": {"note": TEXT}, "PUT /users/{id}/password": {"password": TEXT}}
    )
    proposal = propose(document)
    found = sure(proposal)
    assert found["resources"]["order"] == {"table": "orders"}
    assert found["operations"]["PUT /users/{id}/password"]["updates"] == "user"
    assert "no database was looked at" in proposal.remarks[0]


def test_actors_from_the_security_schemes(spec: Callable[..., Document]) -> None:
    schemes = {
        "token": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "unused": {"type": "http", "scheme": "basic"},
    }
    document = spec(
        {"POST /orders": {"note": TEXT}},
        components={"securitySchemes": schemes},
        security=[{"token": []}, {"key": []}],
    )
    stubs = sure(propose(document))["actors"]
    assert stubs == {
        "user": {"auth": {"bearer": "${API_TOKEN}"}},
        "machine": {"auth": {"header": {"X-Key": "${API_KEY}"}}},
    }
    named = Options(actors=(read_actor("ada=ADA_TOKEN"), read_actor("robot=ROBOT:key")))
    assert sure(propose(document, None, named))["actors"] == {
        "ada": {"auth": {"bearer": "${ADA_TOKEN}"}},
        "robot": {"auth": {"header": {"X-Key": "${ROBOT}"}}},
    }


def test_the_path_that_tells_readiness_has_the_servers_before_it(
    spec: Callable[..., Document],
) -> None:
    document = spec({"GET /health": None, "POST /notes": {}}, servers=[{"url": "/api"}])
    running = Options(app={"command": Guess("serve --port {port}", 1.0)})
    assert sure(propose(document, None, running))["target"]["app"]["ready"] == "/api/health"


def test_money_credentials_and_deletion_are_risky(spec: Callable[..., Document]) -> None:
    document = spec(
        {
            "POST /payments": {"note": TEXT},
            "DELETE /notes/{id}": None,
            "POST /notes": {"note": TEXT},
        }
    )
    tables = schema(table("payments", "note"), table("notes", "note"))
    operations = sure(propose(document, tables))["operations"]
    assert operations["POST /payments"]["risk"] == "high"
    assert operations["DELETE /notes/{id}"]["risk"] == "high"
    assert "risk" not in operations["POST /notes"]


def test_what_is_written_reads_back(spec: Callable[..., Document], tmp_path: Path) -> None:
    """Also names that a hostile spec or schema may have."""
    odd = 'no"te: #x\n}'
    document = spec({"POST /orders": {odd: TEXT, "note": TEXT, "{a}, b": TEXT}})
    tables = schema(table("orders", 'NO"TE: #X\n}', "{a}, b", "note"))
    proposal = propose(document, tables)
    text = render(proposal)
    assert load_yaml(text, tmp_path / "gen-suite.yaml") == _listed(sure(proposal))


def test_a_guess_that_contradicts_the_schema_is_only_suggested(
    spec: Callable[..., Document], tmp_path: Path
) -> None:
    document, tables = spec({"POST /orders": {"note": TEXT}}), schema(table("orders", "note"))
    proposal = propose(document, tables)
    order = {**proposal.at("resources", "order"), "owner": Guess("nobody_has_it", 0.9, "a mistake")}
    tree = {**proposal.tree, "resources": {"order": order}}
    made, resolved = settle(Proposal(tree), document, tables, tmp_path / "gen-suite.yaml")
    assert "owner" not in sure(made)["resources"]["order"]
    assert resolved.resources["order"].table == "orders"
    assert "# owner: nobody_has_it  # 0.20" in render(made)


def test_the_first_line_names_the_json_schema(spec: Callable[..., Document]) -> None:
    first = render(propose(spec({"POST /orders": {"note": TEXT}}))).splitlines()[0]
    assert first == "# yaml-language-server: $schema=.gen-suite/gen-suite.schema.json"


def test_a_threshold_of_one_leaves_a_file_that_can_be_read(
    spec: Callable[..., Document], tmp_path: Path
) -> None:
    proposal = propose(spec({"POST /orders": {"note": TEXT}}), schema(table("orders", "note")))
    mapping = read_text(render(proposal, 1.0), tmp_path / "gen-suite.yaml")
    assert mapping.resources == {}


def _listed(data: Any) -> Any:
    """As JSON has it: lists instead of tuples."""
    return json.loads(json.dumps(data))


def test_a_login_and_probably_unique_columns_are_suggested(spec: Callable[..., Document]) -> None:
    token = {"type": "object", "properties": {"token": TEXT}}
    label = "POST /login"
    document = spec(
        {label: {"email": TEXT, "password": TEXT}, "POST /users": {"email": TEXT}},
        answers={label: token},
        components={"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        security=[{"token": []}],
    )
    document.raw["paths"]["/users"]["post"]["responses"]["409"] = {"description": "taken"}
    file = document.path
    file.write_text(json.dumps(document.raw))
    text = render(propose(read_document(file), schema(table("users", "email"))))
    assert "login: {request: POST /login, json: {email: …, password: …}" in text
    assert "# unique: [email]  # 0.45" in text


HOSTILE = "x\ntarget:\n  app: {command: touch /tmp/gone}\n#"


def test_no_name_of_a_spec_ends_its_line_in_the_file(tmp_path: Path) -> None:
    breaks = ("\n", "\r", "\x85", "\u2028", "\x0b")
    for made in (HOSTILE.replace("\n", one) for one in breaks):
        tree = {
            "spec": Guess("openapi.yaml", 1.0),
            "resources": {
                made: {
                    "table": Guess(made, 0.9, made, (made,)),
                    "fields": {made: Guess(f"{made} {'long ' * 30}end", 0.9, made)},
                }
            },
            "operations": {},
        }
        notes = {
            ("operations",): (made,),
            ("operations", made): (made,),
            ("resources", made): (made,),
        }
        proposal = Proposal(tree, notes)
        text = render(proposal)
        assert text.splitlines() == text.split("\n")[:-1]
        data = load_yaml(text, tmp_path)
        assert data == {**proposal.sure(), "operations": None}


def test_a_text_with_other_keys_than_proposed_is_refused(tmp_path: Path) -> None:
    tree = {"spec": Guess("openapi.yaml", 1.0), "resources": {"a": {"table": Guess("as", 0.9)}}}
    proposal = Proposal(tree)
    file = tmp_path / "gen-suite.yaml"
    text = render(proposal)
    check_exact(text, proposal, file)
    for wrong, said in [
        (text + "target: {database: sqlite:///x.db}\n", "a key that nobody proposed: 'target'"),
        (text + "    fields: {b: c}\n", "nobody proposed: 'resources' > 'a' > 'fields'"),
        (text.replace("  a:", "  b:"), "nobody proposed: 'resources' > 'b'"),
        (text.split("resources")[0], "not what was proposed: 'resources'"),
    ]:
        with pytest.raises(MappingError, match=said):
            check_exact(wrong, proposal, file)
    check_exact("target: {}\n" + text, proposal, file, before="target: {}\n")
    with pytest.raises(MappingError, match="not what was proposed: 'target'"):
        check_exact(text, proposal, file, before="target: {}\n")


def test_tables_outside_of_the_default_schema_are_proposed_by_their_full_name(
    spec: Callable[..., Document], tmp_path: Path
) -> None:
    label = "POST /orders"
    answer = {"type": "object", "properties": {"id": WHOLE, "note": TEXT}}
    document = spec({label: {"note": TEXT}}, answers={label: answer})
    columns = {"id": Column("id", "integer", nullable=False), "note": Column("note", "text")}
    orders = Table("orders", "sales", columns, ("id",))
    tables = Schema({orders.qualified: orders}, "postgresql")
    made, resolved = settle(
        propose(document, tables), document, tables, tmp_path / "gen-suite.yaml"
    )
    assert sure(made)["resources"]["order"]["table"] == "sales.orders"
    write = resolved.operations[label]
    assert [(pair.wire, pair.column) for pair in write.fields] == [("note", "note")]


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("ann=ANN:bearer", {"auth": {"bearer": "${ANN}"}}),
        ("ann=ANN:authorization", {"auth": {"header": {"Authorization": "${ANN}"}}}),
        ("ann=ANN:header.X-API-Key", {"auth": {"header": {"X-API-Key": "${ANN}"}}}),
        ("ann=ANN:cookie.sid", {"auth": {"cookie": {"sid": "${ANN}"}}}),
        (
            "ann=ANN:basic",
            {"auth": {"basic": {"username": "${ANN_USER}", "password": "${ANN_PASSWORD}"}}},
        ),
        (
            "ann=login:POST /login",
            {
                "login": {
                    "request": "POST /login",
                    "json": {"email": "${ANN_USER}", "password": "${ANN_PASSWORD}"},
                    "token": "$response.body#/data/accessToken",
                }
            },
        ),
    ],
)
def test_callers_of_specs_that_name_no_scheme(
    text: str, entry: dict[str, Any], spec: Callable[..., Document], tmp_path: Path
) -> None:
    inner = {"type": "object", "properties": {"accessToken": TEXT}}
    document = spec(
        {"POST /login": {"email": TEXT, "password": TEXT}},
        answers={"POST /login": {"type": "object", "properties": {"data": inner}}},
    )
    made = propose(document, None, Options(actors=(read_actor(text),)))
    assert sure(made)["actors"] == {"ann": entry}
    mapping = read_text(render(made), tmp_path / "gen-suite.yaml")
    assert list(mapping.actors) == ["ann"]


def test_a_caller_named_twice_has_the_credentials_of_both_ways(
    spec: Callable[..., Document], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = spec({"POST /notes": {}})
    named = (read_actor("ann=TOKEN:bearer"), read_actor("ann=KEY:header.X-API-Key"))
    made = propose(document, None, Options(actors=named))
    auth = {"bearer": "${TOKEN}", "header": {"X-API-Key": "${KEY}"}}
    assert sure(made)["actors"] == {"ann": {"auth": auth}}
    monkeypatch.setenv("TOKEN", "t-1")
    monkeypatch.setenv("KEY", "k-1")
    ann = read_text(render(made), tmp_path / "gen-suite.yaml").actors["ann"]
    assert ann.auth is not None
    assert ann.auth.reveal() == {"bearer": "t-1", "header": {"X-API-Key": "k-1"}}


@pytest.mark.parametrize(
    "second", ["ann=B:basic", "ann=B:authorization", "ann=B:bearer", "ann=login:POST /notes"]
)
def test_two_credentials_in_one_place_are_refused(
    second: str, spec: Callable[..., Document]
) -> None:
    document = spec({"POST /notes": {}})
    named = (read_actor("ann=A:bearer"), read_actor(second))
    with pytest.raises(UsageError, match="ann"):
        propose(document, None, Options(actors=named))


def test_a_path_parameter_that_is_named_for_a_unique_column_of_another_table(
    spec: Callable[..., Document], tmp_path: Path
) -> None:
    """And for none where two tables have one, or where it is not unique."""
    label = "POST /profiles/{username}/follow"
    document = spec({label: None, "POST /users": {"username": TEXT}})
    users = table("users", "username", unique=(("username",),))

    def bound(*tables: Table) -> list[tuple[str, str, str]]:
        known = schema(*tables)
        _, resolved = settle(propose(document, known), document, known, tmp_path / "gen-suite.yaml")
        return [(p.parameter, p.table, p.column) for p in resolved.operations[label].path]

    assert bound(users) == [("username", "users", "username")]
    assert bound(table("users", "username")) == []
    assert bound(users, table("bots", "username", unique=(("username",),))) == []
