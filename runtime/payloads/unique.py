"""Values that nobody else has: unique across runs, workers and examples.

A drawn value keeps what is drawn and gets a unique part at its edge, after drawing: Hypothesis sees none
of it, so shrinking and its example database work as ever. The part is a number: a random start per run,
then counted up; workers of one pytest-xdist run share the start and take turns.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any

from .faults import faults
from .format import Format
from .formats import format_named
from .node import Node
from .numbers import number_series
from .series import MISSING, Series
from .text import roomiest, text_series
from .words import base36, fit

_WIDTH = 8  # characters of a unique part in free text: 36**8 are 2.8 million million
_ROOM = 36**_WIDTH
_TRIES = 2_000


class Tokens:
    """Numbers that no other worker and, as far as chance goes, no other run has."""

    def __init__(self, run: str, worker: int = 0, workers: int = 1) -> None:
        self._run = run
        self._worker = worker
        self._workers = workers
        self._counts: defaultdict[str, count[int]] = defaultdict(count)

    def next(self, key: str, size: int) -> int:
        """The next number below `size` for what `key` names; after `size` numbers they repeat."""
        digest = hashlib.blake2b(f"{self._run} {key}".encode(), digest_size=16).digest()
        start = int.from_bytes(digest, "big")
        return (start + next(self._counts[key]) * self._workers + self._worker) % size


def tokens_of_this_process() -> Tokens:
    """By the run and worker of pytest-xdist, else by chance."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or os.urandom(16).hex()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    workers = os.environ.get("PYTEST_XDIST_WORKER_COUNT", "")
    if not worker.isdigit() or not workers.isdigit():
        return Tokens(os.urandom(16).hex())
    return Tokens(run, int(worker), max(int(workers), int(worker) + 1))


class _Shared:
    """The tokens of this process; a fork gets its own."""

    def __init__(self) -> None:
        self._tokens: Tokens | None = None
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """In a fork: by chance, since the worker's numbers stay its parent's."""
        self._tokens = Tokens(os.urandom(16).hex())

    def next(self, key: str, size: int) -> int:
        if self._tokens is None:
            self._tokens = tokens_of_this_process()
        return self._tokens.next(key, size)


SHARED = _Shared()


def unique_value(node: Node, drawn: Any, key: str, tokens: Tokens | _Shared = SHARED) -> Any:
    """The drawn value with a part that nobody else has; it satisfies what the node asks for.

    Booleans, enums and null stay as they are: they have too few values. `key` names what has to be
    unique (`customers.email`): fields with one key never get the same value.
    """
    if node.enum is not None or drawn is None or isinstance(drawn, bool):
        return drawn
    if isinstance(drawn, str):
        return _unique_text(node, drawn, partial(tokens.next, key))
    if isinstance(drawn, int | float):
        kind = "integer" if isinstance(drawn, int) else "number"
        return _taken(number_series(node, kind, wide=True), partial(tokens.next, key), drawn)
    return drawn


def _unique_text(node: Node, drawn: str, number: partial[int]) -> str:
    """The drawn text marked with a token, where the rules leave room for one; else the next text."""
    named = node.formats[0] if node.formats else node.likely
    known = format_named(named) if named else None
    longest = node.max_length
    width = _WIDTH if longest is None else min(_WIDTH, longest)
    fixed = known is not None and known.strict and known.mark is None
    if width and not fixed and (width == _WIDTH or not node.patterns):
        token = base36(number(36**width), width)
        for text in _marked(node, known, drawn, token):
            if not faults(node, text):
                return text
    if known is not None and known.strict:
        found = text_series(node)
    else:
        found = roomiest(node.patterns, node.min_length, longest, _ROOM) if node.patterns else None
    return str(_taken(found, number, drawn)) if found else drawn


def _marked(node: Node, known: Format | None, drawn: str, token: str) -> Iterator[str]:
    """Ways to add the token, the most readable first."""
    longest, shortest = node.max_length, node.min_length
    if known is not None and known.mark is not None:
        yield known.mark(drawn, token)
        yield known.mark("", token)
        return
    name, at, host = drawn.rpartition("@")
    if name and "." in host and " " not in drawn:
        yield f"{name}-{token}{at}{host}"
    for between in ("-", "", "_"):
        room = None if longest is None else longest - len(token) - len(between)
        if room is None or room > 0:
            start = fit(drawn, max(shortest - len(token) - len(between), 0), room)
            yield start + between + token
            yield (start + between + token).upper()
    yield fit(token, shortest, longest, "0") if len(token) < shortest else token
    yield token.upper()


def _taken(values: Series, number: partial[int], drawn: Any) -> Any:
    """The next value of the series; numbers without a value are used up."""
    if not values.size:
        return drawn
    for _ in range(_TRIES):
        value = values.make(values.low + number(values.size))
        if value is not MISSING:
            return value
    return drawn


def room_for(node: Node) -> int | None:
    """How many different values a unique field can have, None where that is plenty."""
    if node.enum is not None:
        return len(node.enum)
    kinds = [kind for kind in node.kinds() if kind != "null"]
    if kinds == ["boolean"]:
        return 2
    if kinds and kinds[0] in ("integer", "number"):
        size = number_series(node, kinds[0], wide=True).size
    elif kinds and kinds[0] == "string" and node.patterns:
        found = roomiest(node.patterns, node.min_length, node.max_length, _ROOM)
        size = found.size if found else _ROOM
    elif kinds and kinds[0] == "string" and not node.formats:
        size = 36 ** min(node.max_length if node.max_length is not None else _WIDTH, _WIDTH)
    else:
        return None
    return size if size < 10**6 else None
