"""Files that cannot be used: file, line, column, what is wrong and what to do next."""

import copy
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gen_suite.errors import SpecError
from gen_suite.spec.load import load
from gen_suite.spec.read import read_document

DATA = Path(__file__).parent / "data"
MINIMAL = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n"


def refuse(path: Path) -> SpecError:
    with pytest.raises(SpecError) as caught:
        read_document(path)
    assert caught.value.where is not None
    return caught.value


def refuse_text(folder: Path, text: str | bytes, name: str = "openapi.yaml") -> SpecError:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    error = refuse(file)
    assert error.where is not None
    assert error.where.file == file
    return error


def place(error: SpecError) -> tuple[int, int]:
    assert error.where is not None
    return error.where.line, error.where.column


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(MINIMAL)
    error = refuse(tmp_path / "openapi.yml")
    assert "no such file" in str(error)
    assert "Did you mean" in error.hint
    assert "openapi.yaml" in error.hint


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "folder" in refuse(tmp_path / "nowhere" / "openapi.yaml").hint


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(MINIMAL)
    error = refuse(tmp_path)
    assert "folder" in error.message
    assert "openapi.yaml" in error.hint


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    file = tmp_path / "openapi.yaml"
    file.write_text(MINIMAL)
    file.chmod(0)
    assert "cannot be read" in refuse(file).message


@pytest.mark.parametrize("text", ["", "   \n\n", "\ufeff"])
def test_an_empty_file(tmp_path: Path, text: str) -> None:
    assert "empty" in refuse_text(tmp_path, text).message


def test_only_comments(tmp_path: Path) -> None:
    assert "no OpenAPI" in refuse_text(tmp_path, "# nothing\n").message


def test_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    error = refuse_text(tmp_path, b"openapi: 3.0.3\ninfo: {title: caf\xe9}\n")
    assert place(error) == (2, 18)
    assert "0xe9" in error.message
    assert "UTF-8" in error.hint


def test_nul_characters(tmp_path: Path) -> None:
    assert place(refuse_text(tmp_path, "openapi: 3.0.3\na: \0b\n")) == (2, 4)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + MINIMAL.encode(),
        MINIMAL.encode("utf-16"),
        b"\xff\xfe\x00\x00" + MINIMAL.encode("utf-32-le"),
        MINIMAL.replace("\n", "\r\n").encode(),
        MINIMAL.replace("\n", "\r").encode(),
    ],
    ids=["utf-8 mark", "utf-16", "utf-32", "CRLF", "CR"],
)
def test_marks_and_line_ends_do_not_matter(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "openapi.yaml"
    file.write_bytes(data)
    document = read_document(file)
    assert document.title == "t"
    assert document.problems == ()


def test_a_json_mark_does_not_matter(tmp_path: Path) -> None:
    raw = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}
    file = tmp_path / "openapi.json"
    file.write_text("\ufeff" + json.dumps(raw), encoding="utf-8")
    assert read_document(file).title == "t"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("openapi.json", '{\n  "openapi": "3.0.3",\n}\n', (3, 1)),
        ("openapi.json", '{"openapi": "3.0.3"', (1, 20)),
        ("openapi.yaml", "openapi: 3.0.3\ninfo: {title: t\n", (3, 1)),
        ("openapi.yaml", "openapi: 3.0.3\ninfo: a: b\n", (2, 8)),
        ("openapi.yaml", "openapi: 3.0.3\npaths:\n\t/x: {}\n", (3, 2)),
        ("openapi.yaml", "openapi: 3.0.3\npaths: *nowhere\n", (2, 8)),
    ],
)
def test_syntax_errors_have_a_place(
    tmp_path: Path, name: str, text: str, expected: tuple[int, int]
) -> None:
    line, column = place(refuse_text(tmp_path, text, name))
    assert line == expected[0]
    assert abs(column - expected[1]) <= 1


def test_nan_is_no_json(tmp_path: Path) -> None:
    assert "NaN" in refuse_text(tmp_path, '{"openapi": NaN}', "openapi.json").message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"info": {"_postman_id": "x"}, "item": []}', "Postman"),
        ("asyncapi: 2.0.0\n", "AsyncAPI"),
        ('{"$schema": "x", "type": "object"}', "JSON Schema"),
        ("services: {web: {image: x}}\n", "Docker Compose"),
        ("spec: openapi.yaml\ntarget: {}\n", "table-mapping"),
        ("<!DOCTYPE html><html></html>\n", "web page"),
        ("type Query { a: Int }\n", "GraphQL"),
        ("paths: {}\n", "a part of an OpenAPI document"),
        ("- a\n", "a list"),
        ("just words\n", "plain text"),
        ("42\n", "42"),
        ('{"swaggerVersion": "1.2"}', "Swagger 1.x"),
    ],
)
def test_what_is_no_openapi_is_named(tmp_path: Path, text: str, words: str) -> None:
    error = refuse_text(tmp_path, text)
    assert "no OpenAPI document" in error.message
    assert words in error.message


def test_a_misspelt_key_is_named(tmp_path: Path) -> None:
    assert "'openAPI'" in refuse_text(tmp_path, "openAPI: 3.0.3\npaths: {}\n").hint


@pytest.mark.parametrize(
    "line", ["openapi: 4.0.0", "openapi: 2.0.0", "swagger: '1.2'", "openapi: yes", "openapi: [3]"]
)
def test_an_unsupported_version(tmp_path: Path, line: str) -> None:
    error = refuse_text(tmp_path, f"info: {{title: t}}\n{line}\npaths: {{}}\n")
    assert "not supported" in error.message
    assert place(error) == (2, 1)
    assert "3.1" in error.hint


def test_a_version_without_quotes_is_read(tmp_path: Path) -> None:
    file = tmp_path / "openapi.yaml"
    file.write_text("openapi: 3.1\ninfo: {title: t, version: 1.0}\npaths: {}\n")
    document = read_document(file)
    assert document.version == "3.1"
    version = next(p for p in document.problems if p.pointer == "/info/version")
    assert (version.where.line, version.hint) == (2, "Put it in quotes.")


BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)
SAME_NAME = "a: &a [x,x,x,x]\n" + "".join(
    f"a{i}: &a [*a,*a,*a,*a,*a,*a,*a,*a]\n" for i in range(12)
)


@pytest.mark.parametrize(
    "text",
    [
        MINIMAL + BOMB,
        MINIMAL + SAME_NAME,
        MINIMAL + "x: " + "- " * 100_000 + "y\n",
        MINIMAL + "x:\n  " + "- " * 100_000 + "y\n",
        MINIMAL + "x:\n  " + "? " * 100_000 + "y\n",
        MINIMAL + "x:\n  " + "- !t " * 100_000 + "y\n",
        MINIMAL + "x: " + "[" * 100_000 + "]" * 100_000,
        MINIMAL + "x: " + "{a: " * 5_000 + "}" * 5_000,
        "".join(" " * i + "a:\n" for i in range(900)),
        MINIMAL + "x: &x [*x]\n",
        MINIMAL + "x: &x {a: {b: *x}}\n",
    ],
    ids=[
        *("billion laughs", "one name", "inline dashes", "dashes", "questions", "tagged dashes"),
        *("brackets", "braces", "indentation", "cycle", "deeper cycle"),
    ],
)
def test_yaml_that_explodes_is_refused_quickly(tmp_path: Path, text: str) -> None:
    started = time.perf_counter()
    refuse_text(tmp_path, text)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_deep_json_is_refused(tmp_path: Path, opening: str, depth: int) -> None:
    closing = "]" if opening == "[" else "}"
    text = '{"openapi": "3.0.3", "x": ' + opening * depth + "1" + closing * depth + "}"
    assert "deeper" in refuse_text(tmp_path, text, "openapi.json").message


def test_harmless_aliases_are_read(tmp_path: Path) -> None:
    file = tmp_path / "openapi.yaml"
    file.write_text(
        MINIMAL + "x-base: &base {type: object, properties: {a: {type: string}}}\n"
        "components:\n  schemas:\n    A: *base\n    B: {<<: *base, title: B}\n"
    )
    schemas = read_document(file).raw["components"]["schemas"]
    assert schemas["A"] == {"type": "object", "properties": {"a": {"type": "string"}}}
    assert schemas["B"] == {**schemas["A"], "title": "B"}


def test_halves_of_pairs_are_replaced(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(r'{"openapi": "3.0.3", "info": {"title": "\ud800 \ud83d\ude00"}, "paths": {}}')
    assert read_document(file).title == "\ufffd \U0001f600"


def test_a_scheme_of_nonsense_values_is_read_with_problems(tmp_path: Path) -> None:
    nonsense: tuple[object, ...] = (None, 1, "x", [], {}, True, [1], {"a": 1})
    file = tmp_path / "openapi.json"
    for key in ("info", "paths", "components", "security", "servers", "tags"):
        for value in nonsense:
            raw = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}}
            file.write_text(json.dumps({**raw, key: value}))
            read_document(file)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "2.0"])
@pytest.mark.parametrize("key", ["parameters", "requestBody", "responses", "security", "tags"])
def test_nonsense_in_an_operation_never_breaks_another(
    tmp_path: Path, key: str, version: str
) -> None:
    file = tmp_path / "openapi.json"
    for value in (None, 1, "x", [], {}, [1], {"a": 1}, [None], {"200": 1}, {"content": {"a": 1}}):
        sound = {"responses": {"200": {"description": "ok"}}}
        raw = {
            ("swagger" if version == "2.0" else "openapi"): version,
            "info": {"title": "t", "version": "1"},
            "paths": {"/bad": {"post": {**sound, key: value}}, "/good": {"post": sound}},
        }
        file.write_text(json.dumps(raw))
        document = read_document(file)
        assert document.operation("POST /good").statuses == ("200",)
        read = {operation.label for operation in document.operations}
        assert "POST /bad" in read or any(p.level == "error" for p in document.problems)


def test_reading_never_raises_anything_else(tmp_path: Path) -> None:
    readers: list[Callable[[], object]] = []
    for number, data in enumerate(
        [b"\xff\xfe", b"\x00", b"\x80\x81", b"---\n...\n---\n", b"[" * 9]
    ):
        file = tmp_path / f"{number}.yaml"
        file.write_bytes(data)
        readers.append(lambda file=file: read_document(file))  # type: ignore[misc]
    for reader in readers:
        with pytest.raises(SpecError):
            reader()


def holders(node: Any) -> list[tuple[Any, Any]]:
    """Every place in a tree: a dict or list, and a key or index of it."""
    found: list[tuple[Any, Any]] = []
    stack = [node]
    while stack:
        holder = stack.pop()
        items = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, child in items:
            found.append((holder, key))
            if isinstance(child, dict | list):
                stack.append(child)
    return found


NONSENSE: tuple[object, ...] = (
    *(None, 1, -1.5, "", "x", True, [], {}, [None], {"a": 1}, {"$ref": "#/paths"}),
    *({"$ref": "#/nowhere"}, {"$ref": 5}, [{"$ref": "#"}], {"$ref": "#/components/schemas/Order"}),
)


@pytest.mark.parametrize("name", ["orders.yaml", "petstore2.json"])
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(places=st.lists(st.tuples(st.integers(0, 9999), st.sampled_from(NONSENSE)), max_size=3))
def test_any_part_may_be_nonsense(
    tmp_path: Path, name: str, places: list[tuple[int, object]]
) -> None:
    """Whatever stands anywhere, a document is read or refused with an error that has a place."""
    raw = load(DATA / name).data
    for number, nonsense in places:
        known = holders(raw)
        holder, key = known[number % len(known)]
        holder[key] = copy.deepcopy(nonsense)
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(raw))
    try:
        document = read_document(file)
    except SpecError:
        return
    for operation in document.operations:
        assert document.operation(operation.label) is operation
        assert operation.statuses is not None
    assert all(problem.where.file == file for problem in document.problems)
