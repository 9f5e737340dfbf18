"""What the models of the mapping file have in common.

Shorthands (`email: email_address` for `email: {column: email_address}`) are widened before
validation, so the models hold one shape only, while the JSON Schema allows both.
Names that clash with Python or pydantic end in an underscore here: `as_`, `set_`, `json_`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, WrapValidator, model_validator

from .environment import FromEnvironment


class Part(BaseModel):
    """A part of the mapping file: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_left_out(cls, data: Any) -> Any:
        """A key with nothing behind it, as in a file half written, is a key left out."""
        if data is None:
            return {}
        if not isinstance(data, dict):
            return data
        optional = {
            field.alias or name
            for name, field in cls.model_fields.items()
            if not field.is_required() and field.default is not None
        }
        return {key: at for key, at in data.items() if at is not None or key not in optional}


def _keep(value: Any, validate: Callable[[Any], Any]) -> Any:
    """Pydantic would make a plain `str` of it, and forget that it must not be shown."""
    validated = validate(value)
    return value if isinstance(value, FromEnvironment) else validated


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_text(value: Any) -> Any:
    """Numbers stand unquoted in YAML; booleans do not, as `true` and `True` both may be meant."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if number else value


Text = Annotated[str, WrapValidator(_keep)]
"""A text, which remembers whether it came from the environment."""

Texts = Annotated[
    tuple[Text, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[str])
]
"""One text, or a list of them."""

Printable = Annotated[Text, BeforeValidator(_as_text, json_schema_input_type=str | int | float)]
"""A text that may be written as a number."""

Values = dict[str, Any]
"""Literals or expressions by name."""


def exactly_one(part: Part, names: tuple[str, ...], *, what: str, needed: bool = True) -> None:
    """Raise ValueError unless exactly one (or, if not needed, at most one) of the keys is given."""
    given = [name for name in names if getattr(part, name) is not None]
    listed = ", ".join(f"`{name}`" for name in names)
    if len(given) > 1:
        both = " and ".join(f"`{name}`" for name in given)
        raise ValueError(f"{what} has {both}, but only one of {listed} can be")
    if needed and not given:
        raise ValueError(f"{what} needs one of {listed}")
