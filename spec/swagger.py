"""Swagger 2.0 as OpenAPI 3.0: what a request, a response and their security need.

The document is copied as it is converted. What it gets wrong is copied too, so that the reader
reports it as it does for OpenAPI 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import SpecError
from .follow import References
from .refs import FILES
from .swagger_parts import body, converted, parameter, response

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_KEPT = ("info", "tags", "security", "externalDocs")
_FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}


class _Converter:
    def __init__(self, raw: dict[str, Any], refs: References) -> None:
        self._raw, self._refs = raw, refs

    def convert(self) -> dict[str, Any]:
        raw = self._raw
        found: dict[str, Any] = {"openapi": "3.0.3"}
        found |= {key: raw[key] for key in _KEPT if key in raw}
        found["servers"] = [{"url": url} for url in _servers(raw)]
        paths = raw.get("paths")
        found["paths"] = (
            {template: self._path(item) for template, item in paths.items()}
            if isinstance(paths, dict)
            else paths
        )
        found["components"] = {
            "schemas": converted(raw.get("definitions") or {}, named=True),
            "securitySchemes": _security_schemes(raw.get("securityDefinitions")),
        }
        if FILES in raw:
            found[FILES] = converted(raw[FILES], named=True)
        found |= {key: value for key, value in raw.items() if key.startswith("x-") and key != FILES}
        return found

    def _path(self, node: Any) -> Any:
        item = self._follow(node)
        if not isinstance(item, dict):
            return item
        shared = item.get("parameters") or []
        found = {key: value for key, value in item.items() if key not in ("parameters", *METHODS)}
        for method in METHODS:
            if method in item:
                found[method] = self._operation(item[method], shared)
        return found

    def _operation(self, node: Any, shared: Any) -> Any:
        operation = self._follow(node)
        if not isinstance(operation, dict):
            return operation
        dropped = ("parameters", "responses", "consumes", "produces", "schemes")
        found = {key: value for key, value in operation.items() if key not in dropped}
        parameters = list(self._parameters(shared, operation.get("parameters") or []))
        in_body = [p for p in parameters if _place(p) in ("body", "formData")]
        found["parameters"] = [parameter(p) for p in parameters if p not in in_body]
        if in_body:
            found["requestBody"] = body(in_body, self._types(operation, "consumes"))
        responses = self._follow(operation.get("responses"))
        if isinstance(responses, dict):
            types = self._types(operation, "produces")
            found["responses"] = {
                status: response(self._response(item), types) if status[:2] != "x-" else item
                for status, item in responses.items()
            }
        return found

    def _response(self, node: Any) -> Any:
        item = self._follow(node)
        if isinstance(item, dict) and isinstance(item.get("headers"), dict):
            headers = {name: self._follow(header) for name, header in item["headers"].items()}
            return {**item, "headers": headers}
        return item

    def _parameters(self, shared: Any, own: Any) -> Iterator[Any]:
        """The operation's parameters and those of its path that it does not define again."""
        mine = [self._follow(p) for p in own] if isinstance(own, list) else [own]
        path = [self._follow(p) for p in shared] if isinstance(shared, list) else [shared]
        taken = {_identity(p) for p in mine}
        has_body = any(_place(p) in ("body", "formData") for p in mine)
        for item in path:
            if _identity(item) not in taken and not (has_body and _place(item) == "body"):
                yield item
        yield from mine

    def _types(self, operation: dict[str, Any], key: str) -> list[str]:
        """Media types of the operation, else of the document, else JSON."""
        for holder in (operation, self._raw):
            types = holder.get(key)
            if isinstance(types, list) and types:
                return [str(name) for name in types]
        return ["application/json"]

    def _follow(self, node: Any) -> Any:
        try:
            return self._refs.follow(node)
        except SpecError:
            return node  # the reader reports it


def to_openapi3(raw: dict[str, Any], refs: References) -> dict[str, Any]:
    """A Swagger 2.0 document as an OpenAPI 3.0.3 one; `raw` is left as it is."""
    return _Converter(raw, refs).convert()


def _place(node: Any) -> Any:
    return node.get("in") if isinstance(node, dict) else None


def _identity(node: Any) -> tuple[Any, Any]:
    return (str(node.get("in")), str(node.get("name"))) if isinstance(node, dict) else (None, None)


def _servers(raw: dict[str, Any]) -> list[str]:
    base = raw.get("basePath")
    path = base if isinstance(base, str) else ""
    if path and not path.startswith("/"):
        path = f"/{path}"
    host = raw.get("host")
    if not isinstance(host, str):
        return [path or "/"]
    schemes = raw.get("schemes")
    names = schemes if isinstance(schemes, list) and schemes else ["https"]
    return [f"{name}://{host}{path}" for name in names]


def _security_schemes(node: Any) -> Any:
    if not isinstance(node, dict):
        return {}
    return {name: _security_scheme(scheme) for name, scheme in node.items()}


def _security_scheme(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node.get("type") == "basic":
        kept = {key: value for key, value in node.items() if key != "type"}
        return {**kept, "type": "http", "scheme": "basic"}
    if node.get("type") != "oauth2":
        return node
    flow_keys = ("authorizationUrl", "tokenUrl", "scopes")
    kept = {key: value for key, value in node.items() if key not in (*flow_keys, "flow")}
    flow = {"scopes": {}, **{key: node[key] for key in flow_keys if key in node}}
    name = str(node.get("flow", "implicit"))
    return {**kept, "flows": {_FLOWS.get(name, name): flow}}
