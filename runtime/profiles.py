"""Profiles of a run: how many examples a test draws, and whether their text is wild.

GEN_SUITE_PROFILE or `pytest --gen-suite-profile` names one; `dev` is the default.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import UsageError
from ..mapping.names import did_you_mean

VARIABLE = "GEN_SUITE_PROFILE"


@dataclass(frozen=True, slots=True)
class Profile:
    """`examples` of each drawn test; `hostile` adds text and numbers that break applications."""

    examples: int
    hostile: bool = False


PROFILES = {
    "dev": Profile(10),
    "ci": Profile(50),
    "thorough": Profile(500),
    "hostile": Profile(50, hostile=True),
}


def active_profile(environ: Mapping[str, str] = os.environ) -> Profile:
    """The profile that GEN_SUITE_PROFILE names; UsageError with the nearest name otherwise."""
    name = environ.get(VARIABLE) or "dev"
    if name not in PROFILES:
        raise UsageError(
            f"{VARIABLE} names no profile: {name!r}; there are {', '.join(PROFILES)}",
            hint=did_you_mean(name, PROFILES),
        )
    return PROFILES[name]
