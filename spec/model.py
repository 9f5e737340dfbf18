"""What a document says, as data: documents, operations and their parts.

Schemas stay raw (dict, or bool since OpenAPI 3.1) and may hold `$ref`s: `Document.follow` follows
them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from ..errors import Location, SpecError
from .follow import References
from .servers import server_path

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

ParameterLocation = Literal["path", "query", "header", "cookie"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the document that did not stop its reading.

    "error": an operation was left out for it; "warning": it was read as well as it could be.
    """

    level: Literal["error", "warning"]
    message: str
    where: Location
    pointer: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"{self.where}: {self.level}: {self.message}{hint}"


@dataclass(frozen=True, slots=True)
class MediaType:
    """A body of one media type; `examples` by name, those of the schema among them."""

    type: str
    schema: Any = None
    examples: Mapping[str, Any] = field(default_factory=dict)
    encoding: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_json(self) -> bool:
        essence = self.type.partition(";")[0].strip().lower()
        return essence == "application/json" or essence.endswith("+json")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; with `content`, its value is a serialized body of that media type."""

    name: str
    location: ParameterLocation
    required: bool
    schema: Any
    style: str
    explode: bool
    examples: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    content: MediaType | None = None


@dataclass(frozen=True, slots=True)
class RequestBody:
    required: bool
    content: Mapping[str, MediaType]


@dataclass(frozen=True, slots=True)
class Header:
    required: bool
    schema: Any


@dataclass(frozen=True, slots=True)
class Response:
    description: str
    content: Mapping[str, MediaType]
    headers: Mapping[str, Header]
    links: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """`scheme` is HTTP's (bearer, basic); `location` and `parameter` say where an API key goes."""

    name: str
    type: str
    scheme: str = ""
    location: str = ""
    parameter: str = ""
    flows: Mapping[str, Any] = field(default_factory=dict)


Security = tuple[Mapping[str, tuple[str, ...]], ...]
"""Alternatives, each of schemes (with scopes) that apply together; () and an empty one are open."""


_SPECIAL = re.compile(r"(?i)if-.*|.*idempot.*|accept.*|content-.*|authorization|cookie|prefer")


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path. `pointer` names it in the document."""

    method: str
    path: str
    operation_id: str
    summary: str
    description: str
    tags: tuple[str, ...]
    deprecated: bool
    parameters: tuple[Parameter, ...]
    request_body: RequestBody | None
    responses: Mapping[str, Response]
    security: Security
    extensions: Mapping[str, Any]
    pointer: str
    base_path: str = ""
    """The path that the servers put before it: the operation's own, its path's, the document's."""

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_write(self) -> bool:
        return self.method in WRITES

    @property
    def statuses(self) -> tuple[str, ...]:
        """The documented statuses as written: "201", "4XX", "default"."""
        return tuple(self.responses)

    @property
    def success(self) -> tuple[str, ...]:
        """The documented statuses of success: 2xx ones ("2XX" among them) and 303.

        Where there is none, "default" if that is documented.
        """
        done = tuple(s for s in self.responses if s.startswith("2") or s == "303")
        return done or tuple(s for s in self.responses if s == "default")

    @property
    def options(self) -> tuple[Parameter, ...]:
        """The query, header and cookie parameters that a request may leave out.

        Without those that are no choice of the request's: preconditions, keys of repeats, and what
        describes the body or the caller.
        """
        return tuple(
            parameter
            for parameter in self.parameters
            if parameter.location != "path" and not parameter.required
            if parameter.location != "header" or not _SPECIAL.fullmatch(parameter.name)
        )

    @property
    def json_body(self) -> MediaType | None:
        """The request body as JSON: application/json, else another JSON type, else a wildcard."""
        content = self.request_body.content if self.request_body else {}
        named = [media for media in content.values() if media.is_json]
        exact = [media for media in named if media.type.lower().startswith("application/json")]
        wild = [content[name] for name in ("application/*", "*/*") if name in content]
        return next(iter(exact + named + wild), None)


@dataclass(frozen=True, eq=False)
class Document:
    """An OpenAPI document; `raw` is OpenAPI 3 whatever `version` was read, files within."""

    path: Path
    title: str
    version: str
    raw: dict[str, Any] = field(repr=False)
    operations: tuple[Operation, ...] = field(repr=False)
    security_schemes: Mapping[str, SecurityScheme] = field(repr=False)
    problems: tuple[Problem, ...] = field(repr=False)
    files: Mapping[str, Path] = field(default_factory=dict, repr=False)
    _source: Any = field(default=None, repr=False)  # as read, before a conversion

    @cached_property
    def _references(self) -> References:
        return References(self.raw, self.path)

    @cached_property
    def write_operations(self) -> tuple[Operation, ...]:
        return tuple(operation for operation in self.operations if operation.is_write)

    @cached_property
    def base_path(self) -> str:
        """The path that the first server puts before every operation's: "/v1", or ""."""
        return server_path(self.raw.get("servers")) or ""

    @cached_property
    def _by_label(self) -> dict[str, Operation]:
        return {operation.label: operation for operation in self.operations}

    def operation(self, label: str) -> Operation:
        """The operation of a label (`POST /orders`) or operationId.

        Raises SpecError, naming the nearest, or why it was left out.
        """
        method, _, path = label.strip().partition(" ")
        found = self._by_label.get(f"{method.upper()} {path.strip()}")
        if found:
            return found
        for operation in self.operations:
            if label and operation.operation_id == label:
                return operation
        raise SpecError(
            f"there is no operation {label!r}", where=Location(self.path), hint=self._nearest(label)
        )

    def _nearest(self, label: str) -> str:
        path = label.partition(" ")[2]
        left_out = (f"{label} is left out", f"every operation of {path} is left out")
        for problem in self.problems:
            if problem.message.startswith(left_out):
                return str(problem)
        from rapidfuzz import process

        best = process.extractOne(label, list(self._by_label), score_cutoff=50)
        if best:
            return f"Did you mean {best[0]!r}?"
        return f"The document has {len(self.operations)} operations; `gen-suite matrix` lists them."

    def follow(self, node: Any) -> Any:
        """What `node` means: itself, or what its `$ref` leads to, through chains of them.

        Internal references only; other files were brought in when the document was read. Raises
        SpecError for a reference that leads nowhere or back to itself.
        """
        return self._references.follow(node)

    def where(self, pointer: str) -> Location:
        """The place of a JSON pointer's node, also of one in a file that was brought in.

        Reads the file again: for messages only. `locator` is for many pointers.
        """
        return self.locator()(pointer)

    def locator(self) -> Callable[[str], Location]:
        """What `where` answers, for many pointers: the file is read again once."""
        from .places import Places

        return Places(self.path, self.files, self._source or self.raw).location
