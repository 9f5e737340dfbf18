"""What `generate`, `scaffold` and `demo` share: a project's suite as text, and what became of it."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from ..generator.lint import imports_more, misnamed, uncompilable
from ..generator.plan import PlannedModule, plan
from ..generator.render import UNDECIDED, RenderedFile, render_each
from ..generator.write import BASE, BESIDE, Action, FileChange, compare, write
from ..mapping.depth import Depth
from ..matrix.concerns import brought
from ..matrix.emitted_depths import depths_of_suite, write_depths
from ..matrix.left_out import read_left_out, write_left_out
from .project import Project

CONFTEST = "conftest.py"


@dataclass(frozen=True)
class Emission:
    """What is emitted: the files, and the operations that are left out of them with their reasons."""

    files: tuple[RenderedFile, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    """Operation -> the file of its tests, emitted or not."""
    whole: bool = True
    """It is all of the suite, no choice of operations."""
    depths: Mapping[str, Depth] = field(default_factory=dict)
    """Operation -> the depth that was asked for on the command line, now or before."""

    def changes(self, folder: Path) -> list[FileChange]:
        """What writing would do; the module that a left-out operation had stays as it was."""
        stay = {self.modules[label] for label in self.left_out}
        changes = compare(self.files, folder, whole=self.whole)
        return [change for change in changes if change.path not in stay]

    def write(self, changes: Iterable[FileChange], folder: Path) -> None:
        """Carry the changes out; keep why operations were left out, and depths that were asked for."""
        before = {} if self.whole else read_left_out(folder)
        write(changes, self.files, folder)
        others = {label: why for label, why in before.items() if label not in self.modules}
        write_left_out({**others, **self.left_out}, folder)
        write_depths(self.depths, folder)

    def say_left_out(self) -> None:
        by_reason: dict[str, list[str]] = {}
        for label, reason in self.left_out.items():
            by_reason.setdefault(reason, []).append(label)
        for reason, labels in by_reason.items():
            more = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
            click.echo(f"left out: {labels[0]}{more}: {reason}", err=True)


def emission(
    project: Project,
    only: Sequence[str] = (),
    *,
    with_gaps: bool = False,
    folder: Path | None = None,
    depth: Depth | None = None,
) -> Emission:
    """The suite, or the tests of some operations with the conftest they all share.

    With `with_gaps` a gap of those operations is a skipped test that says what to decide; a module
    that was scaffolded so once stays so. `folder` is the suite's, by default as the mapping says.
    `depth` replaces what the mapping says of these operations.

    What changes is compiled and linted beside the suite, and collected where it imports more than
    every suite does. An operation whose module does not pass is left out, and says why.
    """
    folder = folder or project.mapping.suite_path
    for label in only:
        project.resolved.document.operation(label)
    depths = depths_of_suite(folder, project.labels, asked=depth, emitted=only)
    project = project.at_depths(depths)
    resolved = project.resolved
    modules = plan(project.planned(), resolved)
    asked = set(only) if with_gaps else set()
    asked |= {m.subject.label for m in modules if _was_scaffolded(project, m.file)}
    rendered = render_each(modules, resolved, with_gaps=asked)
    wanted = [module for module in modules if not only or module.subject.label in only]
    names = {module.file for module in wanted} | {CONFTEST}
    files = tuple(file for file in rendered.files if file.path in names)
    faults = _faults(project, files, folder)
    labels = _labels(wanted)
    left_out = {label: why for label, why in rendered.left_out.items() if label in labels.values()}
    left_out |= {labels[path]: reason for path, reason in faults.items()}
    return Emission(
        files=tuple(file for file in files if file.path not in faults),
        left_out=left_out,
        modules={label: path for path, label in labels.items()},
        whole=not only,
        depths=depths,
    )


def _labels(modules: Iterable[PlannedModule]) -> dict[str, str]:
    return {module.file: module.subject.label for module in modules}


def _faults(project: Project, files: Sequence[RenderedFile], folder: Path) -> dict[str, str]:
    """Path -> why a module cannot run; of those that are as they were emitted before nothing is new.

    Raises GenSuiteError for a conftest.py that cannot run: nothing could without it.
    """
    changed = [file for file in files if _has_changed(file, folder)]
    faults = uncompilable(changed)
    faults |= misnamed(file for file in changed if file.path not in faults)
    anything = bool(brought()) or project.mapping.templates_path is not None
    to_collect = [
        file for file in changed if file.path not in faults and (anything or imports_more(file))
    ]
    if to_collect and CONFTEST not in faults:
        conftest = [file for file in files if file.path == CONFTEST]
        with _beside(folder, {*to_collect, *conftest}) as staged:
            faults |= _uncollectable(project, staged)
    if CONFTEST in faults:
        from ..errors import GenSuiteError

        raise GenSuiteError(f"no suite can be emitted: {CONFTEST}: {faults[CONFTEST]}")
    return faults


def _uncollectable(project: Project, staged: Path) -> dict[str, str]:
    """Path -> why pytest cannot collect a module of a folder, in the environment of the suite."""
    from ..runtime.collecting import uncollectable

    return uncollectable(staged, project.mapping.path.resolve(), project.mapping.folder)


def _has_changed(file: RenderedFile, folder: Path) -> bool:
    emitted = folder / BASE / f"{file.path}.txt"
    return not emitted.is_file() or emitted.read_text(encoding="utf-8") != file.text


@contextmanager
def _beside(folder: Path, files: Collection[RenderedFile]) -> Iterator[Path]:
    """A folder with these files for a while, where the same conftest.py files above apply."""
    parent = next(path for path in folder.absolute().parents if path.is_dir())
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=parent) as name:
        for file in files:
            (Path(name) / file.path).write_text(file.text, encoding="utf-8")
        yield Path(name)


def say_conflicts(changes: Iterable[FileChange], folder: Path) -> bool:
    """Name the modules that a person and the new version both changed; True if there are any."""
    conflicts = [change for change in changes if change.action is Action.CONFLICT]
    for change in conflicts:
        file = folder / change.path
        click.echo(f"{file}: {change.edits}, and the new version changed the same", err=True)
        if change.beside != change.beside_before:
            click.echo(change.edits.diff, nl=False, err=True)
        click.echo(
            f"  it is as it was; the new version is {file.name}{BESIDE} beside it: put it in its place "
            "with what you changed, or remove it to keep yours",
            err=True,
        )
    return bool(conflicts)


def shown(changes: Iterable[FileChange], folder: Path, *, would: bool = False) -> str:
    """One line: how many files of which fate."""
    counts = Counter(change.action for change in changes)
    parts = [f"{counts[action]} {action}" for action in Action if counts[action]]
    verb = "would be" if would else ""
    return " ".join(filter(None, [f"{folder}:", verb, ", ".join(parts) or "nothing to emit"]))


def _was_scaffolded(project: Project, file: str) -> bool:
    emitted = project.mapping.suite_path / BASE / f"{file}.txt"
    return emitted.exists() and UNDECIDED in emitted.read_text(encoding="utf-8")
