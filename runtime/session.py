"""One test session's hold on the target: the running app, its database, and what is known so far."""

from __future__ import annotations

import warnings
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import GenSuiteError, TargetError
from ..files import local_folder
from ..machine import patience
from .actors import Actors
from .database.engine import Unsupported
from .evidence import Evidence, Exchange
from .interrupt import Interruption
from .migrate import build_if_new, one_at_a_time, run_migrate
from .reachability import SUCCESS, Reachability
from .safety import check_allowed

if TYPE_CHECKING:
    import httpx
    import pytest

    from ..mapping.model import App
    from .canary import Canary
    from .client import Client
    from .database import Database
    from .database.engine import Mark
    from .late_rows import LateRows
    from .suite import Suite
    from .target import RunningApp
    from .wire import Wire
    from .worker import Worker

RESERVE_SECONDS = 2.0
"""A run that is ending just now may still drop its copies."""
ENDING_SECONDS = 1.0
"""How long a process may take to be gone after it closed its connections."""
INTERRUPTED_SECONDS = 0.5
"""How long an application may take to end when somebody waits for the end of the run."""


@dataclass
class Session:
    """Opens app and database at their first use, once; closes both at the end.

    `worker` is the id of the pytest-xdist worker ("gw0"), "" without one. What could not be opened
    raises the same error for every test that needs it.
    """

    suite: Suite
    allowed: bool
    worker: str = ""
    interruption: Interruption = field(default_factory=Interruption)
    evidence: Evidence = field(default_factory=Evidence)
    reachability: Reachability = field(default_factory=Reachability)
    _database: Database | None = None
    _app: RunningApp | None = None
    _client: Client | None = None
    _failure: GenSuiteError | None = None
    _failure_told: bool = False
    _counted: tuple[Client, Wire] | None = None
    _counted_app: RunningApp | None = None
    _url: str = ""
    _log_start: int = 0
    _scope: str = ""
    _canary: Canary | None = None
    _late_rows: LateRows | None = None
    _looked_at: set[str] = field(default_factory=set)
    _remembers: bool = False
    _noticed: bool = False
    notices: list[str] = field(default_factory=list)
    """What was noticed of the application beside any test, until a report takes it along."""
    _module: str = ""
    _cells: frozenset[tuple[str, str]] = frozenset()
    _closing: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.evidence.observer = self._answered

    @property
    def watched(self) -> bool:
        """There is a database to look at."""
        return not self.suite.mapping.unwatched

    @property
    def actors(self) -> Actors:
        return Actors(self.suite.mapping.actors)

    def database(self) -> Database:
        """The watched database, its app running on it."""
        self._open()
        assert self._database is not None
        return self._database

    def client(self) -> Client:
        """The API client."""
        self._open()
        assert self._client is not None
        return self._client

    def worker_process(self) -> Worker:
        """The application's worker on the same database, not running yet."""
        from .worker import Worker

        self._open()
        return Worker(self.suite.mapping.target, self.suite.folder, self._url)

    def counted(self) -> tuple[Client, Wire]:
        """A client of a second instance of the application, and the wire to its database.

        Unsupported where the database is no server, or the application is not started here.
        """
        from .target import start_app
        from .wire import open_wire

        self._open()
        app = self.suite.mapping.target.app
        if self._counted is None:
            assert app is not None
            if app.url:
                raise Unsupported("the application runs already: its statements cannot be counted")
            wire = open_wire(self._url)
            self._closing.callback(wire.close)
            running = start_app(app, folder=self.suite.folder, database_url=wire.url)
            self._closing.callback(self._stop, running)
            http = running.client()
            self._closing.callback(http.close)
            self._counted = self._client_of(http), wire
            self._counted_app = running
        if self._counted_app is not None and self._counted_app.ending():
            self._counted_app.restart()
            self._counted[0].log_out()
        return self._counted

    def _client_of(self, http: httpx.Client) -> Client:
        from .client import Client
        from .routes import routes

        known = routes(self.suite.mapping, self.suite.resolved)
        return Client(http, self.actors, self.evidence, known)

    def enter(self, node: pytest.Item) -> None:
        """A test begins: with `isolation: module` or `test` perhaps on a database of its own.

        An application that has ended since the last one is started again.
        """
        from .recorder import COVERS

        cells: Any = dict(node.user_properties).get(COVERS, ())
        self._cells = frozenset((operation, concern) for operation, concern in cells)
        isolation = self.suite.mapping.target.isolation
        scopes = {"module": str(node.path), "test": node.nodeid}
        scope = scopes.get(isolation, "")
        self._module, former = str(node.path), self._module
        if scope != self._scope and self._client is not None:
            self.close()
            self._client = self._database = self._app = self._counted = self._canary = None
        self._scope = scope
        if self._remembers and self._module != former:
            self._restart()
        self.revive()
        self._look_before()

    def revive(self) -> None:
        """Start the application again when it has ended; what cannot be started is an error from then on."""
        if self._app is not None and self._client is not None and self._app.ending():
            self._restart()

    def _restart(self) -> bool:
        """Start the application anew, where it was started here; whether it was."""
        assert self._app is not None
        assert self._client is not None
        try:
            if not self._app.restart():
                return False
        except GenSuiteError as error:
            self._failure = error
            self.close()
            raise
        self._client.log_out()
        self._client.log_in()
        return True

    def was_told(self, error: GenSuiteError) -> bool:
        """Whether this is what keeps the whole session from the target, and a test has said so before."""
        if error is not self._failure:
            return False
        before, self._failure_told = self._failure_told, True
        return before

    def take_back(self, mark: Mark) -> None:
        """Undo what a test changed, and see whether the application forgets it too.

        One that does not is named once; where it was started here it is started anew, then and whenever
        it shows again. After an interrupt the end of the run takes everything back.
        """
        if self.interruption.came:
            return
        assert self._database is not None
        operation = self._examined()
        if operation and self._canary is not None:
            self._canary.read(operation)
        self._database.undo(mark)
        if operation and self._canary is not None and not self._app_is_gone():
            with self._database.undone():
                difference = self._canary.differs(operation)
            if difference:
                self._judge(self._canary, operation, difference)

    def _examined(self) -> str:
        """The operation whose list is to be looked at after this test, "" for none.

        Each once, when a request of it has succeeded; of an application that remembers always.
        """
        for operation, _ in sorted(self._cells):
            done = {
                exchange.operation for exchange in self.evidence.exchanges if _succeeded(exchange)
            }
            if operation in done and (self._remembers or operation not in self._looked_at):
                self._looked_at.add(operation)
                return operation
        return ""

    def _judge(self, canary: Canary, operation: str, difference: str) -> None:
        """It remembers if starting it anew makes it forget; else that list changes by itself."""
        assert self._database is not None
        if not self._restart():
            self._notice(f"{difference}: it may keep rows in memory")
            return
        with self._database.undone():
            still = canary.differs(operation)
        if still:
            canary.drop(operation)
            return
        self._remembers = True
        self._notice(f"{difference}, until it is started anew: it keeps rows in memory")

    def _notice(self, finding: str) -> None:
        if not self._noticed:
            self._noticed = True
            self.notices.append(f"the application remembers what was taken back: {finding}")

    def _look_before(self) -> None:
        """Read the lists beside the operations of the coming test, once each."""
        if not self.watched or self._failure is not None:
            return
        self._open()
        assert self._client is not None
        assert self._database is not None
        if self._canary is None:
            from .canary import Canary

            document = self.suite.resolved.document
            self._canary = Canary(document, self._client, self.suite.mapping.actors)
        for operation, _ in self._cells:
            if operation not in self._looked_at:
                with self._database.undone():
                    self._canary.read_before(operation)

    def _app_is_gone(self) -> bool:
        return self._app is not None and bool(self._app.ending())

    def app_ended(self) -> str:
        """How the application ended during this test, with its last lines; "" while it runs."""
        return "" if self._app is None else self._app.ending(self._log_start)

    def _why_no_answer(self) -> str:
        """As `app_ended`, for a connection that broke: what ends is noticed a moment later."""
        if self._app is not None:
            self._app.await_end(ENDING_SECONDS)
        return self.app_ended()

    def obstacle(self) -> str:
        """Why the running test shows nothing: it sees what every valid request of its operation gets.

        A test in which rows changed shows something all the same.
        """
        if any(changes.frozen and not changes.none() for changes in self.evidence.changes):
            return ""
        for operation in {operation for operation, _ in self._cells}:
            answers = [e for e in self.evidence.exchanges if e.operation == operation]
            statuses = [exchange.response.status_code for exchange in answers]
            valid = (operation, SUCCESS) in self._cells
            if why := self.reachability.obstacle(operation, statuses, valid=valid):
                return why
        return ""

    def _answered(self, exchange: Exchange) -> None:
        operation, status = exchange.operation, exchange.response.status_code
        if self._late_rows is not None and _succeeded(exchange):
            self._late_rows.succeeded(operation)
        self.reachability.saw(operation, status, valid=(operation, SUCCESS) in self._cells)

    def begin(self) -> None:
        """A test, or an example of one, starts: what was said before is no evidence for it.

        The second instance of the application is opened inside a test, so what its logins wrote was
        undone with that.
        """
        self.evidence.clear()
        if self._late_rows is not None:
            self._late_rows.begin()
        if self._counted is not None:
            self._counted[0].log_out()
        if self._app is not None:
            self._log_start = self._app.log_position()

    def collect_log(self) -> None:
        """Add what the app wrote since `begin` to the evidence."""
        if self._app is not None:
            self.evidence.app_log = self._app.log_since(self._log_start)

    def restart(self) -> bool:
        """End the application and start it again, its callers logged in anew; False where it was not
        started here."""
        if self._app is None or self._client is None or not self._app.restart():
            return False
        self._client.log_out()
        self._client.log_in()
        return True

    def close(self) -> None:
        """Stop the app, take back what is left and the capture too, drop this worker's copy.

        TargetError when something of this run stays in the database.
        """
        with self.interruption.held():
            self._closing.close()

    def _open(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._client is not None:
            return
        try:
            self._open_target()
        except GenSuiteError as error:
            self._failure = error
            self.close()
            raise

    def _open_target(self) -> None:
        target = self.suite.mapping.target
        if target.app is not None and self.suite.mapping.unwatched:
            self._open_app(target.app)
            return
        if target.app is None or target.database is None:
            raise TargetError(
                "the mapping does not say how to reach the API and its database",
                hint="state target.app and target.database in gen-suite.yaml; without a database, "
                "`stored_by` of its resources",
            )
        stated = target.app.url or ""
        check_allowed(self.allowed, self._stated_url, app=stated, schemas=target.schemas)
        url = self._own_copy(self._stated_url)
        with one_at_a_time(self.suite.mapping):
            build_if_new(self.suite.mapping, url)
        self._url = url
        self._database = self._open_database(url)
        self._start(target.app)

    def _open_app(self, app: App) -> None:
        """The application alone: nothing is watched, and nothing that it writes is undone."""
        check_allowed(self.allowed, "", app=app.url or "")
        self._start(app)

    def _start(self, stated: App) -> None:
        from .target import start_app

        app = start_app(stated, folder=self.suite.folder, database_url=self._url)
        self._closing.callback(self._stop, app)
        self._app = app
        if self._database is not None:
            self._database.freed = app.restart
        http = app.client()
        self._closing.callback(http.close)
        self._client = self._client_of(http)
        self._client.ending = self._why_no_answer
        self._client.log_in()

    def _stop(self, app: RunningApp) -> None:
        """End the application; one that is in the middle of a request when the run is interrupted at once."""
        app.stop(INTERRUPTED_SECONDS if self.interruption.came else None)

    def _own_copy(self, url: str) -> str:
        """Of several workers each has a copy of the database; a lone run works in place.

        Workers that can have no copy take turns. With another `isolation` than `undo` each copy is
        brought up to date by `target.migrate`.
        """
        target = self.suite.mapping.target
        if not self.worker and target.isolation == "undo":
            return url
        from .database import clone, drop_clone

        name = self.worker or "run"
        self._reserve(name)
        try:
            with one_at_a_time(self.suite.mapping):
                build_if_new(self.suite.mapping, url)
                copy = clone(url, name)
        except TargetError as error:
            if target.isolation == "undo":
                self._wait_for_turn(error.message)
                return url
            raise TargetError(
                f"isolation: {target.isolation} needs a copy of the database: {error.message}",
                hint=error.hint or "with isolation: undo, changes are taken back in place",
            ) from error
        self._closing.callback(drop_clone, copy)
        if target.migrate and target.isolation != "undo":
            run_migrate(self.suite.mapping, copy)
        return copy

    def _reserve(self, name: str) -> None:
        """The copy of that name is this session's until it closes, or its process is gone.

        TargetError when a run that goes on elsewhere has it: replacing it would leave that run with
        a database in which nothing changes any more.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(local_folder(self.suite.folder) / f"copy-{name}.lock")
        try:
            lock.acquire(timeout=patience(RESERVE_SECONDS))
        except Timeout:
            raise TargetError(
                f"another run has the copy {name!r} of this database",
                hint="wait until it has ended, or give this run a database and folder of its own",
            ) from None
        self._closing.callback(lock.release)

    def _wait_for_turn(self, reason: str) -> None:
        """Return when no other worker has the database; it is this one's until its session closes."""
        from filelock import FileLock

        warnings.warn(
            f"the workers of -n take turns, since the database cannot be copied: {reason}",
            stacklevel=2,
        )
        turn = FileLock(local_folder(self.suite.folder) / "turn.lock")
        turn.acquire()
        self._closing.callback(turn.release)

    def _open_database(self, url: str) -> Database:
        from .database import open_database

        mapping = self.suite.mapping
        database = open_database(
            url,
            schemas=mapping.target.schemas,
            overrides=self._overrides(),
            rules=self.suite.field_rules,
            ignores=mapping.ignores,
            writes_when_refused=mapping.writes_when_refused,
        )
        self._closing.callback(database.close)
        self._late_rows = self._awaited(database)
        database.observer = self.evidence.saw
        try:
            database.install()
        except KeyboardInterrupt:  # half of it may be there
            self._closing.callback(self._leave, database)
            raise
        self._closing.callback(self._leave, database)
        return database

    def _awaited(self, database: Database) -> LateRows | None:
        """What the application writes after its answers, where no worker of the mapping does that."""
        writes = self.suite.resolved.operations
        late = any(change.within is not None for w in writes.values() for change in w.changes)
        if not late or self.suite.mapping.target.worker is not None:
            return None
        from .late_rows import LateRows

        awaited = LateRows(database, writes)
        database.arrived = awaited.arrived
        return awaited

    def _leave(self, database: Database) -> None:
        """Take back what no undo did (logins, what was written after the last test), then the capture.

        A copy is dropped anyway. TargetError when something stays: log and triggers too, then.
        """
        if self._url != self._stated_url:
            if not self.interruption.came:
                database.uninstall()
            return
        try:
            if self.interruption.came:
                self._recover_anew(database)
            else:
                database.recover()
        except GenSuiteError as error:
            raise TargetError(
                f"what this run wrote could not all be taken back: {error.message}",
                hint=f"{error.hint}\n  ".lstrip() + "its log is still there: "
                "gen-suite restore --allow-db tries again, with --discard it keeps the rows",
            ) from error

    def _recover_anew(self, database: Database) -> None:
        """As `recover`, over a connection that no interrupt can have left in the middle of an answer."""
        from .database import restore

        with suppress(Exception):
            database.close()
        restore(self._url)

    @property
    def _stated_url(self) -> str:
        return str(self.suite.mapping.target.database)

    def _overrides(self) -> dict[str, dict[str, object]]:
        """Literals that rows of tables need when they are arranged as somebody's parents."""
        from ..mapping.expression import is_expression

        mapping = self.suite.mapping
        stated = {r.table: r.arrange for r in mapping.resources.values()}
        stated |= {name: table.arrange for name, table in mapping.tables.items()}
        return {
            table: {column: v for column, v in values.items() if not is_expression(v)}
            for table, values in stated.items()
            if values
        }


def _succeeded(exchange: Exchange) -> bool:
    return bool(exchange.response.is_success)
