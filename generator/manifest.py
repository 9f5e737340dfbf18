"""What was emitted last: `.emitted/manifest.json`, beside the text of each file.

Format 1: {"format": 1, "tool": version, "files": {path: {name: {"fingerprint": text, "covers":
[[operation, concern], ...]}}}}. Names are those of the parts of a file, as `generator/fingerprint.py`
has them; only tests cover something. A reader refuses a newer format.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from .. import __version__
from ..errors import UsageError
from ..files import replace_text
from .fingerprint import Part

FORMAT = 1
FILE = Path(".emitted") / "manifest.json"
"""In the folder of the suite."""

Manifest = Mapping[str, Mapping[str, Part]]
"""Path -> the parts of the file that was emitted there."""


def read_manifest(suite: Path) -> Manifest:
    """What was emitted into a folder; nothing where no suite lies, or one of before there were manifests.

    Raises UsageError for a manifest that cannot be used.
    """
    file = suite / FILE
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _damaged(file, str(error)) from None
    if not isinstance(data, dict) or not isinstance(data.get("format"), int):
        raise _damaged(file, "it names no format")
    if data["format"] > FORMAT:
        raise UsageError(
            f"{file} is of gen-suite {data.get('tool', 'unknown')}, which is newer than this one "
            f"({__version__}): format {data['format']}, {FORMAT} is the last that can be read",
            hint="pip install --upgrade gen-suite; nothing was written",
        )
    try:
        return {path: _parts(entry) for path, entry in data["files"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(file, f"{type(error).__name__}: {error}") from None


def write_manifest(manifest: Manifest, suite: Path) -> None:
    """Keep what was emitted into a folder."""
    files = {
        path: {name: _entry(part) for name, part in parts.items()}
        for path, parts in sorted(manifest.items())
    }
    data = {"format": FORMAT, "tool": __version__, "files": files}
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    file = suite / FILE
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        replace_text(file, text)


def _parts(data: Mapping[str, object]) -> dict[str, Part]:
    return {name: _part(entry) for name, entry in data.items()}


def _part(entry: object) -> Part:
    if not isinstance(entry, dict):
        raise TypeError(f"{entry!r} is no part of a file")
    covers = tuple((str(operation), str(concern)) for operation, concern in entry.get("covers", ()))
    return Part(str(entry["fingerprint"]), covers)


def _entry(part: Part) -> dict[str, object]:
    covers = {"covers": [list(pair) for pair in part.covers]} if part.covers else {}
    return {"fingerprint": part.fingerprint, **covers}


def _damaged(file: Path, reason: str) -> UsageError:
    return UsageError(
        f"{file} is damaged: {reason}",
        hint="put it back from version control, or remove it: the texts beside it tell as well what "
        "you edited; nothing was written",
    )
