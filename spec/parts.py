"""The parts of an operation read from raw data: parameters, bodies, responses, security."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from ..errors import SpecError
from .examples import collect
from .findings import BrokenError
from .follow import References
from .model import (
    Header,
    MediaType,
    Parameter,
    ParameterLocation,
    RequestBody,
    Response,
    Security,
    SecurityScheme,
)
from .pointer import escape

LOCATIONS = ("path", "query", "header", "cookie")


class Parts:
    """Reads parts of one document; shared ones (`#/components/...`) once each.

    Each method takes the part and its JSON pointer, and raises BrokenError if it cannot be read.
    """

    def __init__(self, refs: References) -> None:
        self._refs = refs
        self._shared: dict[tuple[str, str], Any] = {}

    def follow(self, node: Any, pointer: str) -> Any:
        try:
            return self._refs.follow(node)
        except SpecError as error:
            raise BrokenError(pointer, error.message, error.hint) from None

    def mapping(self, node: Any, pointer: str, what: str) -> dict[str, Any]:
        """`node` followed, as a mapping; an empty value counts as an empty one."""
        node = self.follow(node, pointer)
        if node is None:
            return {}
        if not isinstance(node, dict):
            raise BrokenError(pointer, f"{what} is {_kind(node)}, not a mapping")
        return node

    def text(self, node: Any, pointer: str) -> str:
        node = self.follow(node, pointer)
        return node if isinstance(node, str) else ""

    def parameter(self, node: Any, pointer: str) -> Parameter:
        return cast(Parameter, self._once("parameter", node, pointer, self._parameter))

    def response(self, node: Any, pointer: str) -> Response:
        return cast(Response, self._once("response", node, pointer, self._response))

    def request_body(self, node: Any, pointer: str) -> RequestBody:
        return cast(RequestBody, self._once("body", node, pointer, self._request_body))

    def _once(self, kind: str, node: Any, pointer: str, read: Callable[[Any, str], Any]) -> Any:
        if type(node) is not dict or type(node.get("$ref")) is not str or len(node) > 1:
            return read(node, pointer)
        key = (kind, node["$ref"])
        if key not in self._shared:
            self._shared[key] = read(node, pointer)
        return self._shared[key]

    def _parameter(self, node: Any, pointer: str) -> Parameter:
        raw = self.mapping(node, pointer, "a parameter")
        name, location = raw.get("name"), raw.get("in")
        if not isinstance(name, str) or not name:
            raise BrokenError(pointer, "a parameter has no name")
        if location not in LOCATIONS:
            hint = "OpenAPI 3 says `requestBody`." if location in ("body", "formData") else ""
            raise BrokenError(
                pointer, f"parameter {name!r} is in {location!r}", hint or _one_of(LOCATIONS)
            )
        content = self.content(raw.get("content"), f"{pointer}/content")
        media = next(iter(content.values()), None)
        schema = media.schema if media else raw.get("schema", {})
        default = "form" if location in ("query", "cookie") else "simple"
        style = str(raw.get("style") or default)
        return Parameter(
            name=name,
            location=cast(ParameterLocation, location),
            required=location == "path" or raw.get("required") is True,
            schema=schema,
            style=style,
            explode=bool(raw.get("explode", style == "form")),
            examples=media.examples if media else collect(self._refs, raw, schema),
            description=self.text(raw.get("description"), pointer),
            content=media,
        )

    def _request_body(self, node: Any, pointer: str) -> RequestBody:
        raw = self.mapping(node, pointer, "the request body")
        content = self.content(raw.get("content"), f"{pointer}/content")
        return RequestBody(raw.get("required") is True, content)

    def content(self, node: Any, pointer: str) -> dict[str, MediaType]:
        """Media types by name, in the document's order."""
        found: dict[str, MediaType] = {}
        for name, raw in self.mapping(node, pointer, "content").items():
            media = self.mapping(raw, f"{pointer}/{escape(name)}", f"media type {name!r}")
            schema = media.get("schema")
            encoding = media.get("encoding")
            found[name] = MediaType(
                name,
                schema,
                collect(self._refs, media, schema),
                encoding if isinstance(encoding, dict) else {},
            )
        return found

    def _response(self, node: Any, pointer: str) -> Response:
        raw = self.mapping(node, pointer, "a response")
        headers = self.mapping(raw.get("headers"), f"{pointer}/headers", "headers")
        links = self.mapping(raw.get("links"), f"{pointer}/links", "links")
        return Response(
            self.text(raw.get("description"), pointer),
            self.content(raw.get("content"), f"{pointer}/content"),
            {name: self._header(header, pointer, name) for name, header in headers.items()},
            {name: self.follow(link, f"{pointer}/links") for name, link in links.items()},
        )

    def _header(self, node: Any, pointer: str, name: str) -> Header:
        raw = self.mapping(node, f"{pointer}/headers/{escape(name)}", f"header {name!r}")
        schema = raw.get("schema", {})
        if "content" in raw:
            content = self.content(raw["content"], f"{pointer}/headers/{escape(name)}/content")
            schema = next((media.schema for media in content.values()), schema)
        return Header(raw.get("required") is True, schema)

    def security(self, node: Any, pointer: str) -> Security:
        if not isinstance(node, list) or not all(isinstance(entry, dict) for entry in node):
            raise BrokenError(pointer, "security is not a list of mappings")
        return tuple({name: _scopes(scopes) for name, scopes in entry.items()} for entry in node)

    def security_schemes(self, node: Any, pointer: str) -> Mapping[str, SecurityScheme]:
        found = {}
        for name, raw in self.mapping(node, pointer, "securitySchemes").items():
            scheme = self.mapping(raw, f"{pointer}/{escape(name)}", f"security scheme {name!r}")
            flows = scheme.get("flows")
            found[name] = SecurityScheme(
                name,
                str(scheme.get("type", "")),
                str(scheme.get("scheme", "")).lower(),
                str(scheme.get("in", "")),
                str(scheme.get("name", "")),
                flows if isinstance(flows, dict) else {},
            )
        return found


def _scopes(scopes: Any) -> tuple[str, ...]:
    return tuple(str(scope) for scope in scopes) if isinstance(scopes, list) else ()


def _one_of(choices: tuple[str, ...]) -> str:
    return f"One of {', '.join(choices)} is meant."


def _kind(value: Any) -> str:
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return names.get(type(value), type(value).__name__)
