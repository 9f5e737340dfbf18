"""What an emitted suite is about: its mapping, spec and schema, read once and kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MappingError
from ..mapping.document import read_spec
from ..mapping.kept_schema import read_schema
from ..mapping.model import MappingFile
from ..mapping.names import did_you_mean
from ..mapping.older import read_older
from ..mapping.read import find_mapping, read_mapping
from ..mapping.resolve import resolve
from ..mapping.resolved import Resolved, Write

if TYPE_CHECKING:
    from .payloads import PayloadSpace

CONFIG_VARIABLE = "GEN_SUITE_CONFIG"


@dataclass(frozen=True)
class Suite:
    """The mapping file with the spec and, where it was looked at, the schema of the database."""

    mapping: MappingFile
    resolved: Resolved
    _payloads: dict[tuple[str, str], PayloadSpace] = field(default_factory=dict, repr=False)

    @property
    def folder(self) -> Path:
        """Where the mapping file lies; its paths are relative to it."""
        return self.mapping.folder

    def version(self, spec: str = "") -> Resolved:
        """The spec, or an older one by its file name; MappingError with the nearest name otherwise."""
        if spec and spec not in self.resolved.older:
            raise MappingError(
                f"{spec!r} is not named under `compatible_with`",
                hint=did_you_mean(spec, self.resolved.older),
            )
        return self.resolved.older[spec] if spec else self.resolved

    def write(self, label: str, spec: str = "") -> Write:
        """What is known of one write operation; MappingError with the nearest label otherwise."""
        known = self.version(spec).operations
        if label not in known:
            raise MappingError(
                f"{label!r} is no write operation of {spec or self.mapping.spec}",
                hint=did_you_mean(label, known),
            )
        return known[label]

    def payloads(self, label: str, spec: str = "") -> PayloadSpace:
        """Everything that may be sent to one operation, as the spec or an older one says."""
        if (label, spec) not in self._payloads:
            from .requests import payloads_of

            found = payloads_of(self.write(label, spec), self.version(spec))
            self._payloads[label, spec] = found
        return self._payloads[label, spec]


@cache
def load_suite(path: Path) -> Suite:
    """The suite of one mapping file."""
    mapping = read_mapping(path)
    document = read_spec(mapping)
    return Suite(
        mapping, resolve(mapping, document, read_schema(mapping.folder), read_older(mapping))
    )


def active_suite(environ: Mapping[str, str] = os.environ) -> Suite:
    """The suite of GEN_SUITE_CONFIG, else of the nearest gen-suite.yaml up from here."""
    named = environ.get(CONFIG_VARIABLE)
    return load_suite(Path(named).resolve() if named else find_mapping(Path.cwd()))
