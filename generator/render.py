"""Planned modules -> source text: one file an operation, and the conftest they share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from textwrap import indent

from jinja2 import Environment, FunctionLoader, StrictUndefined

from ..mapping.resolve import Resolved
from ..matrix.cell import Cell, State
from .code import INDENT, WIDTH, call, comparison, literal, managed, signature
from .function import function, names
from .imports import imports
from .plan import PlannedModule
from .request import Request
from .rows import RowFixture, Rows
from .stress import Stress
from .view import View

UNDECIDED = 'pytest.skip("decide: '
STRANGERS = '@pytest.mark.parametrize("actor", [ANONYMOUS, IMPOSTOR])'
FIXTURES = "from gen_suite.runtime.fixtures import actors, api, database, findings, worker"


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """One file of a suite: its path within the suite's folder, and its text."""

    path: str
    text: str


def render(
    modules: Sequence[PlannedModule], resolved: Resolved, *, with_gaps: Collection[str] = ()
) -> tuple[RenderedFile, ...]:
    """All files of the suite of these modules; needs no disk and no database.

    The gaps of the operations named by `with_gaps` become skipped tests that say what to decide.
    """
    rows = Rows(resolved, next(iter(resolved.mapping.actors), None))
    rendered = []
    for module in modules:
        tests = _module_tests(module, rows, gaps=module.subject.label in with_gaps)
        if tests:
            rendered.append(RenderedFile(module.file, tests))
    return (RenderedFile("conftest.py", _conftest(rows)), *rendered)


def _module_tests(module: PlannedModule, rows: Rows, *, gaps: bool) -> str:
    """The text of a module, "" when there is nothing to test."""
    view = View(module.subject, Request(module.subject, rows), module.name)
    tests = [text for cell in module.cells for text in _tests(view, cell, gaps=gaps)]
    if not tests:
        return ""
    local = [_fixture(row) for row in view.request.local.values() if _used(row.name, tests)]
    read = names("\n".join(local + tests))
    constants = [text for name, text in view.constants.items() if name in read]
    read |= names("\n".join(constants))
    template = _environment().get_template("module.py.j2")
    text = template.render(
        title=_title(module), imports=imports(read), constants=constants, parts=local + tests
    )
    return text.rstrip("\n") + "\n"


def _title(module: PlannedModule) -> str:
    label = module.subject.label.replace("\\", "/").replace('"', "'")
    title = f"{label}: what it answers, and the rows it writes."
    return title if len(title) + 6 <= WIDTH else f"{label}."


def _tests(view: View, cell: Cell, *, gaps: bool) -> list[str]:
    builder = TestBuilder(view, cell.concern)
    if cell.state is State.GAP:
        if gaps:
            undecided = _environment().get_template("gap.py.j2").make_module({"test": builder.one})
            undecided.undecided(cell)  # type: ignore[attr-defined]
        return builder.found
    template = _environment().get_template(f"{cell.concern}.py.j2")
    module = template.make_module(
        {
            "view": view,
            "request": view.request,
            "stress": Stress(view),
            "test": builder.one,
            "example": f"example({literal(view.label)})",
            "strangers": STRANGERS,
            "outsiders": builder.outsiders(),
        }
    )
    for macro in cell.tests:
        getattr(module, macro)()
    return builder.found


@dataclass(frozen=True)
class TestBuilder:
    """What templates call to make one test of the body they write."""

    __test__ = False

    view: View
    concern: str
    found: list[str] = field(default_factory=list)

    def one(
        self,
        slug: str,
        *,
        caller: Callable[[], str],
        given: bool = False,
        each: str = "",
        actors: str = "",
        table: Sequence[str] = (),
        over: Sequence[str] = (),
    ) -> str:
        """Add the source of one test to `found`.

        `given` draws its body from Hypothesis, `each` ("violation in violations") runs it for each
        of something, `actors` is the decorator that runs it for several callers, `table` has the
        `(field, column, value)` that it runs with, `over` are further decorators.
        """
        label = literal(self.view.label)
        decorators = [f"@covers({label}, {literal(self.concern)})"]
        if given and self.view.request.has_body:
            decorators.append(f"@given(body=bodies({label}))")
        if each:
            one, _, source = each.partition(" in ")
            arguments = [literal(one), f"{source}({label})", "ids=str"]
            decorators.append(call("@pytest.mark.parametrize", arguments, depth=0))
        if actors:
            decorators.append(actors)
        decorators += [decorator for decorator in over if decorator]
        if table:
            rows_of_table = "".join(f"        {row},\n" for row in table)
            head = '@pytest.mark.parametrize(\n    ("field", "column", "value"),\n    [\n'
            decorators.append(f"{head}{rows_of_table}    ],\n)")
        body = _without_double_blanks(caller())
        # Asked for only now: the body makes the fixtures it needs while it is written.
        rows = {*self.view.request.local, *(row.name for row in self.view.request.rows.fixtures)}
        name = f"test_{self.view.name}_{slug}"
        self.found.append(function(name, body, rows=rows, decorators=decorators))
        return ""

    def outsiders(self) -> str:
        """The decorator that runs a test for each known caller who may not do this."""
        lines = [
            f"        pytest.param({literal(name)}, id={literal(why)}),\n"
            for name, why in self.view.subject.outsiders
        ]
        head = '@pytest.mark.parametrize(\n    "actor",\n    [\n'
        return f"{head}{''.join(lines)}    ],\n)"


def _without_double_blanks(text: str) -> str:
    lines: list[str] = []
    for line in text.strip("\n").splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines)


def _conftest(rows: Rows) -> str:
    fixtures = [_fixture(row) for row in rows.fixtures]
    needed = imports(names("\n".join(fixtures)), also=(FIXTURES,))
    template = _environment().get_template("conftest.py.j2")
    return template.render(imports=needed, fixtures=fixtures).rstrip("\n") + "\n"


def _fixture(row: RowFixture) -> str:
    """A fixture that arranges one row, its parents as fixtures of their own."""
    parents = [f"{parent}: Row" for parent in row.parents]
    actors = ["actors: Actors"] if row.uses_actors else []
    head = signature(row.name, ["database: Database", *actors, *parents], "Row")
    values = [f"{column}={value}" for column, value in row.values]
    body = call("return database.arrange", [literal(row.table), *values])
    return f"@pytest.fixture\n{head}\n{indent(body, INDENT)}"


def _used(name: str, tests: Sequence[str]) -> bool:
    asked = f"usefixtures({literal(name)}"
    return any(f"{name}: Row" in test or asked in test for test in tests)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_read_template),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    environment.filters["py"] = literal
    environment.globals.update(call=call, compare=comparison, managed=managed)
    return environment


def _read_template(name: str) -> str:
    return (files("gen_suite.templates") / name).read_text(encoding="utf-8")
