"""What an emitted suite is about: its mapping, spec and schema, read once and kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MappingError
from ..mapping.kept_schema import read_schema
from ..mapping.model import MappingFile
from ..mapping.names import did_you_mean
from ..mapping.read import find_mapping, read_mapping
from ..mapping.resolve import resolve
from ..mapping.resolved import Resolved, Write
from ..spec.read import read_document

if TYPE_CHECKING:
    from .payloads import PayloadSpace

CONFIG_VARIABLE = "GEN_SUITE_CONFIG"


@dataclass(frozen=True)
class Suite:
    """The mapping file with the spec and, where it was looked at, the schema of the database."""

    mapping: MappingFile
    resolved: Resolved
    _payloads: dict[str, PayloadSpace] = field(default_factory=dict, repr=False)

    @property
    def folder(self) -> Path:
        """Where the mapping file lies; its paths are relative to it."""
        return self.mapping.folder

    def write(self, label: str) -> Write:
        """What is known of one write operation; MappingError with the nearest label otherwise."""
        known = self.resolved.operations
        if label not in known:
            raise MappingError(
                f"{label!r} is no write operation of {self.mapping.spec}",
                hint=did_you_mean(label, known),
            )
        return known[label]

    def payloads(self, label: str) -> PayloadSpace:
        """Everything that may be sent to one operation."""
        if label not in self._payloads:
            from .requests import payloads_of

            self._payloads[label] = payloads_of(self.write(label), self.resolved)
        return self._payloads[label]


@cache
def load_suite(path: Path) -> Suite:
    """The suite of one mapping file."""
    mapping = read_mapping(path)
    document = read_document(mapping.spec_path)
    return Suite(mapping, resolve(mapping, document, read_schema(mapping.folder)))


def active_suite(environ: Mapping[str, str] = os.environ) -> Suite:
    """The suite of GEN_SUITE_CONFIG, else of the nearest gen-suite.yaml up from here."""
    named = environ.get(CONFIG_VARIABLE)
    return load_suite(Path(named).resolve() if named else find_mapping(Path.cwd()))
