"""The schema as the last look at the database found it, for steps that may not look themselves."""

from __future__ import annotations

import json
from pathlib import Path

from ..errors import MappingError
from .schema import Schema

FILE = Path(".gen-suite") / "schema.json"


def read_schema(folder: Path) -> Schema | None:
    """The kept schema of the mapping file in `folder`, or None before the first look."""
    file = folder / FILE
    try:
        return Schema.from_json(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise MappingError(
            f"{file} is no kept schema: {error!r}",
            hint="remove it, and look again: gen-suite generate --allow-db",
        ) from error


def write_schema(schema: Schema, folder: Path) -> None:
    """Keep a schema beside the mapping file in `folder`."""
    file = folder / FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(schema.to_json(), indent=1) + "\n", encoding="utf-8")
