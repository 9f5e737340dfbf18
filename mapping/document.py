"""The spec that a mapping names, read in one way by every command and by the suite."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..spec.model import Document
from ..spec.read import read_document
from .model import MappingFile


def read_spec(
    mapping: MappingFile, *, strict: bool = False, allow_refs: Sequence[Path] = ()
) -> Document:
    """The mapping's document; its `$ref`s may lead where the file's `allow_refs` and these allow.

    Raises SpecError as `read_document` does.
    """
    allowed = (*mapping.allowed_refs, *allow_refs)
    return read_document(mapping.spec_path, strict=strict, allow_refs=allowed)
