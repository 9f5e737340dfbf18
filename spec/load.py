"""A file's bytes to data: JSON by the standard library, everything else as YAML."""

from __future__ import annotations

import json
from dataclasses import dataclass
from json import JSONDecodeError
from pathlib import Path
from typing import Any, NoReturn

from ..errors import GenSuiteError, Location, SpecError
from .bounds import MAX_DEPTH
from .text import read_text, starts_as_json


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as read: its text, kept for positions, and the data in it."""

    path: Path
    text: str
    data: Any


def load(path: Path, *, error: type[GenSuiteError] = SpecError) -> Loaded:
    """Read a JSON or YAML file; what it is follows from its content, then from its name."""
    text = read_text(path, error=error)
    if starts_as_json(text):
        try:
            return Loaded(path, text, _load_json(text, path, error))
        except JSONDecodeError as failure:
            # `{` may also begin YAML in flow style, with bare keys and comments.
            if path.suffix.lower() not in {".yaml", ".yml"}:
                _refuse_json(failure, path, error)
    from .yaml import load_yaml

    return Loaded(path, text, load_yaml(text, path, error=error))


def _load_json(text: str, path: Path, error: type[GenSuiteError]) -> Any:
    def refuse(name: str) -> NoReturn:
        raise error(
            f"{name} is no JSON value", where=Location(path), hint="Write null or a number."
        )

    try:
        data = json.loads(text, parse_constant=refuse)
    except RecursionError:
        message = f"nested deeper than {MAX_DEPTH} levels"
        raise error(message, where=Location(path)) from None
    except JSONDecodeError:
        raise
    except ValueError as failure:  # an integer of thousands of digits
        raise error(f"no usable JSON: {failure}", where=Location(path)) from None
    return _without_surrogates(data) if "\\ud" in text or "\\uD" in text else data


def _refuse_json(failure: JSONDecodeError, path: Path, error: type[GenSuiteError]) -> NoReturn:
    where = Location(path, failure.lineno, failure.colno)
    line = failure.doc.split("\n")[failure.lineno - 1].strip()
    excerpt = line if len(line) <= 60 else line[:57] + "..."
    reason = failure.msg[:1].lower() + failure.msg[1:]
    raise error(f"no JSON: {reason}, in `{excerpt}`", where=where) from None


def _without_surrogates(data: Any) -> Any:
    """Halves of UTF-16 pairs, which no file or request can hold, become U+FFFD."""
    text = json.dumps(data, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return data
