"""Emitted files as `ruff format` lays them out, one process for all of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..errors import GenSuiteError

ISOLATED = ("--isolated", "--no-cache", "--target-version=py311")
"""No settings of the user's: what is emitted depends on no machine."""


def formatted(files: Mapping[str, str], *options: str) -> dict[str, str]:
    """File name -> its text as `ruff format` lays it out; what is no Python stays as it is.

    `options` are further ones of ruff. Raises GenSuiteError when ruff cannot be run.
    """
    with tempfile.TemporaryDirectory(prefix="gen-suite-") as name:
        folder = Path(name)
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8", newline="")
        done = ruff("format", "--quiet", *options, str(folder))
        if done.returncode not in (0, 2):  # 2 for a file that is no Python
            raise no_ruff(done.stderr)
        return {file: (folder / file).read_text(encoding="utf-8") for file in files}


def ruff(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`ruff command` with its own defaults. Raises GenSuiteError when it cannot be run."""
    whole = [*_program(), command, *ISOLATED, *arguments]
    try:
        return subprocess.run(whole, capture_output=True, encoding="utf-8", check=False)
    except OSError as error:
        raise no_ruff(str(error)) from None


def no_ruff(reason: str) -> GenSuiteError:
    """The error of a ruff that cannot be run."""
    return GenSuiteError(
        f"ruff, which lays out and checks what is emitted, cannot be run: {reason.strip()[-500:]}",
        hint="pip install ruff",
    )


def _program() -> list[str]:
    """How ruff is started: its program directly, where its package or the PATH tells where it is."""
    try:
        from ruff import find_ruff_bin

        return [str(find_ruff_bin())]
    except (ImportError, FileNotFoundError):  # ruff < 0.12.8 had the function elsewhere
        path = shutil.which("ruff")
        return [path] if path else [sys.executable, "-m", "ruff"]
