"""Collects the tests of a folder in a process of its own, and says which modules cannot be collected."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ..errors import GenSuiteError
from ..spec.yaml import load_yaml
from .secrets import mask_text

LONGEST = 120
"""Seconds after which a collection counts as one that never ends."""
COLLECTED = (pytest.ExitCode.OK, pytest.ExitCode.INTERRUPTED, pytest.ExitCode.NO_TESTS_COLLECTED)
"""INTERRUPTED is what pytest says after errors of modules."""


def uncollectable(folder: Path, mapping: Path, cwd: Path) -> dict[str, str]:
    """File name -> why the module of that name in `folder` cannot be collected.

    `mapping` is the mapping file of the suite, `cwd` where its tests are run. Raises GenSuiteError
    when nothing can be collected, whatever the module.
    """
    events = folder / "collected.jsonl"
    command = [sys.executable, "-B", "-m", __name__, str(folder), str(events), str(mapping)]
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            # Hypothesis keeps what it reads of the modules: that belongs to runs, not to this.
            env={**os.environ, "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / ".hypothesis")},
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        begun = [event for event in _events(events) if "begins" in event]
        if not begun:
            raise GenSuiteError(f"collecting the suite does not end within {LONGEST} s") from None
        reason = f"collecting its module does not end within {LONGEST} s"
        return {**_failures(events), str(begun[-1]["begins"]): reason}
    if done.returncode not in COLLECTED:
        lines = "\n".join(f"    {line}" for line in (done.stdout + done.stderr).splitlines()[-15:])
        raise GenSuiteError(
            f"pytest cannot collect the suite; its last lines:\n{mask_text(lines)}",
            hint="the suite that was there is as it was",
        )
    return _failures(events)


def _failures(events: Path) -> dict[str, str]:
    return {event["failed"]: event["reason"] for event in _events(events) if "failed" in event}


def _events(file: Path) -> Iterator[Mapping[str, Any]]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return map(json.loads, lines)


@dataclass(frozen=True)
class _Reporter:
    """Writes an event for each module that begins, and for each that fails."""

    file: Path

    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        if isinstance(collector, pytest.Module):
            self._write(begins=collector.path.name)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            lines = [line.removeprefix("E").strip() for line in str(report.longrepr).splitlines()]
            reason = mask_text(next((line for line in reversed(lines) if line), ""))
            name = Path(report.nodeid.partition("::")[0]).name
            self._write(failed=name, reason=f"its module cannot be collected: {reason}")

    def _write(self, **event: str) -> None:
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(event) + "\n")


class _StandIn(ModuleType):
    """Stands for a module of the user's, whose functions run with the tests alone."""

    def __getattr__(self, name: str) -> Callable[[object], object]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda value: value


def _stand_in_for_functions(mapping: Path) -> None:
    """Import nothing of what `as: module.function` names: generating must not run the user's code."""
    read = load_yaml(mapping.read_text(encoding="utf-8"), mapping)
    for resource in (read.get("resources") or {}).values():
        for field in (resource.get("fields") or {}).values():
            function = str(field.get("as", "")) if isinstance(field, Mapping) else ""
            steps = function.split(".")[:-1]
            if not steps or find_spec(steps[0]) is None:
                continue  # what is not there cannot be imported by the tests either
            for number in range(1, len(steps) + 1):
                name = ".".join(steps[:number])
                module = sys.modules.setdefault(name, _StandIn(name))
                if number > 1:
                    setattr(sys.modules[".".join(steps[: number - 1])], steps[number - 1], module)


def main(folder: str, events: str, mapping: str) -> int:
    """Collect a folder; the user's `addopts` are for runs."""
    if Path(mapping).is_file():
        _stand_in_for_functions(Path(mapping))
    arguments = [folder, "--collect-only", "-qq", "--assert=plain", "-o", "addopts="]
    arguments += ["-p", "no:cacheprovider", "-p", "no:schemathesis"]
    arguments += ["--gen-suite-config", mapping] if Path(mapping).is_file() else []
    return int(pytest.main(arguments, plugins=[_Reporter(Path(events))]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
