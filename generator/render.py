"""Planned modules -> source text: one file an operation, and the conftest they share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import indent

from ..errors import GenSuiteError
from ..mapping.resolve import Resolved
from ..matrix.cell import Cell, State
from ..matrix.subject import Subject
from . import making
from .code import (
    INDENT,
    WIDTH,
    call,
    identifier,
    keywords,
    literal,
    signature,
)
from .formatting import formatted
from .function import Function, function, names
from .imports import imports
from .lists import Lists
from .older import older_clients
from .plan import PlannedModule
from .planned import PlannedTest, planned_tests
from .request import Request
from .request_fixture import RequestFixture
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
    refused,
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
    rows = Rows.of_suite(resolved, making)
    parts: list[ModuleParts] = []
    left_out: dict[str, str] = {}
    for module in modules:
        label = module.subject.label
        try:
            made = _parts(module, rows, gaps=label in with_gaps)
        except Exception as error:  # whatever it is: it is about this operation alone
            left_out[label] = f"its tests cannot be written: {template_reason(error)}"
            continue
        if made.tests:
            parts.append(made)
    rows.keep(_shared_rows(parts, {row.name for row in rows.fixtures}))
    texts: dict[str, str] = {}
    for made in parts:
        try:
            texts[made.module.file] = _module_text(made, rows)
        except Exception as error:  # as above
            left_out[made.view.label] = f"its tests cannot be written: {template_reason(error)}"
    try:
        conftest = _conftest(rows)
    except Exception as error:  # whatever it is, of a template of the user's
        raise GenSuiteError(f"no conftest.py can be written: {template_reason(error)}") from error
    whole = formatted({"conftest.py": conftest, **texts})
    return Rendered(tuple(RenderedFile(path, text) for path, text in whole.items()), left_out)


@dataclass(frozen=True)
class ModuleParts:
    """What a module consists of: its own row fixtures, the fixture that sends its request, its tests."""

    module: PlannedModule
    view: View
    rows: tuple[RowFixture, ...]
    sender: tuple[Function, ...]
    tests: tuple[Function, ...]


def _parts(module: PlannedModule, rows: Rows, *, gaps: bool) -> ModuleParts:
    view = View(module.subject, _request(module.subject, rows, module.name), module.name)
    planned = planned_tests(module.subject, module.cells)
    tests = [test for one in planned for test in _tests(view, one)]
    if gaps:
        tests += [test for cell in module.cells for test in _undecided(view, cell)]
    sender = _request_fixture(view)
    return ModuleParts(
        module, view, _own_rows(view, [*sender, *tests]), tuple(sender), tuple(tests)
    )


def _shared_rows(parts: Sequence[ModuleParts], taken: Collection[str]) -> list[RowFixture]:
    """Rows that several modules arrange alike, under a name that nothing else has."""
    by_name: dict[str, list[RowFixture]] = {}
    for made in parts:
        for row in made.rows:
            by_name.setdefault(row.name, []).append(row)
    shared = {
        n: rows[0]
        for n, rows in by_name.items()
        if len(rows) > 1 and len({*rows}) == 1 and n not in taken
    }
    while apart := [
        n for n, r in shared.items() if (by_name.keys() - shared.keys()) & {*r.parents}
    ]:
        for name in apart:
            del shared[name]
    return [*shared.values()]


def _module_text(made: ModuleParts, rows: Rows) -> str:
    view, typed = made.view, rows.resolved.mapping.typed
    shared = {row.name: row for row in rows.fixtures}
    own_rows = [row for row in made.rows if shared.get(row.name) != row]
    fixtures = [_fixture(row, typed=typed) for row in own_rows]
    functions = [*fixtures, *(part.text for part in (*made.sender, *made.tests))]
    read = names("\n".join(functions))
    known = {_name(row.constant): row.constant for row in own_rows}
    known |= view.constants | Lists(view).constants
    constants = [text for name, text in known.items() if name in read]
    read |= names("\n".join(constants))
    template = templates_of(rows.resolved).get_template("module.py.j2")
    own = [*view.own_modules, *(module for row in own_rows for module in row.modules)]
    lines = imports(read, own=own if constants else ())
    text = template.render(
        title=_title(made.module),
        imports=lines,
        label=literal(view.label),
        constants=constants,
        parts=functions,
    )
    return text.rstrip("\n") + "\n"


def _request(subject: Subject, rows: Rows, name: str) -> Request:
    """The request of a module, sent by a fixture; the rows that it names are those of its caller."""
    actor, own = subject.write.actor, rows.of_module(subject.label)
    fixture = RequestFixture(own.names.of("request", identifier(name), f"send_{name}"))
    if actor in (None, rows.actor) or rows.resolved.mapping.unwatched:
        return Request(subject, own, fixture=fixture)
    local: dict[str, RowFixture] = {}
    callers = CallersRows(
        rows.resolved, actor, own.names, subject.label, rows.by_request, shared=own, local=local
    )
    return Request(subject, callers, local, fixture=fixture)


def _name(constant: str) -> str:
    """The name that a line assigns: `ORDER: Fields = {...}`, `ORDER = {...}`."""
    return constant.partition(" = ")[0].partition(":")[0]


def _own_rows(view: View, functions: Sequence[Function]) -> tuple[RowFixture, ...]:
    """The module's own rows that its functions ask for, and those that these rows need."""
    local = view.request.local
    asked: set[str] = set()
    waiting = [name for function in functions for name in function.asks if name in local]
    while waiting:
        name = waiting.pop()
        if name not in asked:
            asked.add(name)
            waiting += [parent for parent in local[name].parents if parent in local]
    rows = sorted(local.values(), key=lambda row: row.count)
    return tuple(row for row in rows if row.name in asked)


def _request_fixture(view: View) -> list[Function]:
    """The fixture that sends the module's request, where its tests use it."""
    fixture, request = view.request.fixture, view.request.inline
    if fixture is None or not fixture.is_used:
        return []
    return [fixture.function(request, lambda: _rows_known(view), _example(view), typed=view.typed)]


def _rows_known(view: View) -> dict[str, str]:
    """The fixtures of rows with their types."""
    known = (*view.request.rows.fixtures, *view.request.local.values())
    return {row.name: row.type for row in known}


def _title(module: PlannedModule) -> str:
    label = module.subject.label.replace("\\", "/").replace('"', "'")
    title = f"{label}: what it answers, and the rows it writes."
    return title if len(title) + 6 <= WIDTH else f"{label}."


def _tests(view: View, planned: PlannedTest) -> list[Function]:
    builder = TestBuilder(view, planned.covers)
    template = templates_of(view.subject.resolved).concern(planned.concern)
    module = template.make_module(
        {
            "view": view,
            "request": view.request,
            "stress": Stress(view),
            "lists": Lists(view),
            "older": older_clients(view),
            "test": builder.one,
            "stands_for": planned.stands_for,
            "parametrized": builder.parametrized,
            "example": _example(view),
        }
    )
    getattr(module, planned.kind)()
    return builder.functions


def _undecided(view: View, cell: Cell) -> list[Function]:
    """A skipped test that says what to decide, for a gap."""
    if cell.state is not State.GAP:
        return []
    builder = TestBuilder(view, (cell.concern,))
    gap = templates_of(view.subject.resolved).get_template("gap.py.j2")
    undecided = gap.make_module({"test": builder.one})
    undecided.undecided(cell)  # type: ignore[attr-defined]
    return builder.functions


def _example(view: View) -> str:
    """Source text of a valid body: the smallest one, unless it would leave out what writes rows."""
    subject = view.subject
    made = "complete" if subject.may_say_nothing or subject.optional_lists else "example"
    return f"{made}({view.label_text})"


@dataclass(frozen=True)
class TestBuilder:
    """What templates call to make one test of the body they write."""

    __test__ = False

    view: View
    covers: tuple[str, ...]
    functions: list[Function] = field(default_factory=list)

    def one(
        self,
        slug: str,
        *,
        caller: Callable[[], str],
        given: bool | str = False,
        each: str = "",
        actors: str = "",
        over: Sequence[str] = (),
    ) -> str:
        """Add one test to `functions`.

        `given` draws its body from Hypothesis, by a strategy of its own if it names one; `each`
        ("violation in violations") runs it for each of something, or of several, `actors` the function that
        names the callers it runs for, `over` are further decorators.
        """
        label = self.view.label_text
        decorators = [call("@covers", [label, *map(literal, self.covers)], depth=0)]
        if given is True:
            given = f"bodies({label})" if self.view.request.has_body else ""
        if given:
            decorators.append(call("@given", [f"body={given}"], depth=0))
        if each:
            one, _, sources = each.partition(" in ")
            made = [f"{source}({label})" for source in sources.split(", ")]
            values = (
                made[0] if len(made) == 1 else f"[{', '.join(f'*{values}' for values in made)}]"
            )
            arguments = [literal(one), values, "ids=str"]
            decorators.append(call("@pytest.mark.parametrize", arguments, depth=0))
        if actors:
            decorators.append(
                call("@pytest.mark.parametrize", [literal("actor"), f"{actors}({label})"])
            )
        decorators += [decorator for decorator in over if decorator]
        body = _without_double_blanks(caller())
        # Asked for only now: the body makes the fixtures it needs while it is written.
        rows = _rows_known(self.view)
        if self.view.request.fixture is not None:
            rows[self.view.request.fixture.name] = "Send"
        name = self.view.request.rows.names.fresh(f"test_{slug}")
        typed = self.view.typed
        test = function(name, body, rows=rows, decorators=decorators, typed=typed)
        self.functions.append(test)
        return ""

    def parametrized(self, arguments: Sequence[str], source: str) -> str:
        """The decorator that runs a test for each of what a function of the runtime names."""
        named = ", ".join(map(literal, arguments))
        head = named if len(arguments) == 1 else f"({named})"
        return call("@pytest.mark.parametrize", [head, f"{source}({self.view.label_text})"])


def _without_double_blanks(text: str) -> str:
    lines: list[str] = []
    for line in text.strip("\n").splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines)


def _conftest(rows: Rows) -> str:
    unwatched = rows.resolved.mapping.unwatched
    made = [row for row in rows.fixtures if row.lines or not unwatched]
    fixtures = [_fixture(row, typed=True) for row in made]
    constants = list(dict.fromkeys(row.constant for row in made if row.constant))
    read = names("\n".join([*constants, *fixtures]))
    own = [module for row in made for module in row.modules]
    needed = imports(read, also=(FIXTURES,), own=own)
    template = templates_of(rows.resolved).get_template("conftest.py.j2")
    text = template.render(imports=needed, constants=constants, fixtures=fixtures)
    return text.rstrip("\n") + "\n"


def _fixture(row: RowFixture, *, typed: bool) -> str:
    """A fixture that arranges one row, or several, its parents as fixtures of their own."""
    if row.lines:
        return _made_by_request(row, typed=typed)
    parents = [f"{parent}: Row" for parent in row.parents]
    actors = ["actors: Actors"] if row.uses_actors else []
    head = signature(row.name, ["database: Database", *actors, *parents], row.type, typed=typed)
    values = [literal(row.table), *keywords(row.values)]
    if row.count:
        body = _each(call("database.arrange", values, depth=2), row.count)
    else:
        body = call("return database.arrange", values)
    return f"@pytest.fixture\n{head}\n{indent(body, INDENT)}"


def _made_by_request(row: RowFixture, *, typed: bool) -> str:
    """A fixture whose row a request makes."""
    used = names(row.lines.replace("return ", "row = "))
    fixtures = {"database": "Database", "actors": "Actors"}
    asked = [f"{name}: {kind}" for name, kind in fixtures.items() if name in used]
    parents = [f"{parent}: Row" for parent in row.parents]
    head = signature(row.name, ["api: Client", *asked, *parents], "Row", typed=typed)
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
