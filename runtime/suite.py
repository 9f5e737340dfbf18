"""What an emitted suite is about: its mapping, spec and schema, read once and kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import GenSuiteError, MappingError
from ..mapping.document import read_spec
from ..mapping.kept_schema import differences, read_schema
from ..mapping.model import MappingFile
from ..mapping.names import did_you_mean
from ..mapping.older import read_older
from ..mapping.read import find_mapping, read_mapping
from ..mapping.resolve import resolve
from ..mapping.resolved import Resolved, Write
from ..mapping.schema import Schema
from ..matrix.emitted_depths import read_depths
from ..matrix.meeting import message_tables
from .migrate import build_if_new, one_at_a_time
from .safety import is_permitted

if TYPE_CHECKING:
    from .field_rules import FieldRules
    from .payloads import PayloadSpace

CONFIG_VARIABLE = "GEN_SUITE_CONFIG"


@dataclass(frozen=True)
class Suite:
    """The mapping file with the spec and, where it was looked at, the schema of the database."""

    mapping: MappingFile
    resolved: Resolved
    outdated: tuple[str, ...] = ()
    """What the database has otherwise than it had when the suite was emitted."""
    cases_left_out: dict[tuple[str, str], int] = field(default_factory=dict, repr=False)
    """(operation, what a test is parametrised with) -> the cases that its depth leaves out, so far."""
    _payloads: dict[tuple[str, str], PayloadSpace] = field(default_factory=dict, repr=False)

    @cached_property
    def field_rules(self) -> FieldRules:
        """What the fields of the API ask of arranged rows."""
        from .field_rules import FieldRules

        return FieldRules(self.resolved)

    @cached_property
    def message_tables(self) -> tuple[str, ...]:
        """The tables by whose rows the API tells others of its work."""
        return message_tables(self.resolved)

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


def load_suite(path: Path) -> Suite:
    """The suite of one mapping file, by the schema of its database where that may be touched.

    Else by the schema that `generate` kept.
    """
    return _load_suite(path, is_permitted(False))


@cache
def _load_suite(path: Path, permitted: bool) -> Suite:
    mapping = read_mapping(path)
    mapping = mapping.at_depths(read_depths(mapping.suite_path))
    document, kept = read_spec(mapping), read_schema(mapping.folder)
    schema = (_reflected(mapping) if permitted else None) or kept
    outdated = differences(kept, schema) if kept and schema else ()
    return Suite(
        mapping,
        resolve(mapping, document, schema, read_older(mapping)),
        tuple(
            f"the database has changed since `gen-suite generate --allow-db`: {difference}"
            for difference in outdated
        ),
    )


def _reflected(mapping: MappingFile) -> Schema | None:
    """The schema of the database that the run is about.

    None where it is not to be had: each test that needs the database says why.
    """
    from ..mapping.reflect import reflect
    from .safety import check_allowed

    target = mapping.target
    if target.database is None:
        return None
    url, app = str(target.database), target.app.url if target.app else None
    try:
        check_allowed(True, url, app=app or "", schemas=target.schemas)
        with one_at_a_time(mapping):
            build_if_new(mapping, url)
        return reflect(url, target.schemas)
    except GenSuiteError:
        return None


def active_suite(environ: Mapping[str, str] = os.environ) -> Suite:
    """The suite of GEN_SUITE_CONFIG, else of the nearest gen-suite.yaml up from here."""
    named = environ.get(CONFIG_VARIABLE)
    return load_suite(Path(named).resolve() if named else find_mapping(Path.cwd()))
