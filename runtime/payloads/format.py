"""What a format of text is: a numbering of its values, and how to tell, stretch and mark one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_JUDGED = frozenset(
    {
        "date",
        "date-time",
        "time",
        "duration",
        "email",
        "hostname",
        "ipv4",
        "ipv6",
        "json-pointer",
        "regex",
        "relative-json-pointer",
        "uri",
        "uri-reference",
        "uri-template",
        "uuid",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Format:
    """A format of text; its values are numbered from 0 to `size` - 1.

    `wrong` are texts that are clearly not of it, `near` some that nearly are, `rare` valid ones that
    patterns tend to exclude.
    `stretch` takes a value to a length, `mark` puts a token into one; None where that cannot be.
    `shape` is a regular expression that all values match; jsonschema-rs judges the formats it knows.
    """

    name: str
    article: str
    make: Callable[[int], str]
    size: int
    wrong: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    rare: tuple[str, ...] = ()
    stretch: Callable[[str, int], str] | None = None
    mark: Callable[[str, str], str] | None = None
    shape: str = ""

    @property
    def strict(self) -> bool:
        """Whether there are texts that are not of this format."""
        return bool(self.shape) or self.name in _JUDGED

    def holds(self, text: str) -> bool:
        """Whether the text is of this format."""
        if self.shape and re.fullmatch(self.shape, text) is None:
            return False
        return _judge(self.name)(text) if self.name in _JUDGED else True


@lru_cache(maxsize=64)
def _judge(name: str) -> Callable[[str], bool]:
    import jsonschema_rs

    schema = {"type": "string", "format": name}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid
