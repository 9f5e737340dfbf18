"""A document held against the standard: quickly by its meta-schema, fully on demand.

The meta-schemas are those that openapi-spec-validator carries, read without importing it. What they
find is advice: of public documents one in a hundred breaks them and is read all the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema_rs

from ..errors import SpecError
from .findings import MAX_FINDINGS, Finding
from .follow import References
from .pointer import MISSING, get, join
from .refs import FILES


def check_quickly(raw: dict[str, Any], version: str, refs: References) -> Iterator[Finding]:
    """What breaks the meta-schema of `version` ("2.0", "3.0", "3.1", "3.2"), in milliseconds."""
    document = _with_paths_in_place(raw, refs) if FILES in raw else raw
    try:
        errors = _validator(version).iter_errors(document)
        for error in islice(errors, MAX_FINDINGS):
            path, message = _innermost(error)
            yield Finding("warning", join(*path), message, _advice(message))
    except ValueError as failure:  # what cannot be a JSON value, or a pattern it cannot run
        yield Finding("warning", "", f"not checked against OpenAPI's own schema: {failure}")


@cache
def _validator(version: str) -> jsonschema_rs.Validator:
    package = find_spec("openapi_spec_validator")
    assert package is not None
    assert package.origin is not None  # a dependency of openapi-core and prance
    file = Path(package.origin).parent / "resources" / "schemas" / f"v{version}" / "schema.json"
    return jsonschema_rs.validator_for(json.loads(file.read_bytes()), offline=True)


def _with_paths_in_place(raw: dict[str, Any], refs: References) -> dict[str, Any]:
    """The document with what stands for whole paths and operations resolved, one level copied.

    Documents of many files put references where the standard has none; that is read, not reported.
    """
    paths = raw.get("paths")
    if not isinstance(paths, dict):
        return raw
    found: dict[str, Any] = {}
    for template, item in paths.items():
        item = _followed(refs, item)
        if isinstance(item, dict):
            item = {key: _followed(refs, node) for key, node in item.items()}
        found[template] = item
    found_at_top: dict[str, Any] = {
        key: _texts_followed(refs, raw[key]) for key in ("tags", "info") if key in raw
    }
    without = {key: value for key, value in raw.items() if key not in {FILES, "tags", "info"}}
    return {**without, **found_at_top, "paths": found}


def _texts_followed(refs: References, node: Any) -> Any:
    if isinstance(node, list):
        return [_texts_followed(refs, item) for item in node]
    if isinstance(node, dict):
        return {key: _followed(refs, value) for key, value in node.items()}
    return node


def _followed(refs: References, node: Any) -> Any:
    try:
        return refs.follow(node)
    except SpecError:
        return node


def _innermost(error: jsonschema_rs.ValidationError) -> tuple[list[str | int], str]:
    """Path and message of the cause: below `oneOf`, of the alternative that was meant."""
    while branches := getattr(error.kind, "context", None):
        # "A reference" was not meant; of the others, the one that fails deepest came farthest.
        meant = [branch for branch in branches if branch and not _wants_reference(branch)]
        if not meant:
            break
        error = max(
            (min(branch, key=lambda e: len(e.instance_path)) for branch in meant),
            key=lambda e: len(e.instance_path),
        )
    message = error.message if len(error.message) <= 160 else f"{error.message[:157]}..."
    return error.instance_path, message


def _wants_reference(branch: list[jsonschema_rs.ValidationError]) -> bool:
    return any(error.message == '"$ref" is a required property' for error in branch)


def _advice(message: str) -> str:
    if message.endswith('is not of type "string"') and message[:1].isdigit():
        return "Put it in quotes."
    return ""


def check_fully(raw: dict[str, Any], version: str) -> Iterator[Finding]:
    """What openapi-spec-validator finds beyond the meta-schema: seconds for a large document."""
    import openapi_spec_validator as osv
    from referencing.exceptions import Unresolvable

    validators = {
        "2.0": osv.OpenAPIV2SpecValidator,
        "3.0": osv.OpenAPIV30SpecValidator,
        "3.1": osv.OpenAPIV31SpecValidator,
        "3.2": osv.OpenAPIV32SpecValidator,
    }
    try:
        for error in islice(validators[version](raw).iter_errors(), MAX_FINDINGS):
            pointer = join(*error.absolute_path)
            known = pointer if get(raw, pointer) is not MISSING else ""
            yield Finding("error", known, error.message.partition("\n")[0])
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, Unresolvable) as e:
        yield Finding("error", "", f"the full validation stopped: {type(e).__name__}: {e}")
