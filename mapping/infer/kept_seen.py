"""What an interrupted `learn` has seen so far: one line of JSON for each operation, as it is seen."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from .observed import Callers, Limit, Listed, Refusal, RowSeen, Seen, Trial

FILE = Path(".gen-suite") / "learning.jsonl"
FORMAT = 1
_TAG = "$"
_CLASSES = {one.__name__: one for one in (Callers, Limit, Listed, Refusal, RowSeen, Seen, Trial)}
_READERS: Mapping[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
    "uuid": UUID,
    "bytes": base64.b64decode,
}


@dataclass
class KeptSeen:
    """The file of one run. `state` says what the run rests on: with another one nothing of it holds.

    `mask` takes secrets out of texts before they are written.
    """

    folder: Path
    state: str
    mask: Callable[[str], str]
    _begun: bool = field(default=False, init=False)

    @property
    def path(self) -> Path:
        return self.folder / FILE

    def read(self) -> dict[str, Seen]:
        """By label what an earlier run with the same state saw; a line cut in two ends it."""
        found: dict[str, Seen] = {}
        for number, line in enumerate(self._lines()):
            try:
                data = json.loads(line)
                if number == 0 and data != self._head():
                    return {}
                if number:
                    seen = decode(data)
                    found[seen.label] = seen
            except (ValueError, TypeError, KeyError, AttributeError):
                break
        self._begun = bool(found)
        return found

    @property
    def age(self) -> float:
        """Seconds since it was written to."""
        return time.time() - self.path.stat().st_mtime

    def add(self, seen: Seen) -> None:
        """Keep what one operation did."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a" if self._begun else "w", encoding="utf-8") as file:
            if not self._begun:
                file.write(json.dumps(self._head()) + "\n")
            file.write(json.dumps(encode(seen, self.mask)) + "\n")
        self._begun = True

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def _head(self) -> dict[str, Any]:
        return {"format": FORMAT, "state": self.state}

    def _lines(self) -> Iterator[str]:
        if self.path.is_file():
            with self.path.open(encoding="utf-8") as file:
                yield from file


def encode(value: Any, mask: Callable[[str], str]) -> Any:
    """A value as JSON has it; what JSON has no form for goes under a tag, or as its text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, tuple | list):
        items = [encode(one, mask) for one in value]
        return items if isinstance(value, list) else {_TAG: "tuple", "of": items}
    if isinstance(value, Mapping):
        pairs = {str(key): encode(one, mask) for key, one in value.items()}
        return {_TAG: "object", "of": pairs} if _TAG in pairs else pairs
    name = type(value).__name__
    if name in _CLASSES:
        told = {one.name: encode(getattr(value, one.name), mask) for one in fields(value)}
        return {_TAG: name, "of": told}
    if isinstance(value, bytes | bytearray | memoryview):
        return {_TAG: "bytes", "of": base64.b64encode(bytes(value)).decode()}
    for kind, tag in ((datetime, "datetime"), (date, "date")):
        if isinstance(value, kind):
            return {_TAG: tag, "of": value.isoformat()}
    tag = {Decimal: "decimal", UUID: "uuid"}.get(type(value), "")
    return {_TAG: tag, "of": str(value)} if tag else mask(str(value))


def decode(data: Any) -> Any:
    """What `encode` was given."""
    if isinstance(data, list):
        return [decode(one) for one in data]
    if not isinstance(data, dict):
        return data
    if _TAG not in data:
        return {key: decode(one) for key, one in data.items()}
    tag, told = data[_TAG], data["of"]
    if tag == "tuple":
        return tuple(decode(one) for one in told)
    if tag == "object":
        return {key: decode(one) for key, one in told.items()}
    if tag in _CLASSES:
        return _CLASSES[tag](**{key: decode(one) for key, one in told.items()})
    return _READERS[tag](told)
