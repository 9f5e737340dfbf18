"""What a reader may take for right on purpose, though the spec says otherwise."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator

Leniency = Literal["numbers", "texts", "times", "nulls"]
"""`numbers`: a text or a boolean for a number, a number or a text for a boolean. `texts`: a number for
a text. `times`: a moment without its zone. `nulls`: null for a field that may be left out."""

KINDS: tuple[Leniency, ...] = get_args(Leniency)


def _widened(value: Any) -> Any:
    """`true` is all but `nulls`, which is a matter of taste."""
    if isinstance(value, bool):
        return tuple(kind for kind in KINDS if kind != "nulls") if value else ()
    if isinstance(value, str) and value not in KINDS:
        raise ValueError(
            f"`lenient` must be true, false or some of {', '.join(KINDS)}, not `{value}`"
        )
    return (value,) if isinstance(value, str) else value


Lenient = Annotated[
    tuple[Leniency, ...],
    BeforeValidator(_widened, json_schema_input_type=bool | Leniency | list[Leniency]),
]
"""What the mapping says of it."""
