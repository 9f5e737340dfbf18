"""Results that are older than what they are about: spec, mapping, or the test itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..mapping.resolved import Resolved
from .fingerprint import functions, of_file, of_mapping, of_operations, of_spec
from .results import Results, Run, TestResult

SPEC = "what the spec or the mapping says of it"
TEST = "the test itself"


@dataclass(frozen=True)
class Present:
    """Spec, mapping and tests as they are now; `folder` is that of the mapping file."""

    resolved: Resolved
    folder: Path

    @cached_property
    def what(self) -> tuple[str, str]:
        """Fingerprints of spec and mapping."""
        return of_spec(self.resolved), of_mapping(self.resolved.mapping)

    @cached_property
    def operations(self) -> Mapping[str, str]:
        return of_operations(self.resolved)


Outdated = Mapping[tuple[str, int], str]
"""(test id, its run) -> what the result is older than."""


def outdated(results: Results, present: Present) -> Outdated:
    """The results that are older than something, with what that is."""
    tests = _Tests(present.folder)
    reasons = (
        ((test.id, test.run), _reason(test, results.run_of(test), present, tests))
        for test in results.tests
    )
    return {key: reason for key, reason in reasons if reason}


def _reason(test: TestResult, run: Run, present: Present, tests: _Tests) -> str:
    if run.spec and run.what != present.what:
        for operation, _ in test.covers:
            tested = run.operations.get(operation)
            if tested and tested != present.operations.get(operation, tested):
                return SPEC
    return TEST if tests.changed(test, run) else ""


class _Tests:
    """The test files as they are; each is read once, and parsed only if it is another one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._same: dict[tuple[str, str, str], bool] = {}

    def changed(self, test: TestResult, run: Run) -> bool:
        """The function of a test is another one, or gone, while the folder of its file is there."""
        file, _, name = test.id.partition("::")
        then = run.files.get(file)
        if not then or not test.source:
            return False
        path = self._folder / run.root / file
        key = (run.root, file, then)
        if key not in self._same:
            self._same[key] = not path.parent.is_dir() or of_file(path) == then
        if self._same[key]:
            return False
        function = functions(path).get(name.partition("[")[0])
        return function is None or function.fingerprint != test.source
