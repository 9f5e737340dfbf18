"""Several requests brought to the same point and released together, or one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from ...machine import Limit, patience

if TYPE_CHECKING:
    from .database import Database
    from .engine import Held

T = TypeVar("T")
POLL_SECONDS = 0.003
# Without a way to see who has arrived, waiting for the stragglers is all there is.
BLIND_SECONDS = 0.3
LONGEST_BLIND_SECONDS = 2.0  # drivers give up on a locked SQLite file after five


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What became of one call: its value, or what it raised; seconds it took."""

    value: T | None
    error: BaseException | None
    seconds: float

    def result(self) -> T:
        """The value; raises what the call raised."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # a call without an error has a value


class Gate:
    """A pause point: `wait` until all have arrived, then `release` all or `release_one`."""

    def __init__(self, held: Held, parties: int, timeout: float) -> None:
        self._held = held
        self.parties = parties
        self.timeout = timeout
        self.arrived = 0  # how many were seen waiting; stays 0 where the engine cannot tell
        self.blind = False  # True where the engine cannot tell who has arrived

    def wait(self, parties: int | None = None) -> int:
        """Waits until so many transactions stand at the gate, at most `timeout`; how many do.

        Fewer than asked for may mean that one holds a lock that another needs to get here. Engines
        that cannot tell wait a moment and return 0.
        """
        wanted = self.parties if parties is None else parties
        limit = Limit(self.timeout)
        while True:
            arrived = self._held.arrived()
            if arrived is None:
                self.blind = True
                time.sleep(min(patience(BLIND_SECONDS), LONGEST_BLIND_SECONDS))
                return 0
            self.arrived = max(self.arrived, arrived)
            if arrived >= wanted or limit.is_over:
                return arrived
            time.sleep(POLL_SECONDS)

    def here(self) -> int | None:
        """How many stand at the gate or wait behind one who does; None where that cannot be told."""
        return self._held.arrived()

    def release(self) -> None:
        self._held.release()

    def release_one(self) -> None:
        self._held.release_one()


def race(
    database: Database,
    calls: Sequence[Callable[[], T]],
    *,
    on: str | None,
    together: bool,
    timeout: float,
) -> list[Outcome[T]]:
    """The outcomes in the order of the calls. Without `on`, a plain barrier starts all at one moment."""
    outcomes: list[Outcome[T] | None] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(place: int) -> None:
        barrier.wait(patience(timeout))
        start = time.perf_counter()
        value, failed = None, None
        try:
            value = calls[place]()
        except BaseException as error:
            failed = error
        outcomes[place] = Outcome(value, failed, time.perf_counter() - start)

    threads = [
        threading.Thread(target=run, args=(place,), daemon=True) for place in range(len(calls))
    ]
    if on is None:
        for thread in threads:
            thread.start()
    else:
        with database.hold(on, parties=len(calls), timeout=timeout) as gate:
            for thread in threads:
                thread.start()
            gate.wait()
            _let_go(gate, threads, together)
    for thread in threads:
        thread.join(patience(timeout * 3))
    late = TimeoutError(f"a call did not end within {timeout * 3:.0f} s after its release")
    return [o if o is not None else Outcome(None, late, timeout * 3) for o in outcomes]


def _let_go(gate: Gate, threads: Sequence[threading.Thread], together: bool) -> None:
    """Together, or each only after the one before has ended."""
    if together or gate.blind:
        gate.release()
        return
    for left in range(len(threads), 0, -1):
        gate.release_one()
        limit = Limit(gate.timeout)
        while sum(t.is_alive() for t in threads) >= left and not limit.is_over:
            time.sleep(POLL_SECONDS)
    gate.release()
