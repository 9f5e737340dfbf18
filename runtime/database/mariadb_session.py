"""MariaDB and MySQL: the harness's own connection, and what its errors mean in words.

One persistent connection in autocommit mode, with the session pinned to what capture and undo need: no
foreign-key and CHECK enforcement, no implied values, own writes not captured. It is not the connection
that `writing` and `reading` hand out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import TargetError
from .connect import masked, reached
from .names import OWN

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

OFF = f"@{OWN}off"  # set: this session's writes are not captured, application triggers stay silent
MINE = f"@{OWN}own"  # set: this session's writes are the harness's own
# Triggers keep the mode they were created under, whatever the application's session has.
SQL_MODE = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION"
LOCK_ERRORS = (1205, 3572)  # waited too long; MySQL: NOWAIT had to wait
RIGHTS_ERRORS = (1044, 1045, 1142, 1143, 1227, 1370, 1419, 1698, 1410)
LOST_ERRORS = (0, 1927, 2006, 2013, 2055, 4031)
BINLOG_ERROR = 1419


@dataclass(frozen=True, slots=True)
class Flavor:
    """Which server this is."""

    mariadb: bool
    version: tuple[int, ...]

    @property
    def name(self) -> str:
        return "mariadb" if self.mariadb else "mysql"

    def __str__(self) -> str:
        number = ".".join(map(str, self.version))
        return f"{'MariaDB' if self.mariadb else 'MySQL'} {number}"


def quoted(*names: str) -> str:
    return ".".join("`" + name.replace("`", "``") + "`" for name in names)


def driver_error() -> type[Exception]:
    """The base of the driver's exceptions; the driver is imported only where it is used."""
    import pymysql

    found: type[Exception] = pymysql.err.MySQLError
    return found


def errno(error: BaseException) -> int:
    """The server's or driver's error number, 0 when there is none."""
    number = error.args[0] if error.args else 0
    return number if isinstance(number, int) else 0


class Session:
    """A connection; `rows` and `run` take finished SQL, values go through `literal`."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self.database = url.database or ""
        self.raw: Any = None
        self.id = 0
        self._open()

    def _open(self) -> None:
        import pymysql

        dialect = self.url.get_dialect()()
        args, options = dialect.create_connect_args(self.url)
        options = dict(options) | {"charset": "utf8mb4", "autocommit": True}
        try:
            self.raw = pymysql.connect(*args, **options)
        except driver_error() as error:
            from sqlalchemy.exc import DBAPIError

            with reached(self.url):
                raise DBAPIError("connect", None, error) from None
        self.id = int(self.raw.thread_id())
        self.run(
            f"SET SESSION sql_mode = '{SQL_MODE}', {OFF} = 1, foreign_key_checks = 0,"
            " innodb_lock_wait_timeout = 2, wait_timeout = 2147483"
        )

    def another(self) -> Session:
        """A further connection of the same kind."""
        return Session(self.url)

    def flavor(self) -> Flavor:
        text = str(self.value("SELECT VERSION()"))
        # "10.11.4-MariaDB-log", behind some proxies "5.5.5-10.11.4-MariaDB"
        numbers = text.removeprefix("5.5.5-").partition("-")[0]
        version = tuple(int(part) for part in numbers.split(".")[:3] if part.isdigit())
        return Flavor("mariadb" in text.lower(), version)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.raw.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def value(self, statement: str) -> Any:
        """The first column of the first row; None when there is no row."""
        found = self.rows(statement)
        return found[0][0] if found else None

    def run(self, statement: str) -> int:
        """How many rows were touched."""
        with self.raw.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.rowcount)

    def send(self, statement: bytes) -> None:
        """A statement in the encoding that `SET NAMES` announced, without a result."""
        self.raw.query(statement)

    def literal(self, value: Any) -> str:
        return str(self.raw.escape(value))

    def literals(self, values: Sequence[Any]) -> str:
        return ", ".join(map(self.literal, values)) or "NULL"

    @contextmanager
    def transaction(self, begin: str = "START TRANSACTION") -> Iterator[None]:
        self.run(begin)
        try:
            yield
        except BaseException:
            self.roll_back()
            raise
        self.run("COMMIT")

    def roll_back(self) -> None:
        try:
            self.run("ROLLBACK")
        except driver_error():
            return  # the connection is gone, and the transaction with it

    def close(self) -> None:
        try:
            self.raw.close()
        except driver_error():
            return  # it was cut before

    @property
    def account(self) -> str:
        user, _, host = str(self.value("SELECT CURRENT_USER()")).rpartition("@")
        return f"{quoted(user)}@{quoted(host)}"


class Spares:
    """Further connections of the harness, kept for the next fault or pause point."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._idle: list[Session] = []

    def take(self, isolation: str = "REPEATABLE READ") -> Session:
        found = self._idle.pop() if self._idle else self.session.another()
        found.run(f"SET SESSION TRANSACTION ISOLATION LEVEL {isolation}")
        return found

    def give(self, session: Session) -> None:
        """Takes one back that holds nothing any more."""
        self._idle.append(session)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


@contextmanager
def spoken(session: Session, what: str) -> Iterator[None]:
    """Turns the driver's errors into a TargetError that says what was tried and what to do."""
    try:
        yield
    except driver_error() as error:
        raise explained(session, what, error) from error


def explained(session: Session, what: str, error: Exception) -> TargetError:
    number, place = errno(error), masked(session.url)
    text = str(error.args[1]) if len(error.args) > 1 else str(error)
    if number in RIGHTS_ERRORS:
        return _rights(session, what, number, text)
    if number in LOCK_ERRORS:
        from .mariadb_wait import blockers

        return TargetError(
            f"cannot {what}: {place} is locked by {blockers(session)}",
            hint="a transaction of the application is still open: commit or roll it back, "
            "or stop the program that holds it",
        )
    if number in LOST_ERRORS:
        return TargetError(
            f"cannot {what}: the connection to {place} was lost ({text or 'closed'})",
            hint="check that the server runs; what the run left is taken back by gen-suite restore",
        )
    return TargetError(f"cannot {what}: {place}: {text} (error {number})")


def _rights(session: Session, what: str, number: int, text: str) -> TargetError:
    if number == BINLOG_ERROR:
        return TargetError(
            f"cannot {what}: the server writes a binary log and lets only SUPER create triggers",
            hint="run on the test server: SET GLOBAL log_bin_trust_function_creators = 1",
        )
    try:
        account = session.account
    except driver_error():
        account = "the account of the database URL"
    own = quoted(session.database)
    return TargetError(
        f"cannot {what}: {account} may not do this ({text})",
        hint=f"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, TRIGGER, "
        f"LOCK TABLES, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, CREATE VIEW, SHOW VIEW ON {own}.* "
        f"TO {account}; GRANT PROCESS ON *.* TO {account}",
    )
