"""Answers against the spec, by openapi-core over the one operation's own small document.

A whole document costs openapi-core a linear search for the path template at every answer: 0.4 s on
16,000 operations. A document of one path, and of those that its answers refer to, costs nothing of
the kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ..spec.bounds import MAX_DEPTH
from ..spec.model import Document, Operation
from ..spec.pointer import MISSING, split
from ..spec.refs import FILES, survey, target
from ..spec.statuses import CONVENTIONAL, is_documented
from .answer_schemas import WRITE_ONLY, as_answered
from .client import OPERATION
from .database.changes import Check
from .suite import active_suite

if TYPE_CHECKING:
    import httpx
    from openapi_core import OpenAPI

HOST = "http://api.invalid"
PATH = "/x-gen-suite-operation"
"""Where the one operation stands: at no path that a document may have itself."""


def conforms(response: httpx.Response, *statuses: int, spec: str = "") -> Check:
    """Whether the answer is one that the spec documents: status, media type, headers, schema.

    With `statuses` also whether it has one of these.

    A refusal that any API may give (401, 404, 422) need not be documented, unless the mapping says
    `strict_statuses: true`.
    With `spec` whether a client of that older document can read it: it may have more fields.
    """
    label = response.extensions[OPERATION]
    operation = active_suite().version(spec).document.operation(label)
    status = response.status_code
    if statuses and status not in statuses:
        listed = " or ".join(map(str, statuses))
        return Check(False, f"{label} answered {status}; the spec documents {listed}")
    if not is_documented(status, operation.responses) and _need_not_be(status, label, spec):
        return Check(True, f"{label} answered {status}, as any API may")
    problems = contract_problems(operation, _openapi(label, spec), response)
    return Check(not problems, "\n".join(problems) or f"{label} answered as documented")


def contract_problems(
    operation: Operation, openapi: OpenAPI, response: httpx.Response
) -> list[str]:
    """One line for each way in which an answer departs from the spec."""
    status = str(response.status_code)
    if not is_documented(response.status_code, operation.responses):
        listed = ", ".join(sorted(operation.responses))
        return [f"{operation.label} answered {status}; the spec documents {listed}"]
    errors = openapi.response_validator.iter_errors(
        _Request(operation.method.lower()), _answer(response)
    )
    return [f"{operation.label} {status}: {line}" for error in errors for line in _lines(error)]


def _need_not_be(status: int, label: str, spec: str) -> bool:
    """Whether an answer of that status needs no documentation.

    Of a success that the mapping names one test says that it is another than the documented one.
    """
    if status in CONVENTIONAL:
        return not active_suite().mapping.strict_statuses
    write = active_suite().version(spec).operations.get(label)
    return write is not None and write.entry is not None and status in write.entry.success


def small_document(document: Document, operation: Operation) -> dict[str, Any]:
    """A document of one operation, at PATH, with all that its answers may refer to.

    Those are the components and other files of the whole one, and the paths that a reference names.
    """
    item = document.follow(document.raw["paths"][operation.path])
    method = operation.method.lower()
    responses = item[method]["responses"]
    named = {
        path: document.follow(document.raw["paths"][path])
        for path in _paths_within(document, responses)
    }
    return {
        "openapi": document.raw.get("openapi", "3.0.3"),  # a Swagger 2.0 document was converted
        "info": {"title": document.title, "version": "1"},
        "servers": [{"url": HOST}],
        "paths": {**named, PATH: {method: {"responses": responses}}},
        "components": document.raw.get("components", {}),
        FILES: document.raw.get(FILES, {}),
    }


def _paths_within(document: Document, node: Any) -> Iterator[str]:
    """The paths of the document that references below a node lead into, through others too."""
    seen: set[str] = set()
    waiting = [node]
    while waiting:
        new = (survey(waiting.pop(), MAX_DEPTH) or set()) - seen
        seen |= new
        waiting += [found for ref in new if (found := target(document.raw, ref)) is not MISSING]
    for ref in sorted(seen):
        section, path, *_ = (*split(unquote(ref)), "", "")
        if section == "paths" and path in document.raw["paths"]:
            yield path


@cache
def _shared_parts(spec: str) -> Mapping[str, Any]:
    """The components and other files as they hold for answers: the same for all operations."""
    document = active_suite().version(spec).document
    parts = {"components": document.raw.get("components", {}), FILES: document.raw.get(FILES, {})}
    return {name: as_answered(part, document.follow) for name, part in parts.items()}


@cache
def _openapi(label: str, spec: str) -> OpenAPI:
    from openapi_core import Config, OpenAPI

    document = active_suite().version(spec).document
    small = small_document(document, document.operation(label))
    shared = _shared_parts(spec)
    own = {name: part for name, part in small.items() if name not in shared}
    small = {**as_answered(own, document.follow), **shared}
    small = _open(small) if spec else small
    return OpenAPI.from_dict(small, config=Config(spec_validator_cls=None))


def _open(node: Any) -> Any:
    """Schemas that forbid further fields, without that: old clients pass over what they do not know."""
    if isinstance(node, list):
        return [_open(one) for one in node]
    if not isinstance(node, dict):
        return node
    closing = ("additionalProperties", "unevaluatedProperties")
    return {k: _open(v) for k, v in node.items() if not (k in closing and v is False)}


def _lines(error: Exception) -> list[str]:
    cause = error.__cause__ or error
    schema_errors = getattr(cause, "schema_errors", None)
    if not schema_errors:
        return [str(cause) or type(cause).__name__]
    return [f"{_place(found)}: {_message(found)}" for found in schema_errors]


def _message(error: Any) -> str:
    """What a schema says of a value; a secret is not repeated."""
    if isinstance(error.schema, Mapping) and WRITE_ONLY in error.schema:
        return "the spec calls it writeOnly, and the answer shows it"
    return str(error.message)


def _place(error: Any) -> str:
    return "/".join(str(part) for part in error.absolute_path) or "body"


@dataclass
class _Request:
    """As little of a request as openapi-core needs to find the one operation there is."""

    method: str
    host_url: str = HOST
    path: str = PATH
    body: bytes | None = None
    content_type: str = ""
    parameters: Any = field(default_factory=lambda: _parameters())


def _parameters() -> Any:
    from openapi_core.datatypes import RequestParameters

    return RequestParameters()


@dataclass
class _Response:
    status_code: int
    content_type: str
    headers: Mapping[str, Any]
    data: bytes


def _answer(response: httpx.Response) -> _Response:
    content_type = response.headers.get("content-type", "")
    return _Response(response.status_code, content_type, response.headers, response.content)
