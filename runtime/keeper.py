"""A process that ends the application when the run that started it is killed.

`kill -9` leaves a run no moment to stop what it started, and an application that lives on could write
after `gen-suite restore`. So each has a keeper: it holds the read end of a pipe whose other end only
the run has, and when that closes without a word it kills the application's process group.
"""

from __future__ import annotations

import subprocess
import sys

_CODE = """
import os, signal, sys
if not sys.stdin.buffer.read(1):
    try:
        os.killpg(int(sys.argv[1]), signal.SIGKILL)
    except ProcessLookupError:
        pass
"""


class Keeper:
    """Watches over one process group from its own session; `dismiss` it once that has ended."""

    def __init__(self, group: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _CODE, str(group)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """Ends the keeper without harm to anybody."""
        self._process.communicate(b".")
