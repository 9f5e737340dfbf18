"""The share of tested cells as shields.io reads it from an address (its endpoint badge)."""

from __future__ import annotations

import json

from .view import View

LABEL = "gen-suite"
COLOURS = ((90.0, "brightgreen"), (75.0, "green"), (60.0, "yellow"), (40.0, "orange"), (0.0, "red"))
"""From so many percent on."""


def colour_of(percent: float) -> str:
    """The colour of a share, by the names that shields.io has for them."""
    return next(name for least, name in COLOURS if percent >= least)


def message(view: View) -> str:
    """What the badge says: `92 % tested`."""
    return f"{view.coverage.shown()} % tested"


def matrix(view: View) -> str:
    """The same as `gaps`."""
    return gaps(view)


def gaps(view: View) -> str:
    """{"schemaVersion", "label", "message", "color"}."""
    badge = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": message(view),
        "color": colour_of(view.coverage.percent),
    }
    return json.dumps(badge) + "\n"
