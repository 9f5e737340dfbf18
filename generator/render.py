"""Planned modules -> source text: one file an operation, and the conftest they share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import indent

from ..errors import GenSuiteError
from ..mapping.resolve import Resolved
from ..matrix.cell import Cell, State
from ..matrix.subject import Subject
from .code import (
    INDENT,
    WIDTH,
    call,
    keywords,
    literal,
    parametrize,
    signature,
)
from .formatting import formatted
from .function import function, names
from .imports import imports
from .lists import Lists
from .older import older_clients
from .plan import PlannedModule
from .request import Request
from .rows import CallersRows, RowFixture, Rows
from .stress import Stress
from .templates import template_reason, templates_of
from .view import View

UNDECIDED = 'pytest.skip("decide: '
FIXTURES = """\
from gen_suite.runtime.fixtures import (
    actors,
    api,
    database,
    findings,
    statements,
    worker,
)"""


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """One file of a suite: its path within the suite's folder, and its text."""

    path: str
    text: str


def render(
    modules: Sequence[PlannedModule], resolved: Resolved, *, with_gaps: Collection[str] = ()
) -> tuple[RenderedFile, ...]:
    """All files of the suite of these modules; needs no database.

    The gaps of the operations named by `with_gaps` become skipped tests that say what to decide.
    Raises GenSuiteError for an operation that cannot be rendered.
    """
    rendered = render_each(modules, resolved, with_gaps=with_gaps)
    for label, reason in rendered.left_out.items():
        raise GenSuiteError(f"{label}: {reason}")
    return rendered.files


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files of a suite, and why operations could not be rendered, by their labels."""

    files: tuple[RenderedFile, ...]
    left_out: Mapping[str, str]


def render_each(
    modules: Sequence[PlannedModule], resolved: Resolved, *, with_gaps: Collection[str] = ()
) -> Rendered:
    """The same, but an operation that cannot be rendered costs no other one."""
    templates_of(resolved)  # what is wrong with them as a whole is said once
    rows = Rows.of_suite(resolved)
    texts: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for module in modules:
        label = module.subject.label
        try:
            tests = _module_tests(module, rows, gaps=label in with_gaps)
        except Exception as error:  # whatever it is: it is about this operation alone
            left_out[label] = f"its tests cannot be written: {template_reason(error)}"
            continue
        if tests:
            texts[module.file] = tests
    try:
        conftest = _conftest(rows)
    except Exception as error:  # whatever it is, of a template of the user's
        raise GenSuiteError(f"no conftest.py can be written: {template_reason(error)}") from error
    whole = formatted({"conftest.py": conftest, **texts})
    return Rendered(tuple(RenderedFile(path, text) for path, text in whole.items()), left_out)


def _module_tests(module: PlannedModule, rows: Rows, *, gaps: bool) -> str:
    """The text of a module, "" when there is nothing to test."""
    view = View(module.subject, _request(module.subject, rows), module.name)
    tests = [text for cell in module.cells for text in _tests(view, cell, gaps=gaps)]
    if not tests:
        return ""
    local = _local_fixtures(view, tests)
    rows_here = [row for row in view.request.local.values() if _used(row.name, [*local, *tests])]
    read = names("\n".join(local + tests))
    known = {_name(row.constant): row.constant for row in rows_here}
    known |= view.constants | Lists(view).constants
    constants = [text for name, text in known.items() if name in read]
    read |= names("\n".join(constants))
    template = templates_of(rows.resolved).get_template("module.py.j2")
    own = [*view.own_modules, *(module for row in rows_here for module in row.modules)]
    lines = imports(read, own=own if constants else ())
    text = template.render(
        title=_title(module), imports=lines, constants=constants, parts=local + tests
    )
    return text.rstrip("\n") + "\n"


def _request(subject: Subject, rows: Rows) -> Request:
    """The request of a module; the rows that it names are those of its caller."""
    actor, own = subject.write.actor, rows.of_module()
    if actor in (None, rows.actor) or rows.resolved.mapping.unwatched:
        return Request(subject, own)
    local: dict[str, RowFixture] = {}
    callers = CallersRows(rows.resolved, actor, own.names, shared=own, local=local)
    return Request(subject, callers, local)


def _name(constant: str) -> str:
    return constant.partition(":")[0]


def _local_fixtures(view: View, tests: Sequence[str]) -> list[str]:
    """The module's own fixtures that tests ask for, and those that these ask for."""
    texts = {row.name: _fixture(row) for row in view.request.local.values()}
    asked: dict[str, str] = {}
    asking = list(tests)
    while asking:
        new = {n: text for n, text in texts.items() if n not in asked and _used(n, asking)}
        asked |= new
        asking = list(new.values())
    rows = sorted(view.request.local.values(), key=lambda row: row.count)
    return [asked[row.name] for row in rows if row.name in asked]


def _title(module: PlannedModule) -> str:
    label = module.subject.label.replace("\\", "/").replace('"', "'")
    title = f"{label}: what it answers, and the rows it writes."
    return title if len(title) + 6 <= WIDTH else f"{label}."


def _tests(view: View, cell: Cell, *, gaps: bool) -> list[str]:
    builder = TestBuilder(view, cell.concern)
    if cell.state is State.GAP:
        if gaps:
            gap = templates_of(view.subject.resolved).get_template("gap.py.j2")
            undecided = gap.make_module({"test": builder.one})
            undecided.undecided(cell)  # type: ignore[attr-defined]
        return builder.found
    template = templates_of(view.subject.resolved).concern(cell.concern)
    module = template.make_module(
        {
            "view": view,
            "request": view.request,
            "stress": Stress(view),
            "lists": Lists(view),
            "older": older_clients(view),
            "test": builder.one,
            "example": _example(view),
            "strangers": builder.strangers(),
            "outsiders": builder.outsiders(),
        }
    )
    for macro in cell.tests:
        getattr(module, macro)()
    return builder.found


def _example(view: View) -> str:
    """Source text of a valid body: the smallest one, unless it would leave out what writes rows."""
    subject = view.subject
    made = "complete" if subject.may_say_nothing or subject.optional_lists else "example"
    return f"{made}({literal(view.label)})"


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
        given: bool | str = False,
        each: str = "",
        actors: str = "",
        table: Sequence[str] = (),
        over: Sequence[str] = (),
    ) -> str:
        """Add the source of one test to `found`.

        `given` draws its body from Hypothesis, by a strategy of its own if it names one; `each`
        ("violation in violations") runs it for each of something, `actors` is the decorator that
        runs it for several callers, `table` has the `(field, column, value)` that it runs with,
        `over` are further decorators.
        """
        label = literal(self.view.label)
        decorators = [f"@covers({label}, {literal(self.concern)})"]
        if given is True:
            given = f"bodies({label})" if self.view.request.has_body else ""
        if given:
            decorators.append(call("@given", [f"body={given}"], depth=0))
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
        known = (*self.view.request.rows.fixtures, *self.view.request.local.values())
        rows = {row.name: row.type for row in known}
        name = self.view.request.rows.names.fresh(f"test_{self.view.name}_{slug}")
        self.found.append(function(name, body, rows=rows, decorators=decorators))
        return ""

    def strangers(self) -> str:
        """The decorator that runs a test for each caller whom nothing may accept."""
        subject = self.view.subject
        others = [f"impostor({literal(name)})" for name in subject.other_schemes]
        spent = [literal(name) for name in subject.strangers]
        return parametrize("actor", ["ANONYMOUS", "IMPOSTOR", *others, *spent])

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
    unwatched = rows.resolved.mapping.unwatched
    made = [row for row in rows.fixtures if row.lines or not unwatched]
    fixtures = [_fixture(row) for row in made]
    constants = list(dict.fromkeys(row.constant for row in made if row.constant))
    read = names("\n".join([*constants, *fixtures]))
    own = [module for row in made for module in row.modules]
    needed = imports(read, also=(FIXTURES,), own=own)
    template = templates_of(rows.resolved).get_template("conftest.py.j2")
    text = template.render(imports=needed, constants=constants, fixtures=fixtures)
    return text.rstrip("\n") + "\n"


def _fixture(row: RowFixture) -> str:
    """A fixture that arranges one row, or several, its parents as fixtures of their own."""
    if row.lines:
        return _made_by_request(row)
    parents = [f"{parent}: Row" for parent in row.parents]
    actors = ["actors: Actors"] if row.uses_actors else []
    head = signature(row.name, ["database: Database", *actors, *parents], row.type)
    values = [literal(row.table), *keywords(row.values)]
    if row.count:
        body = _each(call("database.arrange", values, depth=2), row.count)
    else:
        body = call("return database.arrange", values)
    return f"@pytest.fixture\n{head}\n{indent(body, INDENT)}"


def _made_by_request(row: RowFixture) -> str:
    """A fixture whose row a request makes."""
    used = names(row.lines.replace("return ", "row = "))
    fixtures = {"database": "Database", "actors": "Actors"}
    asked = [f"{name}: {kind}" for name, kind in fixtures.items() if name in used]
    parents = [f"{parent}: Row" for parent in row.parents]
    head = signature(row.name, ["api: Client", *asked, *parents], "Row")
    return f"@pytest.fixture\n{head}\n{indent(row.lines, INDENT)}"


def _each(one: str, count: int) -> str:
    """A list of so many of `one`, laid out as a formatter does; its source may use `number`."""
    each = f"for {'number' if 'number' in names(one) else '_'} in range({count})"
    inside = f"{one} {each}"
    if "\n" not in one and len(f"{INDENT}return [{inside}]") <= WIDTH:
        return f"return [{inside}]"
    if "\n" in one or len(f"{INDENT * 2}{inside}") > WIDTH:
        inside = f"{one}\n{INDENT}{each}"
    return f"return [\n{INDENT}{inside}\n]"


def _used(name: str, tests: Sequence[str]) -> bool:
    return any(f"{name}: Row" in test or _asks(test, literal(name)) for test in tests)


def _asks(test: str, name: str) -> bool:
    return any("usefixtures(" in line and name in line for line in test.splitlines())
