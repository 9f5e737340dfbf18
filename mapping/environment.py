"""References to environment variables in the texts of the mapping file.

`${NAME}` is the variable's value, `${NAME:-default}` the default when it is unset or empty,
`$${NAME}` stays as `${NAME}`. Keys are left alone, and so are expressions (`$request.body`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .names import nearest
from .pointer import join
from .problems import Problems, Rank

MASK = "**********"
_REFERENCE = re.compile(r"\$?\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")
_ATTEMPT = re.compile(r"(?<!\$)\$\{[^}]*\}?")


class FromEnvironment(str):
    """A text that came from the environment in whole or part: never shown, only used.

    `written` is what the mapping file says in its place.
    """

    written: str
    __slots__ = ("written",)

    def __new__(cls, value: str, written: str) -> FromEnvironment:
        made = super().__new__(cls, value)
        made.written = written
        return made

    def __repr__(self) -> str:
        return repr(MASK)

    def __reduce__(self) -> tuple[type[FromEnvironment], tuple[str, str]]:
        return FromEnvironment, (str(self), self.written)


def shown(value: object) -> str:
    """A value as a message may show it: as the file writes it, not as the environment fills it."""
    text = value.written if isinstance(value, FromEnvironment) else str(value)
    return text.encode("utf-8", "backslashreplace").decode()  # JSON may hold half a character


def fill_in(node: Any, env: Mapping[str, str], problems: Problems, *steps: str | int) -> Any:
    """The document with all references replaced; unset variables become problems."""
    if isinstance(node, dict):
        return {key: fill_in(value, env, problems, *steps, key) for key, value in node.items()}
    if isinstance(node, list):
        return [fill_in(value, env, problems, *steps, at) for at, value in enumerate(node)]
    if isinstance(node, str) and "${" in node:
        return _fill_text(node, env, problems, join(*steps))
    return node


def _fill_text(text: str, env: Mapping[str, str], problems: Problems, pointer: str) -> str:
    used = False

    def value_of(reference: re.Match[str]) -> str:
        nonlocal used
        if reference[0].startswith("$$"):
            return reference[0][1:]
        name, default = reference["name"], reference["default"]
        value = env.get(name, "")
        if value or (default is None and name in env):
            used = True
            return value
        if default is not None:
            # What may come from the environment is kept out of sight where it happens not to, too:
            # emitted code must not depend on whose machine emitted it.
            used = True
            return default
        _report_unset(name, env, problems, pointer)
        return reference[0]

    for attempt in _ATTEMPT.finditer(text):
        if not _REFERENCE.fullmatch(attempt[0]):
            problems.add(
                pointer,
                f"`{attempt[0]}` is no reference to an environment variable",
                "write `${NAME}` or `${NAME:-default}`, and `$${` for the characters themselves",
                Rank.ENVIRONMENT,
            )
    filled = _REFERENCE.sub(value_of, text)
    return FromEnvironment(filled, text) if used else filled


def _report_unset(name: str, env: Mapping[str, str], problems: Problems, pointer: str) -> None:
    near = nearest(name, env)
    suggestion = f"did you mean `{near}`? else " if near else ""
    problems.add(
        pointer,
        f"the environment variable `{name}` is not set",
        f"{suggestion}set it, or give a default: `${{{name}:-…}}`",
        Rank.ENVIRONMENT,
    )
