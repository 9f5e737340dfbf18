"""What a concern is, and the answers it may give about an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .subject import Subject

CLOSES = "target: {database: <SQLAlchemy URL>}"
"""What closes the gaps of a suite that has no database to look at."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a concern says of one write operation: tests to emit, a gap, or that it does not apply.

    `unseen` is what its tests cannot show, a gap beside them.
    """

    tests: tuple[str, ...] = ()
    gap: str = ""
    closes: str = ""
    not_applicable: str = ""
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class Concern:
    """A column of the matrix.

    `order` is its place from the left, `weight` how much an untested one hurts (1 to 5; the risk of
    the operation multiplies it), `asks` the question its tests answer. Its tests are the macros of
    `templates/<name>.py.j2` that `judge` names. `needs_rows`: without a database it shows nothing;
    else `unseen` tells what it cannot show then, "" for nothing.

    Of a concern that another package brings, `fixtures` are those of its own that tests may ask for,
    with their types, `imports` the lines by which emitted modules come to the names of these and others:
    {"Mailbox": "from shop_tests import Mailbox"}. `home` is the folder of its module, where its template
    lies too, `brought_by` that package.
    """

    name: str
    order: int
    weight: int
    asks: str
    judge: Callable[[Subject], Answer]
    needs_rows: bool = False
    unseen: Callable[[Subject], str] | None = None
    fixtures: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    home: Path | None = None
    brought_by: str = ""


def tests(*names: str | None) -> Answer:
    """The answer `emit these`; a None among the names is left out."""
    return Answer(tests=tuple(name for name in names if name))


def gap(reason: str, closes: str) -> Answer:
    """The answer `nothing tests this, and this line would let it`."""
    return Answer(gap=reason, closes=closes)


def not_applicable(why: str) -> Answer:
    """The answer `there is nothing here to test`."""
    return Answer(not_applicable=why)


def not_mapped(subject: Subject) -> Answer:
    """The gap of an operation that the mapping says nothing about."""
    label, operation = subject.label, subject.operation
    action = operation.method == "POST" and "}" in operation.path.rpartition("/")[0][-1:]
    verb = {"POST": "creates", "DELETE": "deletes"}.get(operation.method, "updates")
    verb = "updates" if action else verb
    return gap(
        "the mapping does not say which rows it writes",
        f'operations: "{label}": {{{verb}: <resource>}}',
    )


def refused(subject: Subject, said: str) -> Answer:
    """The gap of an operation of which no request ever got through, with what the API answered; or
    after whose success the application was of no use until it was started again."""
    label = subject.label
    if said.startswith(("2", "3")):
        return gap(
            f"it spoils the application that runs ({said})",
            f'state the values that do no harm, `fill:` of "{label}", then '
            f'gen-suite learn --allow-db --only "{label}"',
        )
    return gap(
        f"no request got through ({said})",
        f'state what its rows or fields need, `arrange:` or `fill:` of "{label}", then '
        f'gen-suite learn --allow-db --only "{label}"',
    )


def no_version(subject: Subject) -> Answer:
    """The gap of an operation that demands an If-Match of which nothing tells the value."""
    path = subject.operation.path
    return gap(
        "it demands If-Match, and no GET of the row gives its ETag",
        f"describe GET {path} in the spec, if the API has it",
    )


def unsendable(reason: str) -> Answer:
    """The gap of an operation for which no valid request can be made."""
    return gap(
        f"no valid request can be made: {reason}",
        "correct the spec there; or tests of your own, marked with `covers`",
    )


def no_path(subject: Subject) -> Answer:
    """The gap of an operation whose path names a row that nothing tells."""
    names = ", ".join(subject.unbound_path)
    return gap(
        f"nothing tells which row the path parameter {names} names",
        f'operations: "{subject.label}": {{path: {{{subject.unbound_path[0]}: <resource>.<column>}}}}',
    )
