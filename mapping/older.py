"""`compatible_with`: older documents whose clients are still served."""

from __future__ import annotations

from ..spec.model import Document, Operation
from ..spec.promises import same_operation
from ..spec.read import read_document
from .entry import OperationEntry
from .environment import shown
from .model import MappingFile
from .names import did_you_mean
from .paths import parameters
from .pointer import join
from .problems import Problems
from .shapes import Shapes


def read_older(mapping: MappingFile) -> dict[str, Document]:
    """The older documents by their names in the mapping.

    MappingError names a file that is not there, SpecError what is wrong inside of one.
    """
    problems = Problems(mapping.path, mapping.text)
    for number, name in enumerate(mapping.compatible_with):
        if not (mapping.folder / name).is_file():
            here = [
                one.name
                for one in mapping.folder.iterdir()
                if one.suffix in (".yaml", ".yml", ".json")
            ]
            pointer = join("compatible_with", number)
            problems.add(
                pointer, f"there is no file `{shown(name)}`", did_you_mean(shown(name), here)
            )
    problems.raise_all()
    allowed = mapping.allowed_refs
    return {
        name: read_document(mapping.folder / name, allow_refs=allowed)
        for name in mapping.compatible_with
    }


def entries_for(
    mapping: MappingFile, older: Document, newer: Document
) -> dict[str, OperationEntry]:
    """What the mapping says of the older document's operations, by their older labels."""
    found = {}
    for operation in older.operations:
        now = same_operation(operation, newer)
        entry = mapping.operations.get(now.label) if now else None
        if now is not None and entry is not None:
            found[operation.label] = _as_then(entry, now, operation, Shapes(older))
    return found


def _as_then(
    entry: OperationEntry, now: Operation, then: Operation, shapes: Shapes
) -> OperationEntry:
    """An entry with the names that path parameters had, and without fields that were not there."""
    names = dict(zip(parameters(now.path), parameters(then.path), strict=True))
    body = shapes.request(then)
    fill = {
        pointer: value
        for pointer, value in entry.fill.items()
        if shapes.at(body, pointer.strip("/").split("/")).schema is not None
    }
    path = {names.get(name, name): place for name, place in entry.path.items()}
    return entry.model_copy(update={"fill": fill, "path": path})
