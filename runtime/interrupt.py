"""Ctrl-C: whenever it comes, the run ends soon, with what it knows and with a clean database.

The first signal raises KeyboardInterrupt where the run is; should that get lost on its way (a `finally`
that raises something else), the plugin raises it again after the test. Later signals are ignored: the
run is ending already, and putting the database back must not be cut short.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Whether somebody asked this process to end; watches for that between `install` and `remove`."""

    def __init__(self) -> None:
        self.came = False
        self._held = False
        self._former: dict[signal.Signals, Any] = {}

    def install(self) -> None:
        """Watch from here on; only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            return
        defaults = (signal.default_int_handler, signal.SIG_DFL)
        for number in SIGNALS:
            if signal.getsignal(number) in defaults:  # else somebody else looks after it
                self._former[number] = signal.signal(number, self._take)

    def remove(self) -> None:
        """Put back what was there; harmless when repeated.

        When a signal came, later ones stay ignored: the process is on its way out, and an impatient second
        Ctrl-C would otherwise turn its last steps (pytest's clean-up, the interpreter's) into a traceback
        and its exit code into a signal's.
        """
        while self._former:
            number, former = self._former.popitem()
            signal.signal(number, signal.SIG_IGN if self.came else former)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nothing is raised in the block; that a signal came is known after it."""
        before, self._held = self._held, True
        try:
            yield
        finally:
            self._held = before

    def _take(self, number: int, frame: FrameType | None) -> None:
        first, self.came = not self.came, True
        if first and not self._held:
            raise KeyboardInterrupt
