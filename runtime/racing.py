"""Requests at the same moment: brought into each other's way, and judged by what is left.

The verdict needs no knowledge of the operation. Before a race the same requests run one after the
other, in each order, and are undone; what they answer and leave behind is what a race may answer
and leave behind. A request that is refused counts as one that never came.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..machine import Limit, patience
from .client import OPERATION
from .database import Check, Condition
from .left_behind import LeftBehind, left_behind
from .race_report import Event, drawing

if TYPE_CHECKING:
    import httpx

    from .database import Changes, Database, Gate

Call = Callable[[], "httpx.Response"]
POLL_SECONDS = 0.002
SETTLE_SECONDS = 3.0
ANSWER_SECONDS = 30.0
BLIND_SECONDS = 0.25  # how long nobody writes where nobody can see who has come to a write
SHORTEST_SECONDS = 0.1
LONGEST_SECONDS = 2.0  # drivers give up on a locked SQLite file after five
TIMES_ALONE = 5  # what a call takes alone, so many times over, is enough for all to come there
BUSY = 503
"""What an API may answer that could not get at a row: the request is refused, not broken."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What some of the calls, one after the other, answered and left behind."""

    succeeded: Counter[int]
    statuses: tuple[int, ...]
    left: LeftBehind


_alone: WeakKeyDictionary[Call, float] = WeakKeyDictionary()
"""How long a call took while no other ran, in seconds."""


def serial_outcomes(database: Database, *calls: Call) -> list[Ending]:
    """What these calls may come to: one after the other, in each order, also without the last ones.

    Everything they do is undone. A call that stands there twice is the same request twice.
    """
    places = {id(call): place for place, call in reversed(list(enumerate(calls)))}
    orders = {tuple(places[id(call)] for call in order) for order in itertools.permutations(calls)}
    return [ending for order in sorted(orders) for ending in _run_in_turn(database, calls, order)]


def _run_in_turn(database: Database, calls: Sequence[Call], order: Sequence[int]) -> list[Ending]:
    endings = []
    with database.undone(), database.watch() as changes:
        statuses: list[int] = []
        succeeded: Counter[int] = Counter()
        for place in order:
            start = time.perf_counter()
            answer = calls[place]()
            _alone[calls[place]] = max(time.perf_counter() - start, _alone.get(calls[place], 0.0))
            statuses.append(answer.status_code)
            succeeded[place] += answer.is_success
            database.settled()
            endings.append(Ending(+succeeded, tuple(statuses), left_behind(changes.work())))
    return endings


@dataclass
class Race:
    """Several calls that met, and what came of them; `responses` in the order of the calls."""

    calls: Sequence[Call]
    at: str
    responses: list[httpx.Response]
    changes: Changes
    events: list[Event]
    overlapped: Condition
    failure: str = ""
    verdict: str = ""

    @property
    def shown(self) -> Check:
        """As `met`; the report asks for it."""
        return self.overlapped

    @property
    def statuses(self) -> tuple[int, ...]:
        return tuple(response.status_code for response in self.responses)

    @property
    def unbroken(self) -> Check:
        """Holds when no call was answered as if the API were broken; being busy is no break."""
        broken = [status for status in self.statuses if status >= 500 and status != BUSY]
        return Check(
            not broken, f"answered {_listed(broken)}: no order of these requests does that"
        )

    def explained_by(self, endings: Sequence[Ending]) -> Check:
        """Holds when one after the other the calls could have answered and left just this."""
        check = self._explain(endings)
        if not check:
            self.verdict = (
                f"{self.responses[0].extensions[OPERATION]} at the same moment: {check!r}"
            )
        return check

    def _explain(self, endings: Sequence[Ending]) -> Check:
        if not self.unbroken:
            return self.unbroken
        places = [self.calls.index(call) for call in self.calls]
        succeeded: Counter[int] = Counter()
        for place, response in zip(places, self.responses, strict=True):
            succeeded[place] += response.is_success
        possible = [e for e in endings if self._could_be(e.succeeded, +succeeded)]
        if not possible:
            return Check(False, f"answered {_listed(self.statuses)}; {_possible(endings)}")
        left = left_behind(self.changes.work())
        known = [ending.left for ending in endings]
        differences = [left.differs_from(ending.left, known) for ending in possible]
        if not all(differences):
            return Check(True)
        return Check(
            False, f"one after the other leaves something else: {min(differences, key=len)}"
        )

    def _could_be(self, expected: Counter[int], succeeded: Counter[int]) -> bool:
        """A DELETE that finds its row gone may answer as the one that took it away."""
        deletes = all(response.request.method == "DELETE" for response in self.responses)
        return expected == succeeded or (deletes and expected < succeeded)

    def __repr__(self) -> str:
        return drawing(self.at, self.events, self.changes)


def _listed(statuses: Sequence[int]) -> str:
    return ", ".join(map(str, statuses))


def _possible(endings: Sequence[Ending]) -> str:
    most = max(len(ending.statuses) for ending in endings)
    ways = dict.fromkeys(_listed(e.statuses) for e in endings if len(e.statuses) == most)
    return f"one after the other they answer {' or '.join(ways)}"


def race(database: Database, *calls: Call, at: str) -> Race:
    """Runs the calls so that each comes while the ones before it stand at the write `at`.

    The first stops before that write, inside its transaction; only then the second begins, and comes
    as far as it can: to the same write, to a lock, or to its end. Then all go on together. Where the
    engine knows no pause points (SQLite) nobody writes until all calls have been sent; where no call
    waits for that, as all are told that the database is busy, they are sent again, all at one moment.

    Raises what a call raises, and `Unsupported` where nothing can hold that write.
    """
    run = _Run(database, calls, at)
    with database.watch(transactions=True) as changes:
        run.start()
        if run.was_kept_out:
            run = _Run(database, calls, at)
            run.start_at_once()
    raced = Race(calls, at, run.answers(), changes, run.events, run.overlapped)
    database.observer(raced)
    return raced


class _Run:
    """One race while it runs: a thread for each call, the events that were seen."""

    def __init__(self, database: Database, calls: Sequence[Call], at: str) -> None:
        self._database, self._calls, self._at = database, calls, at
        self._results: list[httpx.Response | BaseException | None] = [None] * len(calls)
        self._threads = [
            threading.Thread(target=self._call, args=(place, call), daemon=True)
            for place, call in enumerate(calls)
        ]
        self._together: threading.Barrier | None = None
        self._spans: list[tuple[float, float]] = []
        self._began = time.perf_counter()
        self.events: list[Event] = []
        self.overlapped = Condition(False, "the race has not been run")

    @property
    def _patience(self) -> float:
        """Seconds in which all calls come to a write: by what they took alone, where that was seen."""
        longest = max(_alone.get(call, BLIND_SECONDS / TIMES_ALONE) for call in self._calls)
        return min(max(SHORTEST_SECONDS, longest * TIMES_ALONE), LONGEST_SECONDS)

    def _call(self, place: int, call: Call) -> None:
        if self._together is not None:
            self._together.wait(patience(ANSWER_SECONDS))
        began = time.perf_counter()
        try:
            answer = call()
        except BaseException as error:
            self._results[place] = error
            self._note(place, f"got no answer: {type(error).__name__}")
        else:
            self._results[place] = answer
            self._note(place, f"answered {answer.status_code}")
        self._spans.append((began, time.perf_counter()))

    def _note(self, place: int | None, what: str) -> None:
        self.events.append(Event((time.perf_counter() - self._began) * 1000, place, what))

    def start(self) -> None:
        with self._database.hold(self._at, parties=len(self._threads)) as gate:
            there = self._bring(gate)
            self.overlapped = self._judged(gate, there)
            self._note(None, "all go on")
            gate.release()
            for thread in self._threads:
                thread.join(patience(gate.timeout * 3))

    @property
    def was_kept_out(self) -> bool:
        """All calls were refused by the very lock that was to bring them together."""
        answers = [one for one in self._results if not isinstance(one, BaseException | None)]
        busy = len(answers) == len(self._calls) and all(a.status_code == BUSY for a in answers)
        return busy and not self.overlapped.ok

    def start_at_once(self) -> None:
        """Sends all calls at one moment, and leaves it to them how they meet."""
        self._together = threading.Barrier(len(self._threads))
        for place, thread in enumerate(self._threads):
            self._note(place, "sent")
            thread.start()
        for thread in self._threads:
            thread.join(patience(ANSWER_SECONDS))
        spans = sorted(self._spans)
        met = sum(later < ended for (_, ended), (later, _) in pairwise(spans))
        self.overlapped = Condition(
            met > 0, f"no race: 1 of {len(self._threads)} requests ran at one time"
        )

    def _bring(self, gate: Gate) -> list[bool]:
        """Starts the calls, each when the one before has come as far as it can; who came to the write."""
        there = []
        for place, thread in enumerate(self._threads):
            before = gate.here()
            self._note(place, "sent")
            thread.start()
            there.append(before is not None and self._await(gate, place, before))
        if gate.here() is None:
            time.sleep(self._patience)
        return there

    def _await(self, gate: Gate, place: int, before: int) -> bool:
        """Waits for one event: the call stands at the write or at a lock, or it has ended."""
        limit = Limit(SETTLE_SECONDS)
        while not limit.is_over:
            if (gate.here() or 0) > before:
                first = before == 0
                self._note(place, f"waits at {self._at}" if first else "waits there, or for a lock")
                return True
            if not self._threads[place].is_alive():
                return False
            time.sleep(POLL_SECONDS)
        return False

    def _judged(self, gate: Gate, there: Sequence[bool]) -> Condition:
        if gate.here() is None:
            alive = sum(thread.is_alive() for thread in self._threads)
            return Condition(
                alive >= 2, f"no race: {alive} of {len(self._threads)} requests came to a write"
            )
        return Condition(
            any(there[:-1]), f"no race: nobody stood at {self._at} when the next one came"
        )

    def answers(self) -> list[httpx.Response]:
        """The answers; raises the first error of a call."""
        found = []
        for result in self._results:
            if isinstance(result, BaseException):
                raise result
            if result is None:
                raise TimeoutError("a request got no answer after the race was let go")
            found.append(result)
        return found
