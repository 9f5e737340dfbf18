"""The text of a file that a user named, or an error that says why there is none."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from ..errors import GenSuiteError, Location, SpecError

_OPENING = re.compile(r"\s*[{\[]")

# The longer marks first: UTF-32's little-endian mark begins with UTF-16's.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_text(path: Path, *, error: type[GenSuiteError] = SpecError) -> str:
    """The file's text: byte order marks honoured and removed, line ends made `\\n`.

    Raises `error` for a missing file (naming the nearest one beside it), a directory, an unreadable
    or empty file, bytes that are not UTF-8, and NUL characters.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise error(
            "there is no such file", where=Location(path), hint=_missing_hint(path)
        ) from None
    except IsADirectoryError:
        raise error(
            "this is a folder, not a file", where=Location(path), hint=_folder_hint(path)
        ) from None
    except (OSError, ValueError) as failure:
        reason = getattr(failure, "strerror", None) or str(failure)
        raise error(f"the file cannot be read: {reason}", where=Location(path)) from None
    text = _decode(data, path, error)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text or text.isspace():
        raise error("the file is empty", where=Location(path), hint="Was it saved or downloaded?")
    if "\0" in text:
        where = _place(text, text.index("\0"), path)
        raise error("a NUL character: this is no text file", where=where)
    return text


def _decode(data: bytes, path: Path, error: type[GenSuiteError]) -> str:
    encoding = "utf-8"
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            data, encoding = data[len(mark) :], name
            break
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as failure:
        before = data[: failure.start].decode(encoding)
        byte = data[failure.start]
        raise error(
            f"byte 0x{byte:02x} is not {encoding.upper()}",
            where=_place(before, len(before), path),
            hint="Save the file as UTF-8.",
        ) from None


def _place(text: str, offset: int, path: Path) -> Location:
    line, column = line_and_column(text, offset)
    return Location(path, line, column)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of a character offset in `text`."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def starts_as_json(text: str) -> bool:
    """Whether the first thing in `text` is a JSON object or list, or YAML in flow style."""
    return _OPENING.match(text) is not None


def nearest_file(path: Path) -> str:
    """The name of the file beside `path` that is most like its own, or ""."""
    from rapidfuzz import process

    best = process.extractOne(path.name, _files(path.parent), score_cutoff=60)
    return str(best[0]) if best else ""


def _files(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError:
        return []


def _missing_hint(path: Path) -> str:
    if not path.parent.is_dir():
        return f"The folder {path.parent} does not exist either."
    name = nearest_file(path)
    return f"Did you mean {path.parent / name}?" if name else "Check the path."


def _folder_hint(path: Path) -> str:
    likely = [name for name in _files(path) if name.endswith((".yaml", ".yml", ".json"))]
    preferred = [name for name in likely if name.startswith(("openapi", "swagger"))] or likely
    return f"Name a file in it, as {path / preferred[0]}." if preferred else "Name the file in it."
