"""`verify`: a team's own checks of what an operation has stored, as SQL that only reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from .base import Part, Text, Values

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_PARAMETER = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")
_WRITES = re.compile(
    r"\b(insert|update|delete|merge|upsert|into|create|alter|drop|truncate|grant|revoke|call|exec"
    r"|execute|copy|set|attach|detach|pragma|vacuum|lock|replace(?!\s*\())\b",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"--|/\*|#(?![>-])")


def read_only(sql: str) -> str:
    """The SQL, if it is one statement that only reads; ValueError says what it is else.

    The database refuses to write for it besides: it runs in a transaction that may only read.
    """
    if re.search(r"\\['\"]", sql):
        raise ValueError("SQL with a backslash before a quote is read differently by each database")
    plain = _QUOTED.sub("''", sql)
    if _COMMENT.search(plain):
        raise ValueError("this SQL has a comment: put it beside, as a YAML comment")
    if ";" in plain.rstrip().removesuffix(";"):
        raise ValueError("this SQL is more than one statement: write one check for each")
    first = (re.findall(r"\w+", plain) or [""])[0]
    if first.lower() not in ("select", "with"):
        raise ValueError(f"this SQL begins with `{first}`: a check only reads, by `SELECT`")
    if found := _WRITES.search(plain):
        word = found[0]
        raise ValueError(
            f"this SQL has `{word}`: a check only reads; a column of that name stands in quotes"
        )
    return sql


def by_parts(
    sql: str, outside: Callable[[str], str], inside: Callable[[str], str] = lambda quoted: quoted
) -> str:
    """The SQL with one change made outside quotes and another one to each quoted part."""
    made, end = [], 0
    for quoted in _QUOTED.finditer(sql):
        made += [outside(sql[end : quoted.start()]), inside(quoted[0])]
        end = quoted.end()
    return "".join([*made, outside(sql[end:])])


ReadOnly = Annotated[Text, AfterValidator(read_only)]
"""One SQL statement that only reads."""


class Verify(Part):
    """A check after the operation succeeded: what a SELECT must find."""

    sql: Annotated[
        ReadOnly,
        Field(
            description="SELECT with `:name` for what the request or the answer tells.",
            examples=["SELECT status FROM orders WHERE id = :id"],
        ),
    ]
    bind: Annotated[
        Values,
        Field(
            description="What `:name` stands for. Left out: the path parameter of that name, else "
            "the field of the answer.",
            examples=[{"id": "$response.body#/id"}],
        ),
    ] = Field(default_factory=dict)
    rows: Annotated[int, Field(ge=0, description="How many rows it must find.")] = 1
    values: Annotated[
        Values,
        Field(
            description="Columns that each row found must hold: literals or expressions.",
            examples=[{"status": "pending", "total_cents": "$response.body#/total"}],
        ),
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _rows_for_values(self) -> Self:
        if self.values and not self.rows:
            raise ValueError("`values` are those of rows that are found; `rows` is 0")
        return self

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names after a colon in the SQL, each once; `::` is a cast of PostgreSQL."""
        return tuple(dict.fromkeys(_PARAMETER.findall(_QUOTED.sub("''", self.sql))))

    @property
    def one_line(self) -> str:
        """The SQL without its line breaks and without a semicolon at its end."""
        spaced = by_parts(self.sql, lambda part: re.sub(r"\s+", " ", part))
        return spaced.strip().removesuffix(";").rstrip()

    def bound(self, parameters: tuple[str, ...], returns: str | None) -> Verify:
        """The same with `bind` filled in: from the path's parameters, else from the answer."""
        answer = returns or "$response.body#"
        usual = {
            name: f"$request.path.{name}" if name in parameters else f"{answer}/{name}"
            for name in self.parameters
        }
        return self.model_copy(update={"bind": {**usual, **self.bind}})


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


Checks = Annotated[
    tuple[Verify, ...], BeforeValidator(_as_list, json_schema_input_type=Verify | list[Verify])
]
"""One check, or a list of them."""
