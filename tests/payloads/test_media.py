"""Bodies and parameters as they travel."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings

from gen_suite.runtime.payloads import FilePart, NoPayload
from gen_suite.runtime.payloads.media import ODD_BYTES


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def sent(arguments: dict[str, Any]) -> httpx.Request:
    """The request that a real client makes of it."""
    return httpx.Request("POST", "http://example.com/things", **arguments)


def test_json(judged) -> None:
    request = sent(judged(obj(("a",), a={"type": "integer"})).space.request({"a": 1}))
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == {"a": 1}


def test_a_body_of_null_is_sent_as_null(judged) -> None:
    """Clients take `json=None` for no body, which is another request."""
    space = judged(obj(("a",), a={"type": "integer"})).space
    null = next(one for one in space.violations() if one.name == "body: null")
    for request in (sent(space.request(None)), sent(null.of(json={"a": 1}))):
        assert request.content == b"null"
        assert request.headers["content-type"] == "application/json"


def test_json_of_another_name(judged) -> None:
    media = "application/merge-patch+json"
    space = judged(obj(("a",), a={"type": "integer"}), media=media).space
    request = sent(space.request(space.example()))
    assert request.headers["content-type"] == media
    assert json.loads(request.content) == {"a": 0}


def test_forms(judged) -> None:
    schema = obj(
        ("a", "tags", "card"),
        a={"type": "boolean"},
        tags={"type": "array", "items": {"type": "string"}, "minItems": 2},
        card=obj(("number",), number={"type": "integer"}),
    )
    extra = {"encoding": {"card": {"style": "deepObject", "explode": True}}}
    space = judged(schema, media="application/x-www-form-urlencoded", extra=extra).space
    request = sent(space.request(space.example()))
    assert request.content == b"a=true&tags=amber&tags=amber&card%5Bnumber%5D=0"
    names = [violation.name for violation in space.violations()]
    assert "missing a" in names
    assert "a: not a boolean" in names
    assert not any(name.endswith(": null") for name in names), "a form has no null"
    assert "card/number: not an integer" in names
    broken = next(v for v in space.violations() if v.name == "a: not a boolean")
    assert sent(broken.of(json=space.example())).content.startswith(b"a=not+a+boolean&")


@pytest.mark.parametrize(
    "file", [{"type": "string", "format": "binary"},
             {"type": "string", "contentMediaType": "application/octet-stream"}]
)  # fmt: skip
def test_multipart_with_files(judged, file) -> None:
    schema = obj(("title", "photo"), title={"type": "string"}, photo=file,
                 more={"type": "array", "items": file})  # fmt: skip
    extra = {"encoding": {"photo": {"contentType": "image/png"}}}
    space = judged(schema, media="multipart/form-data", extra=extra).space
    body = space.complete()
    assert isinstance(body["photo"], FilePart)
    assert body["photo"].content.startswith(b"\x89PNG")
    assert [part.content for part in body["more"]] == [b"amber" + ODD_BYTES]
    request = sent(space.request(body))
    request.read()
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="photo"; filename="amber.png"' in request.content
    assert b'name="title"\r\n\r\namber' in request.content

    @settings(max_examples=10, database=None, deadline=None)
    @given(space.bodies())
    def check(drawn: Any) -> None:
        assert isinstance(drawn["photo"], FilePart)
        assert isinstance(drawn["title"], str)

    check()


def test_text_and_binary(judged) -> None:
    text = judged({"type": "string", "maxLength": 4}, media="text/plain").space
    assert 0 < len(text.example()) <= 4
    assert sent(text.request("abc")).headers["content-type"] == "text/plain"
    spelled = {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]*$"}
    broken = {
        v.name: sent(v.of(body="abc"))
        for v in judged(spelled, media="text/plain").space.violations()
    }
    assert {"body: shorter than 2", "body: longer than 4", "body: wrong media type"} < set(broken)
    assert broken["body: shorter than 2"].content == b"a"
    assert broken["body: wrong media type"].headers["content-type"] != "text/plain"
    binary = judged({"type": "string", "format": "binary"}, media="image/png").space
    assert binary.example().startswith(b"\x89PNG")
    assert sent(binary.request(binary.example())).headers["content-type"] == "image/png"


def test_xml_is_told_not_guessed(judged) -> None:
    with pytest.raises(NoPayload, match="POST /things: application/xml is no type of body"):
        judged({"type": "object"}, media="application/xml").space.bodies()


def parameter(name: str, place: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": True, "schema": schema, **more}


INTEGERS = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "uniqueItems": True}
POINT = obj(("x", "y"), x={"type": "integer"}, y={"type": "string"})
STYLES = [
    (parameter("a", "query", INTEGERS), {"a": ["0", "1"]}),
    (parameter("a", "query", INTEGERS, explode=False), {"a": "0,1"}),
    (parameter("a", "query", INTEGERS, style="pipeDelimited", explode=False), {"a": "0|1"}),
    (parameter("a", "query", POINT, style="deepObject"), {"a[x]": "0", "a[y]": "amber"}),
    (parameter("a", "query", POINT), {"x": "0", "y": "amber"}),
    (parameter("a", "query", {"type": "integer"}), {"a": 0}),
    (parameter("a", "query", {"type": "boolean"}), {"a": "true"}),
    (parameter("a", "header", INTEGERS), {"a": "0,1"}),
    (parameter("a", "header", {"type": "string"}), {"a": "amber"}),
    (parameter("a", "cookie", {"type": "integer"}), {"a": "0"}),
    (parameter("a", "path", INTEGERS, style="label"), {"a": ".0,1"}),
    (parameter("a", "path", INTEGERS, style="matrix", explode=True), {"a": ";a=0;a=1"}),
    (parameter("a", "path", {"type": "string", "format": "uuid"}),
     {"a": "00000000-0000-4000-8000-000000000000"}),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "travels"), STYLES, ids=[str(i) for i in range(len(STYLES))])
def test_parameters_travel_by_their_style(judged, given_, travels) -> None:
    path = "/things/{a}" if given_["in"] == "path" else "/things"
    space = judged({"type": "object"}, parameters=[given_], path=path).space
    assert space.parameter_example(given_["in"]) == travels


def test_text_of_parameters_can_travel(judged) -> None:
    """Nothing empty, no slash, nothing beyond ASCII; optional ones come and go."""
    parameters = [
        parameter("key", "path", {"type": "string"}),
        {"name": "X-Note", "in": "header", "schema": {"type": "string", "maxLength": 12}},
        {"name": "Accept", "in": "header", "schema": {"type": "string"}},
    ]
    space = judged(
        {"type": "object"}, parameters=parameters, path="/things/{key}", hostile=True
    ).space
    notes = set()

    @settings(max_examples=60, database=None, deadline=None)
    @given(space.parameters("path"), space.parameters("header"))
    def check(path: dict[str, str], header: dict[str, str]) -> None:
        assert path["key"].strip("/ ") == path["key"] != ""
        assert header.keys() <= {"X-Note"}
        notes.update(header.values())
        notes.add("" if header else "none")

    check()
    assert "none" in notes
    assert any(note.isascii() and note for note in notes)


def test_each_optional_parameter_is_an_option(judged) -> None:
    parameters = [
        {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["up", "down"]}},
        {"name": "X-Trace", "in": "header", "schema": {"type": "string", "format": "uuid"}},
        {"name": "needed", "in": "query", "required": True, "schema": {"type": "string"}},
        {"name": "If-Match", "in": "header", "schema": {"type": "string"}},
    ]
    options = judged({"type": "object"}, parameters=parameters).space.options()
    assert [str(option).partition(":")[0] for option in options] == ["sort", "sort", "X-Trace"]
    request = options[1].of(params={"needed": "x"}, json={})
    assert request == {"params": {"needed": "x", "sort": "down"}, "json": {}}
    assert set(options[2].of()["headers"]) == {"X-Trace"}
