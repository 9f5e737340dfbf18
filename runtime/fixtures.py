"""The fixtures of emitted suites; their conftest imports them, so no other tests see them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .actors import Actors
from .client import Client
from .database import Database
from .findings import Findings
from .plugin import session_of
from .refused import Refused
from .statements import Statements
from .worker import Worker

__all__ = ["actors", "api", "database", "findings", "refused", "statements", "worker"]


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The real database, watched; what a test changes in it is undone after the test."""
    session = session_of(request.config)
    session.enter(request.node)
    opened = session.database()
    mark = opened.mark()
    session.begin()
    yield opened
    session.take_back(mark)


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Client:
    """The running API. It depends on `database`, so that whatever it writes is undone.

    Where there is none to look at, what it writes stays.
    """
    session = session_of(request.config)
    if session.watched:
        request.getfixturevalue("database")
    else:
        session.enter(request.node)
        session.begin()
    return session.client()


@pytest.fixture
def actors(request: pytest.FixtureRequest) -> Actors:
    """The actors of the mapping and the facts stated of them."""
    return session_of(request.config).actors


@pytest.fixture
def findings(request: pytest.FixtureRequest) -> Findings:
    """Where a test puts what it learned and nobody promised."""
    return Findings(session_of(request.config).evidence)


@pytest.fixture
def refused(request: pytest.FixtureRequest, database: Database) -> Refused:
    """Sends a request that must be refused, with a documented answer and no row written."""
    return Refused(database, session_of(request.config).suite.message_tables)


@pytest.fixture
def worker(request: pytest.FixtureRequest, database: Database) -> Worker:
    """The worker that the mapping names, not running yet."""
    return session_of(request.config).worker_process()


@pytest.fixture
def statements(request: pytest.FixtureRequest, database: Database) -> Statements:
    """Counts what the application asks its database."""
    return Statements(session_of(request.config).counted)
