"""A judge of payloads that shares no code with what made them: openapi-schema-validator, the dialects
of OpenAPI for the `jsonschema` package.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT4, DRAFT202012

from gen_suite.runtime.payloads import FilePart
from gen_suite.spec.model import Document, MediaType, Operation

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import openapi_schema_validator as osv

_DOCUMENT = "urn:document"


class Judge:
    """Validates request bodies of one document."""

    def __init__(self, document: Document) -> None:
        modern = document.version.startswith("3.1")
        contents = Resource.from_contents(document.raw, DRAFT202012 if modern else DRAFT4)
        self._registry: Registry[Any] = Registry().with_resource(_DOCUMENT, contents)
        self._kind = osv.OAS31Validator if modern else osv.validators.OAS30WriteValidator
        self._formats = osv.oas31_format_checker if modern else osv.oas30_format_checker
        self._made: dict[str, Any] = {}

    def complaint(self, operation: Operation, media: MediaType, body: Any) -> str | None:
        """What is wrong, "" if nothing is, None if the validator cannot read the schema."""
        key = f"{operation.label} {media.type}"
        if key not in self._made:
            schema = absolute(media.schema if media.schema is not None else {})
            self._made[key] = self._kind(
                schema, registry=self._registry, format_checker=self._formats
            )
        try:
            error = next(self._made[key].iter_errors(plain(body)), None)
        except (re.error, Unresolvable):
            return None
        return (
            "" if error is None else f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        )


def absolute(schema: Any) -> Any:
    """The schema with its references made to lead into the registered document."""
    if isinstance(schema, list):
        return [absolute(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _DOCUMENT + part if name == "$ref" and isinstance(part, str) else absolute(part)
        for name, part in schema.items()
    }


def plain(body: Any) -> Any:
    """The body with files as texts, which is what their schemas call them."""
    if isinstance(body, FilePart):
        return body.filename
    if isinstance(body, dict):
        return {name: plain(part) for name, part in body.items()}
    return [plain(part) for part in body] if isinstance(body, list) else body
