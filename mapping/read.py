"""The mapping file: found by walking up, read, filled from the environment, checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import MappingError
from .crosscheck import crosscheck
from .environment import fill_in
from .model import FILE_NAME, MappingFile
from .problems import Problems, Rank
from .signs import with_signs
from .validate import validate

FILE_NAMES = (FILE_NAME, "gen-suite.yml")


def find_mapping(start: Path) -> Path:
    """The mapping file in `start` or the nearest folder above it; `start` itself if it is a file.

    Raises MappingError when there is none.
    """
    if not start.is_dir():
        if start.is_file():
            return start
        raise MappingError(f"there is no {start}", hint="`gen-suite init SPEC` proposes a mapping")
    folder = start.absolute()
    for here in (folder, *folder.parents):
        for name in FILE_NAMES:
            if (here / name).is_file():
                return here / name
    raise MappingError(
        f"no {FILE_NAME} in {start} or a folder above it",
        hint="`gen-suite init SPEC` proposes one; `--config FILE` names another place",
    )


def read_mapping(path: Path, *, env: Mapping[str, str] | None = None) -> MappingFile:
    """Read and check a mapping file, as far as that goes without spec and database.

    `env` holds the environment variables, `os.environ` if left out. Raises MappingError: one
    that tells everything that is wrong, with file, line and column of each.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise MappingError(f"cannot read {path}: {reason}") from error
    return parse_mapping(text, path, env=env)


def parse_mapping(text: str, path: Path, *, env: Mapping[str, str] | None = None) -> MappingFile:
    """The same for a text that stands, or is to stand, in the file `path`."""
    from ..spec.yaml import load_yaml

    def load(yaml: str) -> Any:
        return load_yaml(yaml, path, error=MappingError)

    written = with_signs(text, load(text), load)
    problems = Problems(path, text)
    _report_repeated_keys(text, problems)
    filled = fill_in(written, os.environ if env is None else env, problems)
    mapping = validate(filled, written, path, text, problems)
    if mapping is not None:
        crosscheck(mapping, written, problems)
    problems.raise_all()
    if mapping is None:  # pragma: no cover - what does not validate has problems
        raise MappingError(f"{path} cannot be read")
    return mapping


def _report_repeated_keys(text: str, problems: Problems) -> None:
    """What stands under the first of two equal keys would be lost, and nobody would miss it."""
    from ..spec.duplicates import find_duplicates

    for found in find_duplicates(text, braces=True):
        first = f"; first in line {found.first_line}" if found.first_line else ""
        problems.add(
            found.pointer, f"the key `{found.key}` stands twice{first}", "merge them", Rank.SHAPE
        )
