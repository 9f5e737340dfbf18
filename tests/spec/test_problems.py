"""What is wrong inside a document is located data; the rest is read."""

import json
from pathlib import Path

import pytest

from gen_suite.errors import SpecError
from gen_suite.spec.duplicates import find_duplicates
from gen_suite.spec.model import Document, Problem
from gen_suite.spec.read import read_document
from gen_suite.spec.yaml import load_yaml

HEAD = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n"
DATA = Path(__file__).parent / "data"


def read(folder: Path, text: str, *, head: str = HEAD) -> Document:
    file = folder / "openapi.yaml"
    file.write_text(head + text)
    return read_document(file)


def labels(document: Document) -> list[str]:
    return [operation.label for operation in document.operations]


def only(document: Document, level: str) -> Problem:
    (problem,) = [problem for problem in document.problems if problem.level == level]
    return problem


def test_a_broken_operation_is_skipped_and_located(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "paths:\n"
        "  /good:\n"
        "    post: {responses: {'200': {description: ok}}}\n"
        "  /bad:\n"
        "    post:\n"
        "      parameters:\n"
        "        - {in: query}\n"
        "      responses: {'200': {description: ok}}\n",
    )
    assert labels(document) == ["POST /good"]
    problem = only(document, "error")
    assert (problem.where.line, problem.where.column) == (9, 11)
    assert problem.message == "POST /bad is left out: a parameter has no name"
    with pytest.raises(SpecError, match="a parameter has no name"):
        document.operation("POST /bad")


def test_a_broken_path_takes_all_of_its_operations(tmp_path: Path) -> None:
    document = read(tmp_path, "paths:\n  /bad: [1]\n  /good: {get: {responses: {}}}\n")
    assert labels(document) == ["GET /good"]
    assert "every operation of /bad is left out" in only(document, "error").message
    with pytest.raises(SpecError, match="every operation of /bad"):
        document.operation("POST /bad")


def test_a_body_parameter_in_openapi_3_says_what_to_write(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "paths:\n  /x:\n    post:\n      parameters: [{name: b, in: body}]\n"
        "      responses: {'200': {description: ok}}\n",
    )
    assert "requestBody" in only(document, "error").hint


def test_a_path_variable_without_parameter_is_taken_as_text(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "paths:\n  /a/{id}/b/{user.name}:\n    delete:\n"
        "      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]\n"
        "      responses: {'204': {description: ok}}\n",
    )
    problem = only(document, "warning")
    assert "{user.name}" in problem.message
    assert problem.where.line == 5
    declared, taken = document.operations[0].parameters
    assert (declared.name, taken.name, taken.required) == ("id", "user.name", True)
    assert taken.schema == {"type": "string"}


def test_a_path_parameter_that_the_path_does_not_hold(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "paths:\n  /a:\n    delete:\n"
        "      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]\n"
        "      responses: {'204': {description: ok}}\n",
    )
    assert "'id' that the path does not hold" in only(document, "warning").message


def test_an_operation_id_given_twice(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "paths:\n"
        "  /a: {post: {operationId: make, responses: {'200': {description: ok}}}}\n"
        "  /b: {post: {operationId: make, responses: {'200': {description: ok}}}}\n",
    )
    assert labels(document) == ["POST /a", "POST /b"]
    problem = only(document, "warning")
    assert problem.message == "POST /b has the operationId 'make' of POST /a"
    assert (problem.where.line, problem.where.column) == (5, 15)


def test_a_path_without_slash(tmp_path: Path) -> None:
    document = read(tmp_path, "paths:\n  a: {get: {responses: {'200': {description: ok}}}}\n")
    assert labels(document) == ["GET /a"]
    assert any("slash" in problem.message for problem in document.problems)


def test_an_unknown_security_scheme_is_named_once(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "security: [{tokn: []}]\n"
        "paths:\n"
        "  /a: {post: {responses: {'200': {description: ok}}}}\n"
        "  /b: {post: {responses: {'200': {description: ok}}}}\n"
        "components: {securitySchemes: {token: {type: http, scheme: bearer}}}\n",
    )
    problem = only(document, "warning")
    assert "'tokn'" in problem.message
    assert "token" in problem.hint


DANGLING = """\
paths:
  /a:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
      responses: {"200": {description: ok}}
  /b:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Free"}}}}
      responses: {"200": {description: ok}}
components:
  schemas:
    Order:
      properties:
        lines: {type: array, items: {$ref: "#/components/schemas/Line"}}
    Line:
      properties:
        product: {$ref: "#/components/schemas/Prodct"}
    Product: {type: object}
    Free:
      properties: {free: {$ref: "#/components/schemas/Free"}}
      example: {free: {$ref: "#/components/schemas/Nowhere"}}
"""


def test_what_reaches_a_reference_to_nothing_is_skipped(tmp_path: Path) -> None:
    document = read(tmp_path, DANGLING)
    assert labels(document) == ["POST /b"]
    problem = only(document, "error")
    assert "POST /a is left out" in problem.message
    assert problem.hint == "Did you mean '#/components/schemas/Product'?"
    assert (problem.where.line, problem.where.column) == (19, 19)
    assert len(document.problems) == 1


def test_a_reference_to_nothing_that_nothing_needs_is_a_warning(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "paths: {}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}}}\n",
    )
    assert "leads nowhere" in only(document, "warning").message


def test_what_breaks_the_standard_is_located_and_read(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "paths:\n"
        "  /a:\n"
        "    post:\n"
        "      requestBody:\n"
        "        content:\n"
        "          application/json:\n"
        "            schema:\n"
        "              properties:\n"
        "                price: {type: money}\n"
        "      responses: {'200': {description: ok}}\n",
    )
    assert labels(document) == ["POST /a"]
    problem = only(document, "warning")
    assert "money" in problem.message
    assert (problem.where.line, problem.where.column) == (11, 25)


def test_many_problems_are_cut_short(tmp_path: Path) -> None:
    bad = "".join(f"  /p{i}: {{post: 1}}\n" for i in range(900))
    document = read(tmp_path, f"paths:\n{bad}")
    assert len(document.problems) == 201
    assert "more problems" in document.problems[-1].message


def test_strict_makes_problems_errors(tmp_path: Path) -> None:
    read(tmp_path, DANGLING)
    with pytest.raises(SpecError) as caught:
        read_document(tmp_path / "openapi.yaml", strict=True)
    assert caught.value.where is not None
    assert caught.value.where.line == 19


def test_strict_validates_fully(tmp_path: Path) -> None:
    text = (
        "paths: {}\ncomponents:\n  schemas:\n"
        "    A: {type: object, required: [b], properties: {a: {type: integer, default: x}}}\n"
    )
    assert read(tmp_path, text).problems == ()
    with pytest.raises(SpecError, match="not of type 'integer'"):
        read_document(tmp_path / "openapi.yaml", strict=True)


@pytest.mark.parametrize("name", ["orders.yaml", "petstore2.json"])
def test_strict_accepts_what_is_sound(name: str) -> None:
    assert read_document(DATA / name, strict=True).operations


def test_strict_has_no_references_where_the_standard_has_none() -> None:
    with pytest.raises(SpecError) as caught:
        read_document(DATA / "multi" / "openapi.yaml", strict=True)
    assert caught.value.where is not None
    assert caught.value.where.line == 7


REPEATED = """\
paths:
  /a:
    post: {responses: {"200": {description: first}}}
  /b:
    get: {responses: {"200": {description: ok}}}
  /a:
    put: {responses: {"200": {description: last}}}
"""


def test_a_path_that_stands_twice_is_no_silent_loss(tmp_path: Path) -> None:
    document = read(tmp_path, REPEATED)
    problem = only(document, "warning")
    assert (
        problem.message == "the key '/a' stands twice (first in line 4); only the last one is read"
    )
    assert (problem.where.line, problem.where.column) == (8, 3)


def test_a_json_key_that_stands_twice(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(
        '{"openapi": "3.0.3", "info": {"title": "t", "version": "1"},\n'
        ' "paths": {"/a": {},\n'
        '  "/a": {}}}'
    )
    problem = only(read_document(file), "warning")
    assert "'/a' stands twice" in problem.message
    assert (problem.where.line, problem.where.column) == (3, 3)


@pytest.mark.parametrize(
    "text",
    [
        "a:\n  x: 1\nb:\n  x: 1\n",
        "a:\n- x: 1\n  y: 1\n- x: 1\n  y: 1\n",
        "a:\n  - - x: 1\n    - x: 1\n  - x: 2\n",
        "a: |\n  x: 1\n  x: 2\nb: 1\n",
        "a: >-\n  x: 1\n\n  x: 2\nb: 1\n",
        'a: "x: 1\n  x: 2\n  x: 3"\n',
        "a: {x: {x: 1}}\n",
        "b: &b {x: 1}\nc: {<<: *b, x: 2}\n",
    ],
)
def test_what_only_looks_repeated(text: str) -> None:
    assert find_duplicates(text) == []


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("a: 1\na: 2\n", "/a"),
        ("x:\n  - a: 1\n    b: 2\n    a: 3\n", "/x/0/a"),
        ("x:\n  '1': a\n  1: b\n  1: c\n", "/x/1"),
        ('{"x": [{"a": 1, "b": {}, "a": 2}]}', "/x/0/a"),
    ],
)
def test_what_is_repeated(text: str, pointer: str) -> None:
    assert pointer in [duplicate.pointer for duplicate in find_duplicates(text)]


def test_a_path_with_a_control_character_is_left_out(tmp_path: Path) -> None:
    for written in (r"/x\ntarget:", r"/x\u2028y", r"/x\x7f"):
        document = read(
            tmp_path,
            f'paths:\n  /good: {{get: {{responses: {{}}}}}}\n  "{written}": {{post: {{responses: {{}}}}}}\n',
        )
        assert labels(document) == ["GET /good"]
        problem = only(document, "error")
        assert (problem.where.line, problem.where.column) == (5, 3)
        assert "its path holds a control character" in problem.message
        assert problem.message.isprintable()


def test_numbers_without_end_are_left_out_and_said(tmp_path: Path) -> None:
    text = (
        "paths:\n  /a:\n    post:\n      responses: {'200': {description: ok}}\n      requestBody:\n        content:\n"
        "          application/json:\n            schema:\n              type: number\n"
        "              default: 1e999\n              maximum: .inf\n              minimum: 1\n"
        "              enum: [.nan, 1.5, -.inf, 2]\n"
    )
    for document in (read(tmp_path, text), read_json(tmp_path, text)):
        body = document.operations[0].request_body
        assert body is not None
        schema = body.content["application/json"].schema
        assert schema == {"type": "number", "minimum": 1, "enum": [1.5, 2]}
        said = {(p.level, p.message, p.where.line > 0) for p in document.problems}
        assert said == {
            ("warning", f"`{name}` is no finite number; it is left out", True)
            for name in ("default", "maximum", "enum/0", "enum/2")
        }


def read_json(folder: Path, text: str) -> Document:
    """The same document as JSON, in which only too large an exponent can write such a number."""
    data = load_yaml(HEAD + text, folder)
    file = folder / "openapi.json"
    written = json.dumps(data).replace("-Infinity", "-1e999")
    file.write_text(written.replace("Infinity", "1e999").replace("NaN", "1E+400"))
    return read_document(file)
