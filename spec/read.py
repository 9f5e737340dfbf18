"""An OpenAPI document read from its file."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import Location, SpecError
from .bounds import MAX_DEPTH
from .check import check_fully, check_quickly
from .dangling import find_dangling, without_dangling
from .duplicates import find_duplicates
from .endless import drop_endless, may_hold_endless
from .external import bring_in
from .findings import BrokenError, Finding, placed
from .follow import References
from .load import Loaded, load
from .model import Document, Operation, Problem, SecurityScheme
from .operations import OperationReader
from .parts import Parts
from .places import Places
from .refs import survey
from .sniff import describe, describe_text

SUPPORTED = ("2.0", "3.0", "3.1", "3.2")
_VERSION = re.compile(r"(\d+)\.(\d+)(\.\d+)?")


def read_document(path: Path, *, strict: bool = False, allow_refs: Sequence[Path] = ()) -> Document:
    """Read an OpenAPI 3.0, 3.1 or 3.2 document, or Swagger 2.0, from JSON or YAML.

    Files that it refers to are brought in; `allow_refs` names files and folders outside of the
    document's own folder that may be read so. What is wrong inside is in the document's `problems`:
    a broken operation is left out, the others are read. With `strict` any problem, also of the full
    validation, is an error.

    Raises SpecError, with place and next step, for a file that cannot be used at all.
    """
    with _paused_collection():
        return _read(path, strict, allow_refs)


@contextmanager
def _paused_collection() -> Iterator[None]:
    """Without garbage collection: nothing made here is garbage, and looking costs a fifth."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(path: Path, strict: bool, allow_refs: Sequence[Path]) -> Document:
    loaded = _load(path)
    version = _version(loaded)
    found = survey(loaded.data, MAX_DEPTH)
    if found is None:
        raise SpecError(f"nested deeper than {MAX_DEPTH} levels", where=Location(path))
    files = bring_in(loaded, found, allow_refs)
    if files:
        found = survey(loaded.data, MAX_DEPTH * 2) or set()
    reading = _Reading(loaded, version, files, found)
    document = reading.document()
    if strict:
        _refuse_problems(document.problems or reading.full_problems(), path)
    return document


def _load(path: Path) -> Loaded:
    try:
        return load(path)
    except SpecError as error:
        guess = _guess(path)
        if not guess:
            raise
        message = f"this is no OpenAPI document; it seems to be {guess}"
        raise SpecError(message, where=Location(path)) from error


def _guess(path: Path) -> str:
    """What a file that is neither JSON nor YAML may be."""
    try:
        with path.open("rb") as file:
            return describe_text(file.read(200).decode("utf-8", "replace"))
    except OSError:
        return ""


def _version(loaded: Loaded) -> str:
    """The version that the document names, as text. Raises SpecError for what is not supported."""
    data = loaded.data
    key = next(
        (key for key in ("openapi", "swagger") if isinstance(data, dict) and key in data), ""
    )
    if not key:
        guess = describe(data) or describe_text(loaded.text)
        it_seems = f"; it seems to be {guess}" if guess else ""
        message = f"this is no OpenAPI document: it has no key `openapi` or `swagger`{it_seems}"
        raise SpecError(message, where=Location(loaded.path, 1, 1), hint=_similar_key(data))
    if isinstance(data[key], int | float):
        data[key] = str(data[key])  # `openapi: 3.1` without quotes is a number in YAML
    version = data[key]
    matched = _VERSION.fullmatch(version.partition("-")[0]) if isinstance(version, str) else None
    short = f"{matched[1]}.{matched[2]}" if matched else ""
    if short not in SUPPORTED or (short == "2.0") != (key == "swagger"):
        places = Places(loaded.path, {}, data)
        places.know(loaded.path, loaded.text)
        hint = "Supported are openapi 3.0, 3.1 and 3.2, and swagger 2.0."
        message = f"the version `{key}: {version}` is not supported"
        raise SpecError(message, where=places.location(f"/{key}"), hint=hint)
    return str(version)


def _similar_key(data: Any) -> str:
    if not isinstance(data, dict):
        return ""
    from rapidfuzz import process

    lowered = {key: key.lower() for key in data}
    for wanted in ("openapi", "swagger"):
        best = process.extractOne(wanted, lowered, score_cutoff=75)
        if best:
            return f"The key {best[2]!r} should be {wanted!r}."
    return ""


@dataclass
class _Reading:
    """One document on its way from data to model."""

    loaded: Loaded
    version: str
    files: dict[str, Path]
    refs: set[str]

    @property
    def short(self) -> str:
        return ".".join(self.version.split(".")[:2])

    def document(self) -> Document:
        source = self.loaded.data
        endless = may_hold_endless(self.loaded.text) or self.files
        dropped = drop_endless(source) if endless else []
        follow = References(source, self.loaded.path)
        findings = [*dropped, *_repeated_keys(self.loaded.text)]
        findings += check_quickly(source, self.short, follow)
        raw = source
        if self.short == "2.0":
            from .swagger import to_openapi3

            raw = to_openapi3(source, follow)
            follow = References(raw, self.loaded.path)
            self.refs = survey(raw, MAX_DEPTH * 2) or set()
        operations, schemes = self._operations(raw, follow, findings)
        return Document(
            path=self.loaded.path,
            title=_title(raw),
            version=self.version,
            raw=raw,
            operations=operations,
            security_schemes=schemes,
            problems=self._placed(findings),
            files=self.files,
            _source=source,
        )

    def _operations(
        self, raw: dict[str, Any], follow: References, findings: list[Finding]
    ) -> tuple[tuple[Operation, ...], dict[str, SecurityScheme]]:
        parts = Parts(follow)
        dangling = find_dangling(raw, self.refs, follow)
        operations = OperationReader(raw, parts, findings).read()
        operations, left_out = without_dangling(raw, operations, dangling)
        findings += left_out
        schemes = _security_schemes(raw, parts, findings)
        findings += _unknown_schemes(operations, schemes)
        return operations, schemes

    def full_problems(self) -> tuple[Problem, ...]:
        return self._placed(list(check_fully(self.loaded.data, self.short)))

    def _placed(self, findings: list[Finding]) -> tuple[Problem, ...]:
        if not findings:
            return ()
        places = Places(self.loaded.path, self.files, self.loaded.data)
        places.know(self.loaded.path, self.loaded.text)
        if self.short == "2.0":
            findings = [replace(f, pointer=_as_swagger(f.pointer)) for f in findings]
        return placed(findings, places)


def _repeated_keys(text: str) -> list[Finding]:
    found = []
    for duplicate in find_duplicates(text):
        first = f" (first in line {duplicate.first_line})" if duplicate.first_line else ""
        message = f"the key {duplicate.key!r} stands twice{first}; only the last one is read"
        found.append(Finding("warning", duplicate.pointer, message, "Merge or rename one."))
    return found


def _as_swagger(pointer: str) -> str:
    """Where a node stood before the conversion."""
    for new, old in (("schemas", "definitions"), ("securitySchemes", "securityDefinitions")):
        pointer = re.sub(f"^/components/{new}(?=/|$)", f"/{old}", pointer)
    return pointer


def _title(raw: dict[str, Any]) -> str:
    info = raw.get("info")
    title = info.get("title") if isinstance(info, dict) else None
    return title if isinstance(title, str) else ""


def _security_schemes(
    raw: dict[str, Any], parts: Parts, findings: list[Finding]
) -> dict[str, SecurityScheme]:
    pointer = "/components/securitySchemes"
    try:
        components = parts.mapping(raw.get("components"), "/components", "components")
        return dict(parts.security_schemes(components.get("securitySchemes"), pointer))
    except BrokenError as broken:
        findings.append(Finding("warning", broken.pointer, broken.message, broken.hint))
        return {}


def _unknown_schemes(
    operations: tuple[Operation, ...], schemes: dict[str, SecurityScheme]
) -> list[Finding]:
    """Names in `security` that no security scheme has; each once, where it is first used."""
    found: dict[str, Finding] = {}
    for operation in operations:
        for alternative in operation.security:
            for name in alternative:
                if name not in schemes and name not in found:
                    message = (
                        f"{operation.label} needs the security scheme {name!r}, which is nowhere"
                    )
                    known = ", ".join(schemes) or "none"
                    hint = f"Known schemes: {known}."
                    found[name] = Finding("warning", f"{operation.pointer}/security", message, hint)
    return list(found.values())


def _refuse_problems(problems: tuple[Problem, ...], path: Path) -> None:
    """Raise SpecError for the first problem, naming some of the others."""
    if not problems:
        return
    first, *others = problems
    lines = [f"  {problem.where}: {problem.message}" for problem in others[:9]]
    if len(others) > len(lines):
        lines.append(f"  and {len(others) - len(lines)} more")
    count = f" (the first of {len(problems)} problems)" if others else ""
    message = "\n".join([first.message + count, *lines])
    raise SpecError(message, where=first.where, hint=first.hint)
