"""References: internal ones stay and are followed, other files are brought in, none escapes."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gen_suite.errors import SpecError
from gen_suite.spec.model import Document
from gen_suite.spec.pointer import escape, get, join, split
from gen_suite.spec.read import read_document
from gen_suite.spec.refs import FILES

DATA = Path(__file__).parent / "data"


def document_of(raw: dict[str, Any]) -> Document:
    return Document(Path("openapi.json"), "", "3.0.3", raw, (), {}, ())


@pytest.fixture(scope="module")
def multi() -> Document:
    return read_document(DATA / "multi" / "openapi.yaml")


def body_schema(document: Document, label: str) -> Any:
    media = document.operation(label).json_body
    assert media is not None
    return document.follow(media.schema)


def test_internal_references_stay_and_are_followed() -> None:
    document = read_document(DATA / "orders.yaml")
    schema = document.operation("POST /orders").responses["201"].content["application/json"].schema
    assert schema == {"$ref": "#/components/schemas/Order"}
    alias = {"$ref": "#/components/schemas/Alias"}
    assert document.follow(alias) is document.follow(schema)
    assert document.follow(5) == 5
    assert document.follow({"type": "object"}) == {"type": "object"}


def test_files_are_brought_in(multi: Document) -> None:
    assert multi.problems == ()
    assert [o.label for o in multi.operations] == ["POST /orders", "DELETE /orders/{id}"]
    order = body_schema(multi, "POST /orders")
    assert multi.follow(order["properties"]["customer"])["properties"]["name"] == {"type": "string"}
    assert multi.follow(order["properties"]["total"])["properties"]["cents"] == {"type": "integer"}
    assert "sku" in multi.follow(order["properties"]["lines"]["items"])["properties"]


def test_circles_through_files_are_followed(multi: Document) -> None:
    order = body_schema(multi, "POST /orders")
    customer = multi.follow(order["properties"]["customer"])
    assert multi.follow(customer["properties"]["orders"]["items"]) is order


def test_a_reference_inside_another_file_means_that_file(multi: Document) -> None:
    assert multi.operation("POST /orders").responses["400"].description == "Refused"


def test_references_where_the_standard_has_none(multi: Document) -> None:
    assert multi.follow(multi.raw["tags"][0]["description"]) == "# Orders\n\nPlain text.\n"
    (parameter,) = multi.operation("DELETE /orders/{id}").parameters
    assert multi.follow(parameter.schema) == {"type": "integer"}


def test_examples_in_other_files(multi: Document) -> None:
    media = multi.operation("POST /orders").json_body
    assert media is not None
    assert media.examples == {"small": {"id": 1}, "example": {"$ref": "no-such-example.json"}}


def test_a_property_called_ref_is_no_reference(multi: Document) -> None:
    odd = multi.raw["components"]["schemas"]["Odd"]
    assert odd["properties"] == {"$ref": {"type": "string"}}
    assert multi.follow(odd["properties"]) is odd["properties"]


def test_every_node_keeps_its_place_in_its_own_file(multi: Document) -> None:
    create = multi.operation("POST /orders")
    where = multi.where(f"{create.pointer}/requestBody")
    assert (where.file.name, where.line, where.column) == ("orders.yaml", 3, 3)
    where = multi.where(join(FILES, "schemas/Order.yaml", "properties", "customer"))
    assert (where.file.name, where.line, where.column) == ("Order.yaml", 5, 3)


def test_a_problem_in_another_file_is_located_there(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {/a: {$ref: a.yaml}}\n"
    )
    (tmp_path / "a.yaml").write_text("post:\n  parameters:\n    - {in: query}\n")
    document = read_document(tmp_path / "openapi.yaml")
    problem = next(p for p in document.problems if p.level == "error")
    assert (problem.where.file.name, problem.where.line) == ("a.yaml", 3)


def refer(folder: Path, ref: str, *, key: str = "schema") -> Path:
    media = {key: {"$ref": ref}}
    operation = {"requestBody": {"content": {"application/json": media}}, "responses": {}}
    raw = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"post": operation}},
        "components": {"schemas": {"Pet": {"type": "object"}}},
    }
    folder.mkdir(exist_ok=True)
    file = folder / "openapi.json"
    file.write_text(json.dumps(raw, indent=1))
    return file


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    file = refer(tmp_path, "Ordr.yaml")
    (tmp_path / "Order.yaml").write_text("type: object\n")
    with pytest.raises(SpecError) as caught:
        read_document(file)
    assert "does not exist" in caught.value.message
    assert caught.value.hint == "Did you mean 'Order.yaml'?"
    assert caught.value.where is not None
    assert caught.value.where.line == 14


def test_a_bare_name_means_a_component(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        read_document(refer(tmp_path, "Pet"))
    assert caught.value.hint == "Did you mean '#/components/schemas/Pet'?"


def test_a_missing_pointer_in_a_file_leaves_the_operation_out(tmp_path: Path) -> None:
    file = refer(tmp_path, "pets.yaml#/Dogg")
    (tmp_path / "pets.yaml").write_text("Dog: {type: object}\n")
    document = read_document(file)
    problem = next(p for p in document.problems if p.level == "error")
    assert document.operations == ()
    assert "pets.yaml/Dog'" in problem.hint


@pytest.mark.parametrize(
    "ref",
    [
        "https://example.com/schemas/order.json",
        "http://127.0.0.1:1/a.json#/a",
        "//example.com/a.json",
        "ftp://example.com/a",
        "python://os/path.py",
        "data:application/json,{}",
        "file:///" + "x" * 5000,
        "y" * 5000,
        "http://[",
        "a\0b",
    ],
)
def test_the_network_other_schemes_and_nonsense_are_refused(tmp_path: Path, ref: str) -> None:
    with pytest.raises(
        SpecError, match=r"not read|cannot be read|outside|no address|no path"
    ) as caught:
        read_document(refer(tmp_path, ref))
    assert caught.value.where is not None
    assert caught.value.where.line == 14


@pytest.mark.parametrize("form", ["relative", "absolute", "uri", "encoded", "link", "example"])
def test_files_outside_of_the_folder_are_refused_unread(tmp_path: Path, form: str) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("password: [hunter2\n")  # reading it would be a syntax error
    folder = tmp_path / "spec"
    folder.mkdir()
    if form == "link":
        (folder / "link.yaml").symlink_to(secret)
    ref = {
        "relative": "../secret.yaml",
        "absolute": str(secret),
        "uri": secret.as_uri(),
        "encoded": "%2e%2e/secret.yaml",
        "link": "link.yaml",
        "example": "../secret.yaml",
    }[form]
    file = refer(folder, ref, key="example" if form == "example" else "schema")
    if form == "example":
        assert "hunter2" not in json.dumps(read_document(file).raw)
        return
    with pytest.raises(SpecError) as caught:
        read_document(file)
    assert "outside" in caught.value.message
    assert f"--allow-refs {tmp_path}" in caught.value.hint
    assert "hunter2" not in str(caught.value)


def test_files_outside_are_read_where_allowed() -> None:
    file = DATA / "inner" / "openapi.yaml"
    with pytest.raises(SpecError, match="outside"):
        read_document(file)
    for allowed in (DATA / "shared", DATA / "shared" / "thing.yaml"):
        document = read_document(file, allow_refs=[allowed])
        assert "shared" in body_schema(document, "POST /things")["properties"]
    with pytest.raises(SpecError, match="outside"):
        read_document(file, allow_refs=[DATA / "multi"])


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = refer(tmp_path, "broken.yaml")
    (tmp_path / "broken.yaml").write_text("a: 1\nb: [\n")
    with pytest.raises(SpecError) as caught:
        read_document(file)
    assert caught.value.where is not None
    assert caught.value.where.file.name == "broken.yaml"


def test_a_reference_to_the_document_by_its_own_name(tmp_path: Path) -> None:
    document = read_document(refer(tmp_path, "openapi.json#/components/schemas/Pet"))
    assert body_schema(document, "POST /a") == {"type": "object"}
    assert FILES not in document.raw


def test_file_names_with_odd_characters(tmp_path: Path) -> None:
    file = refer(tmp_path, "my%20pets%25.yaml#/Dog~1Cat")
    (tmp_path / "my pets%.yaml").write_text("Dog/Cat: {type: string}\n")
    document = read_document(file)
    assert document.problems[0].level == "warning"  # no responses
    assert body_schema(document, "POST /a") == {"type": "string"}


def test_many_files_that_share_one(tmp_path: Path) -> None:
    """Inlining would double with every step; bringing in does not."""
    file = refer(tmp_path, "s0.yaml")
    for number in range(60):
        following = f"s{number + 1}.yaml"
        text = f"properties: {{a: {{$ref: {following}}}, b: {{$ref: {following}}}}}\n"
        (tmp_path / f"s{number}.yaml").write_text(text)
    (tmp_path / "s60.yaml").write_text("type: string\n")
    document = read_document(file)
    schema = body_schema(document, "POST /a")
    for _ in range(60):
        schema = document.follow(schema["properties"]["b"])
    assert schema == {"type": "string"}


def test_an_edited_file_is_read_anew(tmp_path: Path) -> None:
    file = refer(tmp_path, "pet.yaml")
    for kind in ("string", "integer"):
        (tmp_path / "pet.yaml").write_text(f"type: {kind}\n")
        assert body_schema(read_document(file), "POST /a") == {"type": kind}


def test_following_nothing_names_the_nearest() -> None:
    document = document_of({"components": {"schemas": {"Order": {}, "Customer": {}}}})
    with pytest.raises(SpecError, match="Did you mean '#/components/schemas/Order'"):
        document.follow({"$ref": "#/components/schemas/order"})
    with pytest.raises(SpecError, match="Did you mean '#/components/schemas/Order'"):
        document.follow({"$ref": "#/definitions/Order"})


def test_following_a_circle_of_references_is_an_error() -> None:
    document = document_of({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}, "c": {"$ref": "#/c/d"}})
    with pytest.raises(SpecError, match="back to itself"):
        document.follow({"$ref": "#/a"})
    with pytest.raises(SpecError):
        document.follow({"$ref": "#/c/d"})


def test_pointers_through_references_anchors_and_escapes() -> None:
    raw = {
        "a": {"$ref": "#/b"},
        "b": {"properties": {"x/y": {"type": "string"}, "é ~": {"$anchor": "here"}}},
        "list": [{"n": 1}],
    }
    document = document_of(raw)
    assert document.follow({"$ref": "#/a/properties/x~1y"}) == {"type": "string"}
    assert document.follow({"$ref": "#/b/properties/%C3%A9%20~0"}) == {"$anchor": "here"}
    assert document.follow({"$ref": "#here"}) == {"$anchor": "here"}
    assert document.follow({"$ref": "#/list/0"}) == {"n": 1}
    assert document.follow({"$ref": "#"}) is raw
    for ref in ("#/list/1", "#/list/-1", "#/list/x", "#/list/0/n/m", "#/list/99999999999999999999"):
        with pytest.raises(SpecError):
            document.follow({"$ref": ref})


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
trees = st.recursive(
    st.integers(),
    lambda node: st.dictionaries(names, node, max_size=4) | st.lists(node, max_size=4),
    max_leaves=20,
)


def nodes(root: Any) -> list[tuple[tuple[str, ...], Any]]:
    found: list[tuple[tuple[str, ...], Any]] = [((), root)]
    for path, node in found:
        if isinstance(node, dict | list):
            items = node.items() if isinstance(node, dict) else enumerate(node)
            found += [((*path, str(key)), child) for key, child in items]
    return found


@settings(deadline=None)
@given(st.dictionaries(names, trees, min_size=1, max_size=4))
def test_every_node_is_found_by_its_pointer(raw: dict[str, Any]) -> None:
    document = document_of(raw)
    for path, node in nodes(raw):
        pointer = join(*path)
        if pointer.strip("/"):
            assert split(pointer) == list(path)
            assert get(raw, pointer) is node
            assert document.follow({"$ref": f"#{pointer.replace('%', '%25')}"}) == node


@settings(deadline=None)
@given(names)
def test_escaping_leaves_no_slash(name: str) -> None:
    assert "/" not in escape(name)


def test_a_circle_of_links_is_refused(tmp_path: Path) -> None:
    file = refer(tmp_path, "one.yaml")
    (tmp_path / "one.yaml").symlink_to(tmp_path / "two.yaml")
    (tmp_path / "two.yaml").symlink_to(tmp_path / "one.yaml")
    with pytest.raises(SpecError):
        read_document(file)
