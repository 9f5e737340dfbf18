"""What `generate`, `scaffold` and `demo` share: a project's suite as text, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..generator.plan import plan
from ..generator.render import UNDECIDED, RenderedFile, render
from ..generator.write import BASE, Action, FileChange
from .project import Project


def rendered_suite(
    project: Project, only: Sequence[str] = (), *, with_gaps: bool = False
) -> tuple[RenderedFile, ...]:
    """The files of the suite, or of some of its operations with the conftest they all share.

    With `with_gaps` a gap of those operations is a skipped test that says what to decide; a module
    that was scaffolded so once stays so.
    """
    resolved = project.resolved
    for label in only:
        resolved.document.operation(label)
    modules = plan(project.matrix(), resolved)
    asked = set(only) if with_gaps else set()
    asked |= {m.subject.label for m in modules if _was_scaffolded(project, m.file)}
    files = render(modules, resolved, with_gaps=asked)
    if not only:
        return files
    wanted = {module.file for module in modules if module.subject.label in only}
    return tuple(file for file in files if file.path in wanted | {"conftest.py"})


def shown(changes: Iterable[FileChange], folder: Path, *, would: bool = False) -> str:
    """One line: how many files of which fate."""
    counts = Counter(change.action for change in changes)
    parts = [f"{counts[action]} {action}" for action in Action if counts[action]]
    verb = "would be" if would else ""
    return " ".join(filter(None, [f"{folder}:", verb, ", ".join(parts) or "nothing to emit"]))


def _was_scaffolded(project: Project, file: str) -> bool:
    emitted = project.mapping.suite_path / BASE / f"{file}.txt"
    return emitted.exists() and UNDECIDED in emitted.read_text(encoding="utf-8")
