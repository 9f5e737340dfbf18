"""The mapping file as typed models; `read.py` makes them of a file.

`MappingFile.target.database` is absolute already: a relative SQLite file was taken from the
folder of the mapping file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PrivateAttr

from .actor import Actor, Auth, Basic, Login
from .base import Part, Text, Texts
from .depth import NO_DEPTHS, Depth, FileDepths
from .entry import Allow, Change, OperationEntry, Risk
from .environment import shown
from .leniency import Leniency, Lenient
from .resource import Resource, StoredField, TableEntry, Timestamps, Transform
from .situation import Idempotency, Refusal, Situation
from .target import TEST_ENVIRONMENTS, App, DatabaseUrl, Target, Worker
from .verify import Verify

__all__ = [
    "TEST_ENVIRONMENTS",
    "Actor",
    "Allow",
    "App",
    "Auth",
    "Basic",
    "Change",
    "DatabaseUrl",
    "Idempotency",
    "Login",
    "MappingFile",
    "OperationEntry",
    "Refusal",
    "Resource",
    "Risk",
    "Situation",
    "StoredField",
    "TableEntry",
    "Target",
    "Timestamps",
    "Transform",
    "Verify",
    "Worker",
]

FILE_NAME = "gen-suite.yaml"


def _inside(folders: tuple[str, ...]) -> tuple[str, ...]:
    for name in folders:
        if not Path(name).is_absolute() and ".." in Path(name).parts:
            raise ValueError(f"`{shown(name)}` lies outside of this file's folder: name it in full")
    return folders


class MappingFile(Part):
    """Which rows of which tables each operation writes, and how to reach the API."""

    spec: Annotated[Text, Field(description="OpenAPI document, relative to this file.")]
    compatible_with: Annotated[
        Texts,
        Field(
            description="Older OpenAPI documents whose clients are still served, relative to this "
            "file.",
            examples=[["openapi-1.yaml"]],
        ),
    ] = ()
    allow_refs: Annotated[
        Texts,
        AfterValidator(_inside),
        Field(
            description="Folders outside of the spec's own that its `$ref`s may lead to: below this "
            "file's folder, or absolute.",
            examples=[["shared"]],
        ),
    ] = ()
    suite: Annotated[
        Text, Field(description="Folder that `gen-suite generate` writes, relative to this file.")
    ] = "tests/api"
    templates: Annotated[
        Text,
        Field(
            description="Folder with templates of your own, relative to this file: files and macros that "
            "differ from those of gen-suite.",
            examples=["tests/templates"],
        ),
    ] = ""
    typed: Annotated[
        bool,
        Field(
            description="Emitted tests have annotations, for a type checker that demands them; the "
            "fixtures of `conftest.py` have them always."
        ),
    ] = False
    target: Annotated[Target, Field(description="What is tested: API and database.")] = Field(
        default_factory=Target
    )
    actors: Annotated[
        dict[str, Actor], Field(description="Callers by name; the first one is the default.")
    ] = Field(default_factory=dict)
    resources: Annotated[
        dict[str, Resource], Field(description="What the API speaks of, by a name of your choice.")
    ] = Field(default_factory=dict)
    operations: Annotated[
        dict[str, OperationEntry],
        Field(
            description="What operations do, by method and path as in the spec.",
            examples=[{"POST /orders": {"creates": "order"}}],
        ),
    ] = Field(default_factory=dict)
    ignores: Annotated[
        Texts, Field(description="Noise for all operations: `table` or `table.column`.")
    ] = ()
    writes_when_refused: Annotated[
        Texts,
        Field(
            description="What the API writes of refused requests too, an audit log for example: `table` "
            "or `table.column`. It is asserted of a success, and is no work left behind of a refusal.",
            examples=[["audit_log"]],
        ),
    ] = ()
    lenient: Annotated[
        Lenient,
        Field(
            description="What the API coerces on purpose, so that it is no violation; `true` is all but "
            "`nulls`.",
            examples=[True, ["numbers", "times"]],
        ),
    ] = ()
    leave_out: Annotated[
        Texts,
        Field(
            description="Optional parameters that no request sends: the API refuses values of which the "
            "spec says that they are right.",
            examples=[["X-API-Version"]],
        ),
    ] = ()
    strict_statuses: Annotated[
        bool,
        Field(
            description="Every answer must have a documented status, also refusals that any API may "
            "give: 401, 403, 404, 409, 422 and the like."
        ),
    ] = False
    depth: Annotated[
        FileDepths,
        Field(
            description="How much is emitted: `essential`, `standard` or `thorough`, for all operations, "
            "by concern, or by risk (by default high: thorough, medium: standard, low: essential).",
            examples=[
                "thorough",
                {"default": "standard", "rollback": "thorough"},
                {"low": "standard"},
            ],
        ),
    ] = Field(default_factory=dict)
    tables: Annotated[
        dict[str, TableEntry], Field(description="Tables that are no resources, by name.")
    ] = Field(default_factory=dict)

    _path: Path = PrivateAttr(default=Path(FILE_NAME))
    _text: str = PrivateAttr(default="")
    _asked: Mapping[str, Depth] = PrivateAttr(default=NO_DEPTHS)

    @classmethod
    def bare(cls, spec: Path) -> MappingFile:
        """The mapping that says nothing yet, for a spec that has none."""
        made = cls(spec=spec.name)
        made._path = spec.parent / FILE_NAME
        return made

    @classmethod
    def of(cls, data: Any, path: Path, text: str) -> MappingFile:
        """Validate what a file says; raises pydantic's ValidationError."""
        made = cls.model_validate(data)
        url = made.target.database
        if url is not None:
            target = made.target.model_copy(update={"database": url.relative_to(path.parent)})
            made = made.model_copy(update={"target": target})
        made._path, made._text = path, text
        return made

    @property
    def path(self) -> Path:
        """The file itself; for a bare spec the one that could be written."""
        return self._path

    @property
    def text(self) -> str:
        """The file as written, "" for a bare spec. Only messages need it."""
        return self._text

    @property
    def is_bare(self) -> bool:
        """There is no file: it is the mapping of a spec alone."""
        return not self._text

    @property
    def unwatched(self) -> bool:
        """There is no database to look at: what is stored is read by `stored_by` requests."""
        stated = any(resource.stored_by for resource in self.resources.values())
        return self.target.database is None and stated

    def left_out(self, entry: OperationEntry | None) -> tuple[str, ...]:
        """The optional fields and parameters that no request of an operation sends."""
        return (*self.leave_out, *(entry.leave_out if entry else ()))

    def leniency(self, entry: OperationEntry | None) -> frozenset[Leniency]:
        """What an operation coerces on purpose: its own word, else the file's."""
        own = entry.lenient if entry is not None else None
        return frozenset(self.lenient if own is None else own)

    def at_depths(self, asked: Mapping[str, Depth]) -> MappingFile:
        """The same with the depths of these operations, by label, whatever the file says of them."""
        made = self.model_copy()
        made._asked = dict(asked)
        return made

    @property
    def asked_depths(self) -> Mapping[str, Depth]:
        """Label -> the depth that was asked for on the command line."""
        return self._asked

    @property
    def folder(self) -> Path:
        """The folder that the paths in the file are relative to."""
        return self._path.parent

    @property
    def spec_path(self) -> Path:
        return self.folder / self.spec

    @property
    def allowed_refs(self) -> tuple[Path, ...]:
        """The folders of `allow_refs`."""
        return tuple(self.folder / name for name in self.allow_refs)

    @property
    def templates_path(self) -> Path | None:
        """The folder of `templates`."""
        return self.folder / self.templates if self.templates else None

    @property
    def suite_path(self) -> Path:
        return self.folder / self.suite
