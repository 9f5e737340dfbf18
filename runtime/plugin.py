"""The pytest plugin: options, the session, one state for all examples of a test, results, reports.

Dormant where no gen-suite.yaml is found: then only the options and the `covers` mark exist.
"""

from __future__ import annotations

import argparse
import functools
import inspect
import os
import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, cast

import pytest

from ..errors import GenSuiteError, MappingError
from .interrupt import Interruption
from .outcomes import NOT_REACHED, OUTCOME, NotReached
from .profiles import PROFILES, VARIABLE, active_profile
from .reachability import SUCCESS
from .secrets import mask_text

if TYPE_CHECKING:
    from .session import Session

SESSION = pytest.StashKey["Session"]()
AWAKE = pytest.StashKey[bool]()
"""A gen-suite.yaml was found."""
LEFT_BEHIND = pytest.StashKey[list[str]]()
LEFT = "gen_suite.left"
TRIED = pytest.StashKey[set[str]]()
"""The operations whose success test was run ahead."""
INTERRUPTION = pytest.StashKey[Interruption]()
WORKERS = pytest.StashKey[list[int]]()
"""Process ids of the workers of pytest-xdist that run on this machine."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gen-suite", "gen-suite: API tests that watch the database")
    group.addoption(
        "--allow-db",
        action="store_true",
        default=False,
        help="Allow the suite to touch the database that gen-suite.yaml names (GEN_SUITE_ALLOW_DB=1).",
    )
    group.addoption(
        "--gen-suite-config",
        type=Path,
        default=None,
        metavar="FILE",
        help="The mapping file; by default the nearest gen-suite.yaml up from here.",
    )
    group.addoption(
        "--gen-suite-profile",
        choices=tuple(PROFILES),
        default=None,
        help="How much is drawn, and how wild it is (GEN_SUITE_PROFILE; by default dev).",
    )
    group.addoption(
        "--shard",
        type=_shard,
        default=None,
        metavar="N/OF",
        help="Run one part of the suite's modules, as in 3/8: the parts are about as long, and disjoint.",
    )
    group.addoption(
        "--fresh",
        action="store_true",
        default=False,
        help="Start the results anew: nothing of former runs is left in .gen-suite/results.json.",
    )
    group.addoption(
        "--gen-suite-quick",
        action="store_true",
        default=False,
        help="One example of each drawn test, one case of each parametrised one; the end of the run "
        "says what that leaves out.",
    )


def _shard(text: str) -> tuple[int, int]:
    """`3/8` as (3, 8). Raises what pytest shows as bad usage."""
    number, _, of = text.partition("/")
    if number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of):
        return int(number), int(of)
    raise argparse.ArgumentTypeError(f"{text!r} is no part: write 3/8 for the third of eight")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave only the modules of one shard; tests of one module share rows and stay together."""
    shard: tuple[int, int] | None = config.getoption("--shard")
    if shard is None:
        return
    from .shards import modules_of_shard

    chosen = modules_of_shard(Counter(str(item.path) for item in items), *shard)
    deselected = [item for item in items if str(item.path) not in chosen]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if str(item.path) in chosen]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "covers(operation, *concerns): the cells of the coverage matrix a test is about"
    )
    path = _mapping_file(config)
    if path is None:
        return
    config.stash[AWAKE] = True
    config.stash[INTERRUPTION] = interruption = Interruption()
    interruption.install()
    _choose_profile(config)
    from .safety import ALLOW_VARIABLE, is_permitted
    from .suite import CONFIG_VARIABLE

    # What is read while test modules are imported (`violations(...)`) must find the same file, and may
    # look at the same database.
    os.environ[CONFIG_VARIABLE] = str(path)
    if config.getoption("--allow-db") and not is_permitted(False):
        os.environ[ALLOW_VARIABLE] = "1"
        config.add_cleanup(_forget_permission)
    from .selection import Selection, markers

    try:
        for line in markers():
            config.addinivalue_line("markers", line)
    except GenSuiteError as error:  # a concern of another package that is none
        raise pytest.UsageError(str(error)) from error
    selection = Selection(bool(config.getoption("--gen-suite-quick")))
    config.pluginmanager.register(selection, "gen-suite-selection")
    if not hasattr(config, "workerinput"):
        from .recorder import Recorder

        recorder = Recorder(path, config, selection.left_out.findings)
        config.pluginmanager.register(recorder, "gen-suite-recorder")


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """A worker of pytest-xdist tells its controller that it runs a choice of its tests."""
    from .recorder import DESELECTED

    output: dict[str, Any] | None = (
        getattr(items[0].config, "workeroutput", None) if items else None
    )
    if output is not None:
        output[DESELECTED] = True


def _forget_permission() -> None:
    from .safety import ALLOW_VARIABLE

    os.environ.pop(ALLOW_VARIABLE, None)


def _choose_profile(config: pytest.Config) -> None:
    """Both marks and payloads read the variable, while modules are imported and in every worker."""
    chosen: str | None = config.getoption("--gen-suite-profile")
    if chosen is not None:
        os.environ[VARIABLE] = chosen
    try:
        active_profile()
    except GenSuiteError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """Learn whether the operation can be had at all; an interrupt that got lost in a test ends the run."""
    try:
        _try_success(item, nextitem)
        result = yield
    except KeyboardInterrupt:
        # Where it came is of no interest, and pytest cannot show every place (bytecode without a line).
        raise KeyboardInterrupt from None
    if _interrupted(item.config):
        raise KeyboardInterrupt
    return result


def _try_success(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Run the success test of the operation that a test is about, where this process has not yet.

    In the order of the file it has run by then. In another order, or in another worker, it is run ahead
    and counts for nothing: it is known then whether a valid request gets through.
    """
    if not item.config.stash.get(AWAKE, False):
        return
    from _pytest.runner import runtestprotocol

    from .selection import cells_of

    session = item.config.stash.get(SESSION, None)
    for operation in {operation for operation, _ in cells_of(item)}:
        own = (operation, SUCCESS) in cells_of(item)
        if own or (session is not None and session.reachability.is_known(operation)):
            continue
        tried = item.config.stash.setdefault(TRIED, set())
        if operation in tried:
            continue
        tried.add(operation)
        successes = (
            other for other in item.session.items if (operation, SUCCESS) in cells_of(other)
        )
        if (first := next(successes, None)) is not None:
            runtestprotocol(first, log=False, nextitem=item)
            if (session := item.config.stash.get(SESSION, None)) is not None:
                session.reachability.forget_shown(operation)


def _interrupted(config: pytest.Config) -> bool:
    interruption = config.stash.get(INTERRUPTION, None)
    return interruption is not None and interruption.came


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """Leave the database, once the fixtures are torn down, which an interrupt puts off until here.

    What cannot be taken back makes the run fail and is told at its end.
    """
    config = session.config
    held, left = config.stash.get(SESSION, None), _left(config)
    if _interrupted(config):
        _interrupt_workers(config)
    try:
        result = yield
    except Exception:
        if not _interrupted(config):
            raise
        result = None  # else nothing of what the run came to would be shown
    try:
        if held is not None:
            held.close()
    except GenSuiteError as error:
        left.append(mask_text(str(error)))
    if left and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return result


@pytest.hookimpl(optionalhook=True)
def pytest_testnodeready(node: Any) -> None:
    """A worker of pytest-xdist begins: an interrupt of this process has to reach it too."""
    if node.gateway.spec.popen:
        node.config.stash.setdefault(WORKERS, []).append(node.gateway._rinfo().pid)


def _interrupt_workers(config: pytest.Config) -> None:
    for process in config.stash.get(WORKERS, ()):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGINT)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a worker of pytest-xdist could not take back is told with the rest."""
    _left(node.config).extend(getattr(node, "workeroutput", {}).get(LEFT, ()))


def pytest_unconfigure(config: pytest.Config) -> None:
    session = config.stash.get(SESSION, None)
    if session is not None:
        session.close()
    if (interruption := config.stash.get(INTERRUPTION, None)) is not None:
        interruption.remove()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for text in _left(config):
        terminalreporter.section("gen-suite: the database is not as it was", red=True)
        terminalreporter.write_line(text)


def _left(config: pytest.Config) -> list[str]:
    """What sessions could not take back; a worker of pytest-xdist hands its list to the controller."""
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    if output is not None:
        return cast(list[str], output.setdefault(LEFT, []))
    return config.stash.setdefault(LEFT_BEHIND, [])


def session_of(config: pytest.Config) -> Session:
    """The session of this process, made at first use; MappingError when there is no mapping file."""
    if SESSION not in config.stash:
        from .session import Session
        from .suite import active_suite

        worker = getattr(config, "workerinput", {}).get("workerid", "")
        allowed = bool(config.getoption("--allow-db"))
        interruption = config.stash.get(INTERRUPTION, None) or Interruption()
        config.stash[SESSION] = Session(active_suite(), allowed, worker, interruption)
    return config.stash[SESSION]


def _mapping_file(config: pytest.Config) -> Path | None:
    from ..mapping.read import find_mapping

    named: Path | None = config.getoption("--gen-suite-config")
    if named is not None:
        if not named.is_file():
            raise pytest.UsageError(f"--gen-suite-config: there is no file {named}")
        return named.resolve()
    starts = [config.invocation_params.dir, config.rootpath]
    starts += [Path(argument.partition("::")[0]).absolute() for argument in config.args]
    for start in starts:
        try:
            return find_mapping(start.parent if start.is_file() else start)
        except MappingError:
            continue
    return None


def pytest_itemcollected(item: pytest.Item) -> None:
    from .recorder import COVERS

    if not item.config.stash.get(AWAKE, False):
        return
    pairs = [pair for mark in item.iter_markers("covers") for pair in _covered(mark, item)]
    if pairs:
        item.user_properties.append((COVERS, pairs))


def _covered(mark: pytest.Mark, item: pytest.Item) -> list[list[str]]:
    """Operation and concern of each cell of a mark. Raises pytest.UsageError for what is no cell."""

    def covers(operation: object, *concerns: object, concern: object = None) -> list[object]:
        return [operation, *concerns, *([concern] if concern is not None else [])]

    try:
        operation, *concerns = covers(*mark.args, **mark.kwargs)
    except TypeError as error:
        reason = str(error).rpartition(".")[2]
    else:
        texts = [text for text in (operation, *concerns) if isinstance(text, str)]
        if concerns and len(texts) == 1 + len(concerns):
            return [[texts[0], concern] for concern in texts[1:]]
        reason = "covers() takes an operation and one or more concerns, all of them texts"
    raise pytest.UsageError(
        f'{item.nodeid}: {reason}; write @covers("POST /orders", "persistence")'
    )


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Give each Hypothesis example the state that the test's fixtures arranged."""
    session = pyfuncitem.config.stash.get(SESSION, None)
    handle = getattr(pyfuncitem.obj, "hypothesis", None)
    if session is None or handle is None or not _is_ours(pyfuncitem):
        return (yield)
    inner = handle.inner_test
    handle.inner_test = _on_same_state(inner, session)
    try:
        with _values_shown():
            return (yield)
    finally:
        handle.inner_test = inner


@contextmanager
def _values_shown() -> Iterator[None]:
    """Hypothesis' own report of a failing example, with its values.

    Where schemathesis is installed, its plugin makes Hypothesis print none, in tests of all plugins.
    """
    from hypothesis import core
    from hypothesis.vendor import pretty

    name = "RepresentationPrinter"
    found = getattr(core, name, None)
    if found is None:
        yield
        return
    setattr(core, name, pretty.RepresentationPrinter)
    try:
        yield
    finally:
        setattr(core, name, found)


def _is_ours(test: pytest.Function) -> bool:
    """It asks for the fixtures of a suite, not for some of its own that have the same names."""
    from .client import Client
    from .database import Database

    return any(isinstance(value, Client | Database) for value in test.funcargs.values())


def _on_same_state(inner: Callable[..., Any], session: Session) -> Callable[..., Any]:
    @functools.wraps(inner)
    def example(*args: Any, **kwargs: Any) -> Any:
        if not session.watched:
            session.begin()
            return inner(*args, **kwargs)
        database = session.database()
        with database.undone():
            session.begin()
            return inner(*args, **kwargs)

    return example


def pytest_assertrepr_compare(
    config: pytest.Config, op: str, left: object, right: object
) -> list[str] | None:
    session = config.stash.get(SESSION, None)
    if session is None or op != "==":
        return None
    from .agreement import Agreement

    if not isinstance(right, Agreement):
        return None
    from collections.abc import Mapping

    if not isinstance(left, Mapping):
        return None
    found = list(right.disagreements(left))
    if found:
        session.evidence.verdict, session.evidence.column = found[0].verdict, found[0].column
    lines = [line for one in found for line in str(one).splitlines()]
    return ["the row is not what was sent and claimed", *lines]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    session = item.config.stash.get(SESSION, None)
    if session is None:
        return report
    from .recorder import ANSWERS

    if answers := session.evidence.take_answers():
        report.user_properties.append((ANSWERS, answers))
    if call.when == "call":
        _tell_of_the_run(session, report)
    if call.when == "teardown" and session.notices:
        from .recorder import FINDING

        report.user_properties += [(FINDING, session.notices.pop())]
    error = call.excinfo.value if call.excinfo is not None else None
    if reason := _not_reached(session, report, error):
        report.user_properties.append((OUTCOME, NOT_REACHED))
        _skip(report, item, reason)
    elif reason := _shows_nothing(session, report, error):
        _tell_of_the_engine(report, error)
        _skip(report, item, reason)
    elif call.when == "call" and report.passed and (ending := session.app_ended()):
        report.outcome, report.longrepr = "failed", mask_text(ending)
    if not report.failed:
        return report
    if call.when == "call":
        _tell_of_cells(session, item, report, call)
    if isinstance(error, GenSuiteError):
        report.longrepr = mask_text(str(error))
    if call.when == "call" and session.evidence.exchanges:
        _explain(session, item, report)
    return report


def _tell_of_the_run(session: Session, report: pytest.TestReport) -> None:
    """Add to a report what the results keep of each test: findings, and its last answer."""
    from .recorder import ANSWER, FINDING

    report.user_properties += [(FINDING, text) for text in session.evidence.findings]
    if session.evidence.exchanges:
        last = session.evidence.exchanges[-1]
        report.user_properties.append((ANSWER, [last.operation, last.response.status_code]))


def _tell_of_cells(
    session: Session, item: pytest.Item, report: pytest.TestReport, call: pytest.CallInfo[None]
) -> None:
    """Add to a failure which of the test's cells it belongs to, where they are several."""
    from .attribution import outcomes
    from .recorder import CELLS
    from .selection import cells_of

    pairs = cells_of(item)
    if len(pairs) < 2 or not isinstance(item, pytest.Function):
        return
    own, error = _own_function(item), _first(call.excinfo.value if call.excinfo else None)
    line = _line_of_failure(own, error)
    found = outcomes(own, line, pairs, session.suite.message_tables, error)
    found |= _judged_all_the_same(session, found)
    report.user_properties.append((CELLS, [[*pair, outcome] for pair, outcome in found.items()]))


def _judged_all_the_same(
    session: Session, cells: dict[tuple[str, str], str]
) -> dict[tuple[str, str], str]:
    """Cells of the contract that failed too: the answer of a success can be held to the spec whatever
    failed behind it."""
    from .contract import conforms

    if not session.evidence.exchanges:
        return {}
    last = session.evidence.exchanges[-1]
    return {
        pair: "failed"
        for pair, outcome in cells.items()
        if pair == (last.operation, "contract") and outcome == NOT_REACHED
        if cells.get((last.operation, SUCCESS)) == "passed" and not conforms(last.response)
    }


def _own_function(item: pytest.Function) -> Callable[..., Any]:
    """The function that a person wrote, below what Hypothesis makes of it."""
    handle = getattr(item.obj, "hypothesis", None)
    return cast(Callable[..., Any], inspect.unwrap(getattr(handle, "inner_test", item.obj)))


def _first(error: BaseException | None) -> BaseException | None:
    """Of several failing examples of one test the first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _line_of_failure(own: Callable[..., Any], error: BaseException | None) -> int | None:
    """The line of the test's own code at which an assertion failed; None for any other failure."""
    if not isinstance(error, AssertionError):
        return None
    code = getattr(own, "__code__", None)
    lines = [line for frame, line in walk_tb(error.__traceback__) if frame.f_code is code]
    return lines[-1] if lines else None


def _tell_of_the_engine(report: pytest.TestReport, error: BaseException | None) -> None:
    """Add to a report on which engines the test would run, where it is this one that does not allow it."""
    from .database import Unsupported
    from .recorder import UNSUPPORTED

    if isinstance(error, Unsupported):
        report.user_properties.append((UNSUPPORTED, list(error.elsewhere)))


def _explain(session: Session, item: pytest.Item, report: pytest.TestReport) -> None:
    """Add to the report of a failure what happened, and who is wrong."""
    from .recorder import COLUMN, RAISED, STORY, VERDICT
    from .verdict import verdict

    session.collect_log()
    evidence = session.evidence
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    try:
        evidence.verdict = evidence.verdict or verdict(evidence, given)
        story = evidence.report()
    except GenSuiteError as error:
        # The database cannot be asked any more, which is this test's trouble and not the run's end.
        evidence.changes.clear()
        evidence.verdict = evidence.verdict or mask_text(error.message)
        story = evidence.report()
    report.user_properties += [
        (VERDICT, evidence.verdict),
        (COLUMN, evidence.column),
        (RAISED, evidence.raised),
    ]
    report.sections.append((STORY, story))


def pytest_report_teststatus(
    report: pytest.TestReport | pytest.CollectReport,
) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    if (OUTCOME, NOT_REACHED) not in getattr(report, "user_properties", ()):
        return None
    return NOT_REACHED, "n", ("NOT REACHED", {"yellow": True})


def _skip(report: pytest.TestReport, item: pytest.Item, reason: str) -> None:
    """Make a report one of a skip. It names no line, so that pytest folds those of one reason into one."""
    report.outcome = "skipped"
    report.longrepr = cast(Any, (str(item.path.parent), None, f"Skipped: {reason}"))


def _not_reached(session: Session, report: pytest.TestReport, error: BaseException | None) -> str:
    """Why what this test needs could not be had, "" when it was reached or is judged all the same."""
    if isinstance(error, NotReached):
        return error.reason
    if isinstance(error, GenSuiteError) and session.was_told(error):
        return error.message.splitlines()[0]
    if report.when != "call" or isinstance(error, pytest.skip.Exception):
        return ""
    return session.obstacle()


def _shows_nothing(session: Session, report: pytest.TestReport, error: BaseException | None) -> str:
    """Why this phase of a test proves nothing, either way: that is a gap, not a pass.

    The engine cannot do what the test asks for, a fault did not fire, a race did not meet.
    """
    from .database import NotShown, Unsupported

    if report.failed and isinstance(error, Unsupported | NotShown):
        return error.message
    return session.evidence.unshown() if report.when == "call" and report.passed else ""
