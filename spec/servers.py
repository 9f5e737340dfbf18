"""`servers`: the path that stands before every path of the document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_VARIABLE = re.compile(r"\{([^{}]+)\}")


def server_path(servers: Any) -> str | None:
    """The path of the first server, "/v1" or ""; None where no server is named.

    Variables take their default. The host is of no interest: where the API is, its user says.
    """
    first = servers[0] if isinstance(servers, list) and servers else None
    url = first.get("url") if isinstance(first, Mapping) else None
    if not isinstance(first, Mapping) or not isinstance(url, str):
        return None
    variables = first.get("variables")
    known = variables if isinstance(variables, Mapping) else {}
    filled = _VARIABLE.sub(lambda match: _default(known.get(match[1])), url.strip())
    try:
        path = urlsplit(filled).path
    except ValueError:
        return ""
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    return "".join(f"/{part}" for part in parts)


def _default(variable: Any) -> str:
    if not isinstance(variable, Mapping):
        return ""
    enum = variable.get("enum")
    first = enum[0] if isinstance(enum, list) and enum else ""
    return str(variable.get("default", first))
