"""What `gen-suite generate` keeps beside a suite: JSON objects in its folder `.emitted`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import UsageError


def read_object(file: Path, what: str) -> dict[str, Any]:
    """The object in a file, {} where there is no file. UsageError for a damaged one, or none of `what`."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}", hint="gen-suite generate") from None
    if not isinstance(data, dict):
        raise UsageError(f"{file} holds no {what} by operation", hint="gen-suite generate")
    return data
