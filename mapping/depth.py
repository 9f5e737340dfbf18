"""`depth`: how much is emitted for an operation, for the whole file, one operation, or one concern."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator

from .environment import shown
from .names import did_you_mean

Depth = Literal["essential", "standard", "thorough"]
"""`essential`: the tests that catch what hurts most. `standard`: most tests. `thorough`: all."""

DEPTHS: tuple[Depth, ...] = get_args(Depth)
"""From the least to the most."""
DEFAULT = "default"
"""The key of what holds where nothing more exact is said."""
BY_RISK: Mapping[str, Depth] = {"high": "thorough", "medium": "standard", "low": "essential"}
"""The depth of an operation of which the mapping says nothing."""
Decider = Literal["risk", "mapping", "option"]
"""What decides on a depth: the risk of the operation, another line of the mapping, or `--depth`."""
NO_DEPTHS: Mapping[str, Depth] = {}


def unknown_depth(value: object) -> str:
    """What is wrong with a depth that does not exist, and the nearest that does."""
    text = "empty" if value is None else f"`{shown(value)}`"
    near = did_you_mean(value, DEPTHS) if isinstance(value, str) else ""
    hint = f": {near}" if near.startswith("did you mean") else ""
    return f"a depth is one of {', '.join(f'`{d}`' for d in DEPTHS)}, not {text}{hint}"


def _widening(keys: str) -> Callable[[Any], Any]:
    def widened(value: Any) -> Any:
        """One depth for all is that of `default`."""
        stated = value if isinstance(value, dict) else {DEFAULT: value}
        for key, depth in stated.items():
            if depth not in DEPTHS:
                where = f"`depth` of `{shown(key)}`" if isinstance(value, dict) else "`depth`"
                raise ValueError(f"{where}: {unknown_depth(depth)}")
        unwanted = [key for key in stated if key in BY_RISK] if keys == "operation" else []
        if unwanted:
            raise ValueError(
                f"`{unwanted[0]}` is a risk: at the top of the file `depth` may say it for all "
                "operations; one operation has one risk"
            )
        return stated

    return widened


FileDepths = Annotated[
    dict[str, Depth],
    BeforeValidator(_widening("file"), json_schema_input_type=Depth | dict[str, Depth]),
]
"""What the top of the file says: by concern, by risk, and for the rest."""
OperationDepths = Annotated[
    dict[str, Depth],
    BeforeValidator(_widening("operation"), json_schema_input_type=Depth | dict[str, Depth]),
]
"""What one operation says: by concern, and for the rest."""


def choose(
    concern: str, risk: str, operation: Mapping[str, Depth], file: Mapping[str, Depth]
) -> tuple[Depth, Decider]:
    """The depth of one concern of an operation, and what decided on it.

    What the operation says goes before what the file says; a concern goes before a risk, and that
    before the default.
    """
    for stated, keys in ((operation, (concern, DEFAULT)), (file, (concern, risk, DEFAULT))):
        for key in keys:
            if key in stated:
                return stated[key], "risk" if key == risk else "mapping"
    return BY_RISK[risk], "risk"
