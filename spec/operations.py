"""The operations of a document; a broken one is a finding, and the others are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .findings import BrokenError, Finding
from .model import Operation, Parameter, Response, Security
from .parts import Parts
from .pointer import escape
from .servers import server_path

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_VARIABLE = re.compile(r"\{([^{}/]+)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What no path of a request can hold, and what would break the line of a file that names the path."""


class OperationReader:
    """Reads all operations of `root`, which is OpenAPI 3; what is wrong goes to `findings`."""

    def __init__(self, root: dict[str, Any], parts: Parts, findings: list[Finding]) -> None:
        self._root, self._parts, self._findings = root, parts, findings
        self._ids: dict[str, str] = {}
        self._security = self._default_security()

    def read(self) -> tuple[Operation, ...]:
        """The operations in the document's order."""
        try:
            paths = self._parts.mapping(self._root.get("paths"), "/paths", "paths")
        except BrokenError as broken:
            self._error(broken, "every path")
            return ()
        return tuple(
            operation
            for template, item in paths.items()
            if not template.startswith("x-")
            for operation in self._path(template, item)
        )

    def _path(self, template: str, node: Any) -> Iterator[Operation]:
        pointer = f"/paths/{escape(template)}"
        path = template
        if _CONTROL.search(template):
            broken = BrokenError(
                pointer, "its path holds a control character", "Remove it, or write it as %0A."
            )
            self._error(broken, f"every operation of {template!r}")
            return
        if not template.startswith("/"):
            path = f"/{template}"
            self._warn(pointer, f"path {template!r} does not begin with a slash; read as {path!r}")
        try:
            item = self._parts.mapping(node, pointer, f"path {template!r}")
            shared = self._parameters(item.get("parameters"), f"{pointer}/parameters")
        except BrokenError as broken:
            self._error(broken, f"every operation of {path}")
            return
        for method in item:
            if method not in METHODS:
                continue
            try:
                operation = self._operation(
                    path, method, item[method], shared, f"{pointer}/{method}"
                )
                yield replace(operation, base_path=self._base_path(item, item[method]))
            except BrokenError as broken:
                self._error(broken, f"{method.upper()} {path}")

    def _base_path(self, item: Mapping[str, Any], operation: Any) -> str:
        """The path of the nearest servers that are named."""
        raw = self._parts.follow(operation, "")
        holders = (raw if isinstance(raw, Mapping) else {}, item, self._root)
        paths = (server_path(holder.get("servers")) for holder in holders)
        return next((path for path in paths if path is not None), "")

    def _operation(
        self,
        path: str,
        method: str,
        node: Any,
        shared: Mapping[tuple[str, str], Parameter],
        pointer: str,
    ) -> Operation:
        parts = self._parts
        raw = parts.mapping(node, pointer, "the operation")
        own = self._parameters(raw.get("parameters"), f"{pointer}/parameters")
        label = f"{method.upper()} {path}"
        parameters = self._declared(path, {**shared, **own}, label, pointer)
        body = raw.get("requestBody")
        tags = raw.get("tags")
        return Operation(
            method=method.upper(),
            path=path,
            operation_id=self._operation_id(raw.get("operationId"), label, pointer),
            summary=parts.text(raw.get("summary"), pointer),
            description=parts.text(raw.get("description"), pointer),
            tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
            deprecated=raw.get("deprecated") is True,
            parameters=parameters,
            request_body=None
            if body is None
            else parts.request_body(body, f"{pointer}/requestBody"),
            responses=self._responses(raw.get("responses"), f"{pointer}/responses"),
            security=self._operation_security(raw, pointer),
            extensions={key: value for key, value in raw.items() if key.startswith("x-")},
            pointer=pointer,
        )

    def _parameters(self, node: Any, pointer: str) -> dict[tuple[str, str], Parameter]:
        node = self._parts.follow(node, pointer)
        if node is None:
            return {}
        if not isinstance(node, list):
            raise BrokenError(pointer, "parameters are not a list")
        found: dict[tuple[str, str], Parameter] = {}
        for index, raw in enumerate(node):
            parameter = self._parts.parameter(raw, f"{pointer}/{index}")
            found.setdefault((parameter.location, parameter.name), parameter)
        return found

    def _declared(
        self, path: str, found: Mapping[tuple[str, str], Parameter], label: str, pointer: str
    ) -> tuple[Parameter, ...]:
        """The parameters, with one of text for each variable of the path that has none."""
        parameters = [*found.values()]
        variables = _VARIABLE.findall(path)
        for name in variables:
            if ("path", name) not in found:
                message = f"{label} has no parameter for {{{name}}}; taken as required text"
                self._warn(pointer, message, f"Add a parameter {name!r} in the path.")
                parameters.append(
                    Parameter(name, "path", True, {"type": "string"}, "simple", False)
                )
        for location, name in found:
            if location == "path" and name not in variables:
                message = f"{label} has a path parameter {name!r} that the path does not hold"
                self._warn(pointer, message)
        return tuple(parameters)

    def _responses(self, node: Any, pointer: str) -> dict[str, Response]:
        found: dict[str, Response] = {}
        for status, raw in self._parts.mapping(node, pointer, "responses").items():
            if not status.startswith("x-"):
                key = status if status == "default" else status.upper()
                found[key] = self._parts.response(raw, f"{pointer}/{status}")
        return found

    def _operation_id(self, value: Any, label: str, pointer: str) -> str:
        if not isinstance(value, str):
            return ""
        first = self._ids.setdefault(value, label)
        if first != label:
            message = f"{label} has the operationId {value!r} of {first}"
            self._warn(f"{pointer}/operationId", message, "Give each operation its own.")
        return value

    def _default_security(self) -> Security:
        if self._root.get("security") is None:
            return ()
        try:
            return self._parts.security(self._root["security"], "/security")
        except BrokenError as broken:
            self._warn(broken.pointer, f"{broken.message}; taken as none", broken.hint)
            return ()

    def _operation_security(self, raw: Mapping[str, Any], pointer: str) -> Security:
        if raw.get("security") is None:
            return self._security
        return self._parts.security(raw["security"], f"{pointer}/security")

    def _warn(self, pointer: str, message: str, hint: str = "") -> None:
        self._findings.append(Finding("warning", pointer, message, hint))

    def _error(self, broken: BrokenError, what: str) -> None:
        message = f"{what} is left out: {broken.message}"
        self._findings.append(Finding("error", broken.pointer, message, broken.hint))
