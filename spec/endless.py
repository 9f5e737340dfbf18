"""Numbers that are none: `.inf` and `.nan` of YAML, and `1e999`, which overflows to infinity.

No request can carry them and no bound is one, so they are left out, and said.
"""

from __future__ import annotations

import math
import re
from typing import Any

from .findings import Finding
from .pointer import join

_SUSPICIOUS = re.compile(r"\d\.?[eE]\+?\d{3}|\.(?:inf|Inf|INF|nan|NaN|NAN)\b|\d{309}")


def may_hold_endless(text: str) -> bool:
    """Whether a text may write such a number; quick, and too suspicious rather than not."""
    return _SUSPICIOUS.search(text) is not None


def drop_endless(data: Any) -> list[Finding]:
    """Take every such number out of the data, in place; a finding for each."""
    findings: list[Finding] = []
    seen: set[int] = set()
    stack: list[tuple[tuple[str, ...], Any]] = [((), data)]
    while stack:
        path, node = stack.pop()
        if not isinstance(node, dict | list) or id(node) in seen:
            continue
        seen.add(id(node))
        items = list(node.items() if isinstance(node, dict) else enumerate(node))
        for key, value in reversed(items):  # from behind, so that places in lists stay
            place = (*path, str(key))
            if isinstance(value, float) and not math.isfinite(value):
                del node[key]
                name = "/".join(place[-2:] if isinstance(node, list) else place[-1:])
                message = f"`{name}` is no finite number; it is left out"
                findings.append(Finding("warning", join(*place), message))
            else:
                stack.append((place, value))
    return findings
