"""Other files that a document refers to, brought into it.

Each file comes in once, whole, under `x-gen-suite-files`, and references to it become internal
ones: nothing is copied twice, circles need no care, and every node's place in its own file stays
known. prance's RefResolver does the fetching; all it can fetch is what `_Shelf` hands it, which
loads quickly, never touches the network, and leaves the document's folder only for what the user
named.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from urllib.request import url2pathname

from ..errors import Location, SpecError
from .bounds import MAX_DEPTH
from .load import Loaded, load
from .places import Places
from .pointer import escape, join
from .refs import FILES, anchors, nearest, references, survey
from .text import nearest_file, read_text

_DATA_SUFFIXES = frozenset({".json", ".yaml", ".yml", ""})


class _Leaf:
    """A file's content as prance sees it: something to put in place, with nothing inside to look at.

    Its references are internal ones by then; prance would follow what merely looks like one in examples,
    and stumble over properties that are called `$ref`.
    """

    def __init__(self, data: Any) -> None:
        self.data = data

    def copy(self) -> _Leaf:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> _Leaf:
        return self


@dataclass
class _Shelf:
    """The files of one document: which may be read, which were, and under what name they stand."""

    main: Loaded
    allowed: tuple[Path, ...]
    names: dict[Path, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.main.path.resolve().parent

    def fetch(self, file: Path) -> Any:
        """The file's data with its references made internal ones of the whole document.

        Text that is no data (a description in Markdown) is given as text.
        """
        if file.suffix.lower() not in _DATA_SUFFIXES:
            return read_text(file)
        found = load(file)
        if not isinstance(found.data, dict | list):
            return found.text
        if survey(found.data, MAX_DEPTH) is None:
            raise SpecError(f"nested deeper than {MAX_DEPTH} levels", where=Location(file))
        _drop_identity(found.data)
        _rewrite(self, found, self.names[file])
        return found.data


class _Cache(dict[Any, Any]):
    """What prance takes for its cache of fetched files: it finds everything here, or an error."""

    def __init__(self, shelf: _Shelf) -> None:
        super().__init__()
        self._shelf = shelf

    def get(self, key: Any, default: Any = None) -> Any:
        if not isinstance(key, tuple):
            return default
        if key not in self:
            file = Path(url2pathname(urlsplit(key[0]).path))
            assert file in self._shelf.names  # `_file` has seen that it may be read
            self[key] = _Leaf(self._shelf.fetch(file))
        return self[key]


def bring_in(main: Loaded, refs: set[str], allowed: Sequence[Path]) -> dict[str, Path]:
    """Bring other files into `main.data`, in place; their paths by the name they stand under.

    `refs` are all texts under `$ref` in it. Raises SpecError for files that are missing,
    unreadable, on the network, or outside of the document's folder and of `allowed`.
    """
    if all(ref.startswith("#") for ref in refs):
        return {}
    shelf = _Shelf(main, tuple(path.resolve() for path in allowed))
    _rewrite(shelf, main, "")
    contents: dict[str, Any] = {}
    while missing := {file: name for file, name in shelf.names.items() if name not in contents}:
        contents |= _fetch_all(shelf, missing)
    if contents:
        main.data[FILES] = contents
    return {name: file for file, name in shelf.names.items()}


def _fetch_all(shelf: _Shelf, files: dict[Path, str]) -> dict[str, Any]:
    from prance.util.resolver import RESOLVE_FILES, RefResolver, keep_ref_on_recursion

    wanted = {name: {"$ref": file.as_uri()} for file, name in files.items()}
    resolver = RefResolver(
        {"files": wanted},
        url=(shelf.folder / FILES).as_uri(),
        reference_cache=_Cache(shelf),
        resolve_types=RESOLVE_FILES,
        recursion_limit_handler=keep_ref_on_recursion,
    )
    resolver.resolve_references()
    return {name: leaf.data for name, leaf in resolver.specs["files"].items()}


def _drop_identity(data: Any) -> None:
    # `$id` would make every reference inside relative to an address that nobody serves here.
    if isinstance(data, dict):
        data.pop("$id", None)
        data.pop("$schema", None)


def _rewrite(shelf: _Shelf, source: Loaded, name: str) -> None:
    """Make the references in one file internal ones, and note the files they name.

    `name` is the file's own under FILES, "" for the document itself.
    """
    seen: set[int] = set()
    for path, node, in_data in references(source.data):
        if id(node) in seen:
            continue
        seen.add(id(node))
        ref = node["$ref"]
        address, _, fragment = ref.partition("#")
        try:
            file = _file(shelf, source.path, address) if address else source.path.resolve()
        except _RefusedError as refusal:
            if in_data:
                continue
            places = Places(source.path, {}, source.data)
            places.know(source.path, source.text)
            where = places.location(join(*path, "$ref"))
            message = f"$ref {ref!r} {refusal.message}"
            raise SpecError(message, where=where, hint=_hint(refusal, source, ref)) from None
        if address or name:
            node["$ref"] = _internal(shelf, source, file, fragment)


def _internal(shelf: _Shelf, source: Loaded, file: Path, fragment: str) -> str:
    if file == shelf.main.path.resolve():
        return f"#{fragment}"
    if fragment and not fragment.startswith("/"):
        data = source.data if file == source.path.resolve() else None
        fragment = anchors(data).get(fragment, f"/{fragment}") if data else f"/{fragment}"
    name = shelf.names.setdefault(file, _name(file, shelf.folder))
    return f"#/{FILES}/{quote(escape(name), safe='/~')}{fragment.rstrip('/')}"


def _name(file: Path, folder: Path) -> str:
    return Path(os.path.relpath(file, folder)).as_posix()


@dataclass
class _RefusedError(Exception):
    """Why a file is not read; `hint` what to do, or empty to look for a likely reference."""

    message: str
    hint: str = ""


def _hint(refusal: _RefusedError, source: Loaded, ref: str) -> str:
    return refusal.hint or nearest(source.data, ref)


def _file(shelf: _Shelf, source: Path, address: str) -> Path:
    """The file that an address in `source` names, if it may be read."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise _RefusedError("is no address") from None
    if parts.scheme in {"http", "https"} or parts.netloc:
        raise _RefusedError(
            "is on the network, which is not read",
            "Save a copy beside the document and refer to it by a relative path.",
        )
    if len(parts.scheme) > 1 and parts.scheme != "file":
        raise _RefusedError(f"has the scheme {parts.scheme!r}, which is not read")
    path = unquote(parts.path) if parts.scheme == "file" else unquote(address.partition("?")[0])
    if "\0" in path:
        raise _RefusedError("is no path")
    try:
        file = Path(os.path.normpath(source.resolve().parent / path)).resolve()
        is_file, is_folder = file.is_file(), file.is_dir()
    except (OSError, RuntimeError) as failure:  # a name too long, a circle of links
        raise _RefusedError(f"cannot be read: {failure}") from None
    if not _may_read(shelf, file):
        raise _RefusedError(
            f"lies outside of the document's folder {shelf.folder}",
            f"If that file may be read, add --allow-refs {file.parent}, or in gen-suite.yaml "
            f"`allow_refs: [{file.parent}]`.",
        )
    if not is_file:
        kind = "a folder" if is_folder else "a file that does not exist"
        name = nearest_file(file)
        raise _RefusedError(f"names {kind}: {file}", f"Did you mean {name!r}?" if name else "")
    return file


def _may_read(shelf: _Shelf, file: Path) -> bool:
    return any(file.is_relative_to(root) for root in (shelf.folder, *shelf.allowed))
