"""Everything that a run needs, looked at one thing after the other; nothing stops at a trouble.

Each step yields checks; a step that needs what an earlier one could not get says so and goes on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import GenSuiteError
from ..mapping.document import read_spec
from ..mapping.kept_schema import read_schema
from ..mapping.model import MappingFile
from ..mapping.read import find_mapping, parse_mapping
from ..mapping.resolve import resolve
from ..mapping.resolved import Resolved
from ..mapping.schema import Schema
from ..matrix.depth import check_concerns
from ..spec.model import Document
from .safety import NotAllowed, check_allowed
from .secrets import mask_text

if TYPE_CHECKING:
    from .database import Database
    from .target import RunningApp

Result = Literal["ok", "warning", "error", "skipped"]
SCHEMA_COMMENT = "yaml-language-server: $schema="
SHOWN = 4
UNSET = "sqlite:///unset-"


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was checked, how it went, and what to do about it."""

    name: str
    result: Result
    found: str
    advice: str = ""


@dataclass
class Doctor:
    """The checks in order; what one finds the next may use."""

    start: Path
    allowed: bool
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    mapping: MappingFile | None = None
    document: Document | None = None
    resolved: Resolved | None = None
    schema: Schema | None = None
    database: Database | None = None
    watching: Database | None = None
    """The same, once it was seen that it can be watched."""
    app: RunningApp | None = None
    unset: tuple[str, ...] = ()
    """Environment variables that the mapping file needs and nobody has set."""
    may_write: bool = False
    """The target was allowed and nothing speaks against it."""
    barred: bool = False
    """It looks like production, or is marked: it is not even asked."""

    def run(self) -> Iterator[Check]:
        """All checks; the database and the application are closed again at the end."""
        from .doctor_target import actor_checks, app_checks, clock_checks, database_checks

        try:
            yield from self._mapping()
            yield from self._spec()
            yield from self._guard()
            yield from database_checks(self)
            yield from self._complete()
            yield from app_checks(self)
            yield from actor_checks(self)
            yield from clock_checks(self)
        finally:
            self.close()

    def close(self) -> None:
        if self.app is not None:
            self.app.stop()
        if self.database is not None:
            self.database.close()

    @property
    def url(self) -> str:
        target = self.mapping.target if self.mapping else None
        text = str(target.database) if target and target.database else ""
        return "" if UNSET.rpartition("/")[2] in text and self.unset else text

    @property
    def may_touch(self) -> bool:
        """Whether there is a database, and it may be touched."""
        return bool(self.url) and self.may_write

    # ---- files

    def _mapping(self) -> Iterator[Check]:
        name = "mapping file"
        try:
            path = find_mapping(self.start)
            text = path.read_text(encoding="utf-8-sig")
        except GenSuiteError as error:
            yield failed(name, error)
            return
        except OSError as error:
            yield Check(name, "error", f"{self.start}: {error.strerror}")
            return
        yield from self._variables(path, text)
        try:
            # What nobody set has been told; the rest can be looked at all the same.
            env = {**self.environ, **{one: f"{UNSET}{one}.db" for one in self.unset}}
            self.mapping = parse_mapping(text, path, env=env)
        except GenSuiteError as error:
            yield failed(name, error)
            return
        counts = (
            f"{len(self.mapping.resources)} resources, {len(self.mapping.operations)} operations"
        )
        yield Check(name, "ok", f"{path.name}: {counts}")
        yield self._editor(path, text)

    def _variables(self, path: Path, text: str) -> Iterator[Check]:
        from ..mapping.infer.settle import variables

        named = variables(text)
        self.unset = tuple(
            one for one, default in named.items() if not default and not self.environ.get(one)
        )
        if self.unset:
            yield Check(
                "environment",
                "error",
                f"not set: {', '.join(self.unset)}",
                f"export {' '.join(f'{one}=…' for one in self.unset)}, or give defaults in {path.name}",
            )
        else:
            told = f"{len(named)} variables, all set or with a default" if named else "none needed"
            yield Check("environment", "ok", told)

    def _editor(self, path: Path, text: str) -> Check:
        """The JSON Schema that the file's first line names, for completion in editors."""
        name = "editor schema"
        first = text.partition("\n")[0]
        if SCHEMA_COMMENT not in first:
            return Check(
                name, "warning", "the first line names no JSON Schema",
                "`gen-suite init` writes one beside the file and names it",
            )  # fmt: skip
        file = path.parent / first.partition(SCHEMA_COMMENT)[2].strip()
        if "://" in str(file) or file.is_file():
            return Check(name, "ok", first.partition(SCHEMA_COMMENT)[2].strip())
        return Check(name, "warning", f"no {file.name} where the first line says", "gen-suite init")

    def _spec(self) -> Iterator[Check]:
        name = "spec"
        if self.mapping is None:
            yield skipped(name, "the mapping file tells where it is")
            return
        try:
            self.document = read_spec(self.mapping)
        except GenSuiteError as error:
            yield failed(name, error)
            return
        document = self.document
        told = f"{document.path.name}: OpenAPI {document.version}, "
        told += f"{len(document.write_operations)} write operations"
        if not document.problems:
            yield Check(name, "ok", told)
        for problem in document.problems[:SHOWN]:
            result: Result = "error" if problem.level == "error" else "warning"
            yield Check(name, result, f"{problem.where}: {problem.message}", problem.hint)
        more = len(document.problems) - SHOWN
        if more > 0:
            yield Check(name, "warning", f"and {more} more", "gen-suite matrix names them all")
        try:
            read_spec(self.mapping, strict=True)
        except GenSuiteError as error:
            yield Check(
                name, "warning", f"not valid in full: {error.message}", "mend it when you can"
            )

    # ---- safety, and the whole against the schema

    def _guard(self) -> Iterator[Check]:
        name = "production guard"
        target = self.mapping.target if self.mapping else None
        app = target.app.url or "" if target and target.app else ""
        if target is None or not (self.url or app):
            yield skipped(name, "the mapping names no database" if target else "no mapping")
            return
        try:
            check_allowed(self.allowed, self.url, self.environ, app=app, schemas=target.schemas)
        except NotAllowed as error:
            yield Check(name, "warning", error.message, error.hint)
            return
        except GenSuiteError as error:
            self.barred = True
            yield Check(name, "error", error.message, error.hint)
            return
        self.may_write = True
        environment = target.environment
        yield Check(
            name, "ok", f"environment {environment}; nothing of the address looks like production"
        )

    def _complete(self) -> Iterator[Check]:
        """The mapping against spec and schema, and what it says nothing of."""
        name = "mapping complete"
        if self.mapping is None or self.document is None:
            yield skipped(name, "needs mapping and spec")
            return
        schema = self.schema
        try:
            check_concerns(self.mapping)
            schema = schema or read_schema(self.mapping.folder)
            self.resolved = resolve(self.mapping, self.document, schema)
        except GenSuiteError as error:
            yield failed(name, error)
            return
        looked = "" if schema else "; no schema was looked at"
        writes = [one for one in self.resolved.operations.values() if one.operation.is_write]
        open_ones = [one.operation.label for one in writes if one.entry is None]
        if not open_ones:
            yield Check(name, "ok", f"all {len(writes)} write operations{looked}")
            return
        shown = ", ".join(open_ones[:SHOWN]) + (" …" if len(open_ones) > SHOWN else "")
        told = f"{len(open_ones)} of {len(writes)} write operations have no entry: {shown}"
        yield Check(name, "warning", told + looked, "gen-suite init adds what is new")


def failed(name: str, error: GenSuiteError) -> Check:
    """The check that an error is the result of."""
    place = f"{error.where}: " if error.where else ""
    return Check(name, "error", mask_text(f"{place}{error.message}"), error.hint)


def skipped(name: str, why: str) -> Check:
    """The check of something that could not be looked at."""
    return Check(name, "skipped", why)
