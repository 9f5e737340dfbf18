"""What every operation carries, read from real files of each version."""

import json
from pathlib import Path

import fastapi
import pydantic
import pytest

from gen_suite.errors import SpecError
from gen_suite.spec.model import Document, Operation
from gen_suite.spec.read import read_document

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def orders() -> Document:
    return read_document(DATA / "orders.yaml")


@pytest.fixture(scope="module")
def create(orders: Document) -> Operation:
    return orders.operation("POST /orders")


def test_a_sound_document_has_no_problems(orders: Document) -> None:
    assert orders.problems == ()
    assert (orders.title, orders.version, orders.base_path) == ("Orders", "3.0.3", "/v1")


def test_operations_come_in_the_documents_order(orders: Document) -> None:
    labels = [operation.label for operation in orders.operations]
    assert labels == ["GET /orders", "POST /orders", "PATCH /orders/{id}", "DELETE /orders/{id}"]
    assert [o.method for o in orders.write_operations] == ["POST", "PATCH", "DELETE"]


def test_plain_facts(create: Operation) -> None:
    assert create.operation_id == "createOrder"
    assert create.summary == "Place an order"
    assert create.description == "Takes stock.\n"
    assert create.tags == ("orders", "writes")
    assert create.extensions == {"x-risk": "high"}
    assert create.pointer == "/paths/~1orders/post"
    assert create.is_write
    assert not create.deprecated


def test_parameters_of_the_path_are_merged_and_own_ones_win(orders: Document) -> None:
    tenant, page, tags = orders.operation("GET /orders").parameters
    assert (tenant.name, tenant.location, tenant.required, tenant.style) == (
        "X-Tenant",
        "header",
        True,
        "simple",
    )
    assert (page.description, page.examples) == ("own", {"schema": 3})
    assert (page.style, page.explode, page.required) == ("form", True, False)
    assert (tags.style, tags.explode) == ("form", False)


def test_a_shared_parameter_is_followed(orders: Document) -> None:
    (parameter,) = orders.operation("DELETE /orders/{id}").parameters
    assert (parameter.name, parameter.location, parameter.required) == ("id", "path", True)
    assert parameter.schema == {"type": "string", "format": "uuid"}


def test_a_body_per_media_type(create: Operation) -> None:
    assert create.request_body is not None
    assert create.request_body.required
    assert list(create.request_body.content) == ["application/json", "application/xml"]
    assert create.json_body is create.request_body.content["application/json"]
    assert create.json_body.schema == {"$ref": "#/components/schemas/NewOrder"}


def test_a_json_type_with_a_suffix_is_a_json_body(orders: Document) -> None:
    body = orders.operation("PATCH /orders/{id}").json_body
    assert body is not None
    assert body.type == "application/merge-patch+json"


def test_examples_from_everywhere(create: Operation) -> None:
    assert create.json_body is not None
    assert create.json_body.examples == {
        "shared": {"customerId": 8, "items": [{"sku": "a", "quantity": 1}]},
        "inline": {"customerId": 9},
        "schema": {"customerId": 1},
    }
    assert create.request_body is not None
    assert create.request_body.content["application/xml"].examples == {"example": "<order/>"}


def test_responses_with_headers_links_and_ranges(orders: Document, create: Operation) -> None:
    assert create.statuses == ("201", "4XX", "default")
    assert create.success == ("201",)
    assert create.responses["4XX"].description == "Refused"
    assert list(create.responses["4XX"].content) == ["application/problem+json"]
    assert create.responses["201"].links["read"]["operationId"] == "readOrder"
    header = orders.operation("GET /orders").responses["200"].headers["X-Total"]
    assert (header.required, header.schema) == (True, {"type": "integer"})


def test_security_is_inherited_replaced_or_lifted(orders: Document, create: Operation) -> None:
    assert create.security == ({"bearer": ("write",)}, {"key": (), "basic": ()})
    assert orders.operation("DELETE /orders/{id}").security == ({"bearer": ()},)
    assert orders.operation("GET /orders").security == ()


def test_security_schemes(orders: Document) -> None:
    schemes = orders.security_schemes
    assert (schemes["bearer"].type, schemes["bearer"].scheme) == ("http", "bearer")
    assert (schemes["key"].location, schemes["key"].parameter) == ("header", "X-Key")
    assert schemes["login"].flows["clientCredentials"]["scopes"] == {"write": "Write"}


def test_an_operation_is_found_by_label_in_any_case_and_by_id(orders: Document) -> None:
    create = orders.operation("POST /orders")
    assert orders.operation("post /orders") is create
    assert orders.operation("createOrder") is create


@pytest.mark.parametrize("label", ["POST /order", "PATCH /orders", "", "POST", "nonsense"])
def test_an_unknown_label_is_an_error(orders: Document, label: str) -> None:
    with pytest.raises(SpecError, match="there is no operation"):
        orders.operation(label)


def test_an_unknown_label_names_the_nearest(orders: Document) -> None:
    with pytest.raises(SpecError, match="Did you mean 'POST /orders'"):
        orders.operation("POST /order")


def write(folder: Path, document: object) -> Path:
    file = folder / "openapi.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_openapi_31_and_32(tmp_path: Path) -> None:
    media = {"schema": {"type": ["string", "null"], "examples": ["a", None], "default": "d"}}
    for version in ("3.1.0", "3.2.0"):
        operation = {
            "requestBody": {"content": {"*/*": media}},
            "responses": {"2XX": {"description": "ok"}},
        }
        raw = {
            "openapi": version,
            "info": {"title": "t", "version": "1"},
            "paths": {"/x": {"put": operation}},
            "webhooks": {"done": {"post": operation}},
        }
        document = read_document(write(tmp_path, raw))
        assert document.problems == ()
        (put,) = document.operations
        assert put.json_body is not None
        assert put.json_body.type == "*/*"
        assert put.json_body.examples == {"schema-1": "a", "schema-2": None, "default": "d"}
        assert put.success == ("2XX",)


def test_what_fastapi_writes(tmp_path: Path) -> None:
    item = pydantic.create_model("Item", name=(str, ...), price=(float | None, None))
    app = fastapi.FastAPI(title="Items")

    @app.post("/items/{kind}", status_code=201)
    def create(kind: str, item: item, dry: bool = False) -> item:  # type: ignore[valid-type]
        return item

    document = read_document(write(tmp_path, app.openapi()))
    (operation,) = document.write_operations
    assert document.problems == ()
    assert operation.label == "POST /items/{kind}"
    assert [p.location for p in operation.parameters] == ["path", "query"]
    assert operation.statuses == ("201", "422")


def test_a_parameter_whose_value_is_a_serialized_body(tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"type": "object"}, "example": {"a": 1}}}
    raw = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/x": {
                "get": {
                    "parameters": [{"name": "filter", "in": "query", "content": content}],
                    "responses": {"200": {"description": "ok"}},
                }
            }
        },
    }
    (parameter,) = read_document(write(tmp_path, raw)).operations[0].parameters
    assert parameter.content is not None
    assert parameter.content.type == "application/json"
    assert parameter.schema == {"type": "object"}
    assert parameter.examples == {"example": {"a": 1}}
