"""What is particular to MariaDB: cascades without triggers, TRUNCATE, guarded triggers, real deadlocks."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from gen_suite.errors import TargetError
from gen_suite.runtime.database import (
    Database,
    Unsupported,
    clone,
    drop_clone,
    mariadb_wait,
    open_database,
    restore,
)

SCHEMA = """
CREATE TABLE users(id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) UNIQUE);
CREATE TABLE orders(id INT AUTO_INCREMENT PRIMARY KEY, user_id INT NOT NULL, note TEXT,
  FOREIGN KEY(user_id) REFERENCES users(id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE items(order_id INT, line INT, sku VARCHAR(9), PRIMARY KEY(order_id, line),
  FOREIGN KEY(order_id) REFERENCES orders(id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE messages(id INT PRIMARY KEY, sender INT, receiver INT,
  FOREIGN KEY(sender) REFERENCES users(id) ON DELETE SET NULL,
  FOREIGN KEY(receiver) REFERENCES users(id) ON DELETE SET NULL);
CREATE TABLE counts(what VARCHAR(20) PRIMARY KEY, n INT NOT NULL);
INSERT INTO users(id, name) VALUES (1, 'ann'), (2, 'bob');
INSERT INTO orders(id, user_id) VALUES (1, 1), (2, 1), (3, 2);
INSERT INTO items VALUES (1, 1, 'a'), (1, 2, 'b'), (3, 1, 'c');
INSERT INTO messages VALUES (1, 1, 1), (2, 1, 2), (3, 2, 2);
INSERT INTO counts VALUES ('users', 2);
CREATE TRIGGER more AFTER INSERT ON users FOR EACH ROW UPDATE counts SET n = n + 1 WHERE what = 'users';
CREATE TRIGGER shout BEFORE INSERT ON users FOR EACH ROW SET NEW.name = UPPER(NEW.name);
CREATE TRIGGER prefix BEFORE INSERT ON users FOR EACH ROW FOLLOWS shout SET NEW.name = CONCAT('é', NEW.name)
"""


class Server:
    """The application's side of one database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = str(make_url(url).database)
        self.engine = sa.create_engine(url, poolclass=NullPool)

    def run(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

    def triggers(self) -> list[tuple[Any, ...]]:
        """Name, text, mode, character set and order of every trigger, as the server shows them."""
        names = self.rows(
            "SELECT trigger_name, action_order FROM information_schema.triggers"
            " WHERE trigger_schema = DATABASE() ORDER BY trigger_name"
        )
        return [(*self.rows(f"SHOW CREATE TRIGGER `{name}`")[0][:6], o) for name, o in names]


@pytest.fixture
def empty(fresh_database: Callable[[str], str]) -> Server:
    return Server(fresh_database("mariadb"))


@pytest.fixture
def server(empty: Server) -> Server:
    empty.run(*SCHEMA.split(";\n"))
    return empty


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    with open_database(server.url) as database:
        database.install()
        yield database
        database.uninstall()


# --- cascades -----------------------------------------------------------------------------------------


def test_cascades_of_several_levels_are_shown(server: Server, database: Database) -> None:
    before, mark = database.hash(), database.mark()
    with database.watch(transactions=True) as changes:
        server.run("DELETE FROM users WHERE id = 1")
    assert [c["id"] for c in changes.deleted("orders")] == [1, 2]
    assert [c.key for c in changes.deleted("items")] == [
        {"order_id": 1, "line": 1},
        {"order_id": 1, "line": 2},
    ]
    merged = changes.updated("messages").where(id=1).one()
    assert merged.changed == {"sender": (1, None), "receiver": (1, None)}
    assert changes.updated("messages").where(id=2).one().changed == {"sender": (1, None)}
    assert len(changes) == 7
    assert changes.one_transaction()
    database.undo(mark)
    assert database.hash() == before


def test_updated_keys_are_followed_through_all_levels(server: Server) -> None:
    server.run(
        "CREATE TABLE parts(order_id INT, line INT, part INT, twice INT AS (order_id * 2) VIRTUAL,"
        " PRIMARY KEY(order_id, line, part), FOREIGN KEY(order_id, line)"
        " REFERENCES items(order_id, line) ON UPDATE CASCADE ON DELETE CASCADE)",
        "INSERT INTO parts(order_id, line, part) VALUES (1, 1, 1), (1, 2, 1)",
    )
    with open_database(server.url) as database:
        database.install()
        before, mark = database.hash(), database.mark()
        with database.watch() as changes:
            server.run("UPDATE orders SET id = 7 WHERE id = 1")
        moved = changes.updated("parts")
        assert [(c.old_key["order_id"], c.key["order_id"]) for c in moved] == [(1, 7), (1, 7)]
        assert [c.changed["twice"] for c in moved] == [(2, 14), (2, 14)]
        assert len(changes.updated("items")) == 2
        database.undo(mark)
        assert database.hash() == before
        database.uninstall()


def test_a_skipped_delete_has_no_consequences(server: Server, database: Database) -> None:
    server.run("CREATE TABLE stays(user_id INT, FOREIGN KEY(user_id) REFERENCES users(id))")
    server.run("INSERT INTO stays VALUES (1)")
    database.install()
    before, mark = database.hash(), database.mark()
    with database.watch() as changes:
        server.run("DELETE IGNORE FROM users")  # user 1 must stay, user 2 goes
    assert [c["id"] for c in changes.deleted("users")] == [2]
    assert [c["id"] for c in changes.deleted("orders")] == [3]
    database.undo(mark)
    assert database.hash() == before


def test_rows_reached_twice_are_shown_once(empty: Server) -> None:
    empty.run(
        "CREATE TABLE tenants(id INT PRIMARY KEY)",
        "CREATE TABLE users(id INT PRIMARY KEY, tenant INT, FOREIGN KEY(tenant) REFERENCES tenants(id)"
        " ON DELETE CASCADE)",
        "CREATE TABLE groups_(id INT PRIMARY KEY, tenant INT, FOREIGN KEY(tenant) REFERENCES tenants(id)"
        " ON DELETE CASCADE)",
        "CREATE TABLE members(u INT, g INT, FOREIGN KEY(u) REFERENCES users(id) ON DELETE CASCADE,"
        " FOREIGN KEY(g) REFERENCES groups_(id) ON DELETE CASCADE)",
        "INSERT INTO tenants VALUES (1), (2)",
        "INSERT INTO users VALUES (1, 1), (2, 2)",
        "INSERT INTO groups_ VALUES (1, 1), (2, 2)",
        "INSERT INTO members VALUES (1, 1), (1, 1), (2, 1), (2, 2)",
    )
    with open_database(empty.url) as database:
        database.install()
        before, mark = database.hash(), database.mark()
        with database.watch() as changes:
            empty.run("DELETE FROM tenants WHERE id = 1")
        assert len([s for s in changes.steps if s.table == "members"]) == 3
        assert len(database.rows("members")) == 1
        database.undo(mark)
        assert database.hash() == before
        database.uninstall()


def test_rows_that_came_while_the_trigger_looked(server: Server) -> None:
    """READ COMMITTED: grandchildren added after the look and before the cascade are told, too."""
    server.run(
        "CREATE TABLE tags(order_id INT, tag CHAR(9), FOREIGN KEY(order_id) REFERENCES orders(id)"
        " ON DELETE CASCADE)",
        "CREATE TABLE refs(id INT PRIMARY KEY, order_id INT, FOREIGN KEY(order_id) REFERENCES orders(id)"
        " ON DELETE SET NULL)",
        "INSERT INTO tags VALUES (1, 'old'), (1, 'old')",
    )
    engine = server.engine.execution_options(isolation_level="READ COMMITTED")

    def leave() -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM users WHERE id = 1")

    with open_database(server.url) as database:
        database.install()
        before, mark = database.hash(), database.mark()
        with database.watch() as changes, database.hold("delete users", parties=1) as gate:
            thread = threading.Thread(target=leave)
            thread.start()
            assert gate.wait() == 1
            with engine.begin() as connection:
                for statement in (
                    "INSERT INTO items VALUES (1, 9, 'new')",
                    "INSERT INTO tags VALUES (1, 'old'), (1, 'new'), (3, 'new')",
                    "INSERT INTO refs VALUES (1, 1)",
                ):
                    connection.exec_driver_sql(statement)
            gate.release()
            thread.join(10)
        assert len(changes.deleted("items")) == 2
        assert changes.inserted("refs").one()["order_id"] is None
        assert [row["order_id"] for row in database.rows("tags")] == [3]
        assert len([s for s in changes.steps if (s.table, s.kind) == ("tags", "delete")]) == 4
        database.undo(mark)
        assert database.hash() == before
        database.uninstall()


def test_shapes_that_cannot_be_followed_are_refused(empty: Server) -> None:
    empty.run(
        "CREATE TABLE a(id INT PRIMARY KEY)",
        "CREATE TABLE b(id INT PRIMARY KEY, a INT, FOREIGN KEY(a) REFERENCES a(id) ON DELETE CASCADE)",
        "CREATE TABLE c(x INT, y INT, FOREIGN KEY(x) REFERENCES b(id) ON DELETE SET NULL,"
        " FOREIGN KEY(y) REFERENCES b(id) ON DELETE SET NULL)",
    )
    tables = empty.rows("SHOW TABLES")
    with (
        open_database(empty.url) as database,
        pytest.raises(Unsupported, match="c has no primary key"),
    ):
        database.install()
    assert empty.rows("SHOW TABLES") == tables
    assert empty.triggers() == []


# --- statements of their own kind ---------------------------------------------------------------------


def test_replace_and_on_duplicate_key(server: Server, database: Database) -> None:
    before, mark = database.hash(), database.mark()
    with database.watch() as changes:
        server.run(
            "REPLACE INTO items VALUES (1, 1, 'z')",
            "INSERT INTO items VALUES (1, 2, 'y') ON DUPLICATE KEY UPDATE sku = CONCAT(sku, '!')",
        )
    assert {c.key["line"]: c.changed for c in changes.updated("items")} == {
        1: {"sku": ("a", "z")},
        2: {"sku": ("b", "b!")},
    }
    database.undo(mark)
    assert database.hash() == before


def test_truncate_is_noticed_and_named(server: Server, database: Database) -> None:
    mark = database.mark()
    server.run("TRUNCATE items")
    with pytest.raises(TargetError, match="items was truncated"):
        database.undo(mark)
    with pytest.raises(TargetError, match="items was truncated"), database.watch():
        pass


def test_a_truncated_log_is_refused_by_the_next_run(server: Server) -> None:
    with open_database(server.url) as database:
        database.install()
        server.run("UPDATE items SET sku = 'x'", "DELETE FROM orders WHERE id = 3")
    server.run("TRUNCATE items")
    with pytest.raises(TargetError, match="row change\\(s\\) in items, which has been changed or"):
        restore(server.url)
    left = restore(server.url, discard=True)
    assert "discarded" in str(left)
    assert server.rows("SELECT COUNT(*) FROM orders") == [(2,)]


def test_the_application_sees_its_own_last_insert_id(server: Server, database: Database) -> None:
    with server.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO users(name) VALUES ('eve')")
        (key,) = connection.exec_driver_sql("SELECT LAST_INSERT_ID()").one()
        assert connection.exec_driver_sql(f"SELECT name FROM users WHERE id = {key}").one() == (
            "éEVE",
        )
    assert key == 3


def test_tables_that_cannot_be_captured_are_noticed(server: Server) -> None:
    server.run("CREATE TABLE legacy(id INT PRIMARY KEY) ENGINE = MyISAM")
    with open_database(server.url) as database:
        database.install()
        assert any("legacy is stored by MyISAM" in limit for limit in database.capabilities.limits)
        with database.watch() as changes:
            server.run("DELETE FROM items")
        assert len(changes) == 3
        mark = database.mark()
        server.run("INSERT INTO legacy VALUES (1)")
        with pytest.raises(TargetError, match="legacy changed"):
            database.undo(mark)
        database.uninstall()


def test_rows_too_long_to_be_logged_in_place(empty: Server) -> None:
    columns = ", ".join(f"c{i} VARCHAR(2000)" for i in range(8))
    empty.run(
        f"CREATE TABLE wide(id INT PRIMARY KEY, {columns}) CHARACTER SET utf8mb4",
        "INSERT INTO wide(id, c0) VALUES (1, 'x')",
    )
    with open_database(empty.url) as database:
        database.install()
        before, mark = database.hash(), database.mark()
        with database.watch() as changes:
            empty.run("UPDATE wide SET c7 = REPEAT('😀', 2000)", "INSERT INTO wide(id) VALUES (2)")
        assert changes.updated("wide").one()["c7"] == "😀" * 2000
        database.undo(mark)
        assert database.hash() == before
        database.uninstall()


def test_a_second_schema_is_watched_with_its_cascades(
    server: Server, fresh_database: Callable[[str], str]
) -> None:
    other = Server(fresh_database("mariadb"))
    other.run(
        f"CREATE TABLE bills(id INT PRIMARY KEY, user_id INT, FOREIGN KEY(user_id) REFERENCES"
        f" `{server.name}`.users(id) ON DELETE CASCADE)",
        "INSERT INTO bills VALUES (1, 1), (2, 2)",
    )
    with open_database(server.url, schemas=[server.name, other.name]) as database:
        database.install()
        before, mark = database.hash(), database.mark()
        with database.watch() as changes:
            server.run("DELETE FROM users WHERE id = 1")
        assert changes.deleted(f"{other.name}.bills").one().key == {"id": 1}
        database.undo(mark)
        assert database.hash() == before
        database.uninstall()
    assert other.triggers() == []
    other.run("DROP TABLE bills")


# --- transactions -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("autocommit", "commits", "expected"), [(0, 1, 1), (0, 2, 2), (1, 0, 2)])
def test_transactions_of_one_connection_are_told_apart(
    server: Server, database: Database, autocommit: int, commits: int, expected: int
) -> None:
    level = "AUTOCOMMIT" if autocommit else "REPEATABLE READ"
    engine = server.engine.execution_options(isolation_level=level)
    with database.watch(transactions=True) as changes, engine.connect() as connection:
        connection.exec_driver_sql("UPDATE items SET sku = 'x'")
        if commits == 2:
            connection.commit()
        connection.exec_driver_sql("UPDATE orders SET note = 'x'")
        connection.commit()
    assert len({step.transaction for step in changes.steps}) == expected
    assert bool(changes.one_transaction()) is (expected == 1)
    assert changes.one_transaction().known


def test_a_fault_meets_each_try_of_a_connection(server: Server, database: Database) -> None:
    engine = sa.create_engine(server.url)
    with database.fault("update items") as injected:
        for _ in range(3):
            with pytest.raises(sa.exc.OperationalError), engine.begin() as connection:
                connection.exec_driver_sql("UPDATE items SET sku = 'x'")
    assert "fired 3 time(s)" in repr(injected.fired)
    engine.dispose()


def test_transactions_are_told_only_to_those_who_ask(server: Server, database: Database) -> None:
    with database.watch() as changes:
        server.run("UPDATE orders SET note = 'x'")
    with pytest.raises(TargetError, match="did not ask") as caught:
        changes.one_transaction()
    assert "watch(transactions=True)" in caught.value.hint
    with database.fault("update items", nth=99), database.watch() as changes:
        server.run("UPDATE orders SET note = 'y'")
    assert changes.one_transaction().known


def test_sessions_of_every_kind_are_captured(server: Server, database: Database) -> None:
    """XA, prepared statements, procedures that commit, multi-table statements."""
    server.run(
        "CREATE PROCEDURE twice() BEGIN INSERT INTO items VALUES (2, 1, 'a'); COMMIT;"
        " INSERT INTO items VALUES (2, 2, 'a'); COMMIT; END"
    )
    before, mark = database.hash(), database.mark()
    engine = server.engine.execution_options(isolation_level="AUTOCOMMIT")
    with database.watch(transactions=True) as changes, engine.connect() as connection:
        for statement in (
            "XA START 'gs'",
            "UPDATE orders SET note = 'xa' WHERE id = 2",
            "DELETE FROM messages",
            "XA END 'gs'",
            "XA PREPARE 'gs'",
            "XA COMMIT 'gs'",
            "PREPARE s FROM 'UPDATE orders SET note = ? WHERE id = 3'",
            "EXECUTE s USING 'prepared'",
            "START TRANSACTION",
            "CALL twice()",
            "DELETE o, i FROM orders o JOIN items i ON i.order_id = o.id WHERE o.id = 3",
            "COMMIT",
        ):
            connection.exec_driver_sql(statement)
    groups: dict[str | None, list[str]] = {}
    for step in changes.steps:
        groups.setdefault(step.transaction, []).append(f"{step.kind} {step.table}")
    assert list(groups.values()) == [
        ["update orders", *["delete messages"] * 3],
        ["update orders"],
        ["insert items"],
        ["insert items"],
        ["delete orders", "delete items"],
    ]
    database.undo(mark)
    assert database.hash() == before
    with engine.connect() as connection:
        connection.exec_driver_sql("PREPARE s FROM 'UPDATE orders SET note = ? WHERE id = 3'")
        connection.exec_driver_sql("EXECUTE s USING 'one'")
        with database.fault("update orders") as fault, pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql("EXECUTE s USING 'two'")
        assert fault.fired
        connection.exec_driver_sql("EXECUTE s USING 'three'")
    assert database.row("orders", id=3)["note"] == "three"


def test_a_writer_in_flight_is_named(
    server: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mariadb_wait, "SETTLE_SECONDS", 0.3)
    monkeypatch.setitem(mariadb_wait.pass_gate.__kwdefaults__, "seconds", 0.3)
    with server.engine.connect() as connection:
        thread = connection.connection.driver_connection.thread_id()
        connection.exec_driver_sql("UPDATE items SET sku = 'x'")
        with pytest.raises(
            TargetError,
            match=f"in flight after .*connection {thread} .*3 row.*s. changed|connection {thread} ",
        ):
            database.mark()
        connection.rollback()
    database.mark()


def test_reading_transactions_are_in_nobodys_way(server: Server, database: Database) -> None:
    before, mark = database.hash(), database.mark()
    with server.engine.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM items").all()  # and stays open
        server.run("DELETE FROM items", "INSERT INTO users(name) VALUES ('eve')")
        assert database.undo(mark) > 3
        with database.fault("insert items"), pytest.raises(sa.exc.DBAPIError):
            server.run("INSERT INTO items VALUES (2, 1, 'q')")
    assert database.hash() == before


def test_a_foreign_change_is_a_conflict_and_changes_nothing(
    server: Server, database: Database
) -> None:
    mark = database.mark()
    server.run("UPDATE items SET sku = 'x' WHERE line = 1", "DELETE FROM messages")
    server.run("SET @_gen_suite_off = 1", "UPDATE items SET sku = 'y' WHERE order_id = 3")
    found = database.hash()
    with pytest.raises(TargetError, match=r"items\(order_id=3, line=1\): expected .*'x'.*'y'"):
        database.undo(mark)
    assert database.hash() == found
    server.run("SET @_gen_suite_off = 1", "UPDATE items SET sku = 'x' WHERE order_id = 3")
    database.undo(mark)


def test_mark_and_undo_of_nothing_ask_two_questions(server: Server, database: Database) -> None:
    database.undo(database.mark())
    count = "SHOW SESSION STATUS LIKE 'Questions'"
    session = database._engine._session  # type: ignore[attr-defined]

    def questions() -> int:
        before = int(session.rows(count)[0][1])
        database.undo(database.mark())
        return int(session.rows(count)[0][1]) - before - 1

    # a schema statement of whomever on the server makes it look closer once
    assert min(questions() for _ in range(10)) <= 4


# --- installing ---------------------------------------------------------------------------------------


def test_triggers_of_the_application_come_back_as_they_were(server: Server) -> None:
    with server.engine.connect() as connection:
        connection.exec_driver_sql("SET NAMES latin1")
        connection.exec_driver_sql("SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'")
        connection.exec_driver_sql(
            'CREATE TRIGGER "odd" AFTER UPDATE ON items FOR EACH ROW /* FOR EACH ROW */ BEGIN '
            "UPDATE counts SET n = n + 1 WHERE what = 'x' || 'y'; END -- the end"
        )
    before = server.triggers()
    with open_database(server.url) as database:
        database.install()
        assert server.triggers() != before
        mark, hashes = database.mark(), database.hash()
        server.run("INSERT INTO users(name) VALUES ('eve')")
        assert server.rows("SELECT n FROM counts") == [(3,)]
        assert server.rows("SELECT name FROM users WHERE id = 3") == [("éEVE",)]
        database.undo(mark)
        assert database.hash() == hashes
        database.uninstall()
    assert server.triggers() == before


INSTALL = """
import sys
from gen_suite.runtime.database import open_database
database = open_database(sys.argv[1])
print("go", flush=True)
while True:
    database.install()
    database.uninstall()
"""


@pytest.mark.fuzz
def test_a_killed_installation_leaves_nothing(server: Server, fuzz_rounds: Any) -> None:
    triggers, tables = server.triggers(), server.rows("SHOW TABLES")
    with open_database(server.url) as database:
        hashes = database.hash()
    rng = random.Random(3)
    for number in range(fuzz_rounds(4, 40)):
        command = [sys.executable, "-c", INSTALL, server.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(rng.uniform(0, 0.6))
            process.send_signal(signal.SIGKILL)
        restore(server.url)
        assert server.triggers() == triggers, f"round {number}"
        assert server.rows("SHOW TABLES") == tables
        with open_database(server.url) as database:
            assert database.hash() == hashes


def test_a_table_in_use_stops_the_installation_and_is_told(server: Server) -> None:
    triggers = server.triggers()
    with server.engine.connect() as connection, open_database(server.url) as database:
        thread = connection.connection.driver_connection.thread_id()
        connection.exec_driver_sql("SELECT * FROM items").all()
        with pytest.raises(
            TargetError, match=rf"within \d[.\d]* s: .*connection {thread} .*asleep"
        ):
            database.install(lock_timeout=1)
        connection.rollback()
        assert server.triggers() == triggers
        database.install()
        database.uninstall()


@pytest.fixture
def account(server: Server) -> Iterator[Callable[[str], str]]:
    """`account("SELECT, INSERT")`: the URL of a new user with these rights on the database."""
    user = f"gs_{server.name[-16:]}"

    def make(rights: str, everywhere: str = "") -> str:
        server.run(
            f"DROP USER IF EXISTS '{user}'@'%%'",
            f"CREATE USER '{user}'@'%%' IDENTIFIED BY 'geheim'",
            f"GRANT {rights} ON `{server.name}`.* TO '{user}'@'%%'",
        )
        if everywhere:
            server.run(f"GRANT {everywhere} ON *.* TO '{user}'@'%%'")
        url = make_url(server.url).set(username=user, password="geheim")
        return url.render_as_string(hide_password=False)

    yield make
    server.run(f"DROP USER IF EXISTS '{user}'@'%%'")


def test_missing_rights_are_told_with_the_grant(
    server: Server, account: Callable[[str], str]
) -> None:
    objects = server.rows("SHOW TABLES"), server.triggers()
    for rights in (
        "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP",
        "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, CREATE ROUTINE, ALTER ROUTINE, EXECUTE",
        "ALL",  # without PROCESS
    ):
        with (
            open_database(account(rights)) as database,
            pytest.raises(TargetError, match=r"GRANT .*TRIGGER.*GRANT PROCESS") as refused,
        ):
            database.install()
        assert "geheim" not in str(refused.value)
        restore(server.url)
        assert (server.rows("SHOW TABLES"), server.triggers()) == objects


def test_an_account_with_the_told_rights_is_enough(
    server: Server, account: Callable[..., str]
) -> None:
    server.run("DROP TRIGGER more", "DROP TRIGGER prefix", "DROP TRIGGER shout")  # root's
    url = account(
        "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES, TRIGGER, LOCK TABLES,"
        " CREATE ROUTINE, ALTER ROUTINE, EXECUTE, CREATE VIEW, SHOW VIEW",
        "PROCESS",
    )
    with open_database(url) as database:
        database.install()
        before, mark = database.hash(), database.mark()
        with database.watch() as changes, database.fault("insert items", error="deadlock") as fault:
            server.run("DELETE FROM users WHERE id = 1")
            with pytest.raises(sa.exc.DBAPIError):
                server.run("INSERT INTO items VALUES (3, 9, 'q')")
        assert fault.fired
        assert len(changes) == 7
        database.undo(mark)
        assert database.hash() == before
        database.uninstall()


# --- faults -------------------------------------------------------------------------------------------


def test_an_injected_deadlock_takes_the_whole_transaction(
    server: Server, database: Database
) -> None:
    with (
        database.watch() as changes,
        database.fault("update orders", error="deadlock", times=1) as fault,
        server.engine.connect() as connection,
    ):
        connection.exec_driver_sql("UPDATE items SET sku = 'lost'")
        with pytest.raises(sa.exc.OperationalError, match="1213"):
            connection.exec_driver_sql("UPDATE orders SET note = 'x'")
        connection.exec_driver_sql("UPDATE orders SET note = 'y' WHERE id = 1")
        connection.commit()  # no ROLLBACK by the application: the server has done it
    assert fault.fired
    assert changes.only("orders")
    assert changes.updated("orders").one()["note"] == "y"


def test_a_fault_hits_what_foreign_keys_do(server: Server, database: Database) -> None:
    with (
        database.watch() as changes,
        database.fault("delete items", nth=2) as fault,
        pytest.raises(sa.exc.DBAPIError, match="injected failure"),
    ):
        server.run("DELETE FROM users WHERE id = 1")
    assert fault.fired
    assert changes.none()
    with database.fault("delete items", nth=3) as fault:
        server.run("DELETE FROM users WHERE id = 1")
    assert not fault.fired.ok


def test_the_nth_write_is_counted_per_transaction(server: Server, database: Database) -> None:
    with database.fault("insert items", nth=2) as fault, server.engine.connect() as connection:
        for line in (11, 12):
            connection.exec_driver_sql(f"INSERT INTO items VALUES (2, {line}, 'a')")
            connection.commit()
        assert not fault.fired.ok
        connection.exec_driver_sql("INSERT INTO items VALUES (2, 13, 'a')")
        with pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql("INSERT INTO items VALUES (2, 14, 'a')")
    assert fault.fired


@pytest.mark.parametrize("autocommit", [False, True])
@pytest.mark.parametrize("cut", [False, True])
def test_commit_fails_for_one_transaction_only(
    server: Server, database: Database, autocommit: bool, cut: bool
) -> None:
    engine = server.engine
    if autocommit:
        engine = engine.execution_options(isolation_level="AUTOCOMMIT")
    with database.watch() as changes:
        with database.fault("commit", where={"items.sku": "mine"}, cut=cut) as fault:
            server.run("UPDATE orders SET note = 'other'")
            insert = "INSERT INTO items VALUES (2, 7, 'mine')"
            with engine.connect() as connection:
                if not autocommit:
                    connection.exec_driver_sql(insert)
                with pytest.raises(sa.exc.OperationalError, match="2013" if cut else "1213"):
                    connection.exec_driver_sql(insert) if autocommit else connection.commit()
            assert fault.fired
        server.run("INSERT INTO items VALUES (2, 7, 'mine')")
    assert len(changes.updated("orders")) == 3
    assert len(changes.inserted("items")) == 1


def test_commit_fails_once_and_not_for_a_rollback(server: Server, database: Database) -> None:
    with database.fault("commit") as fault:
        with server.engine.connect() as connection:
            connection.exec_driver_sql("UPDATE items SET sku = 'x'")
            connection.rollback()
        assert not fault.fired.ok
    with database.fault("commit", times=1) as fault:
        with pytest.raises(sa.exc.OperationalError, match="1213"):
            server.run("UPDATE items SET sku = 'x'")
        server.run("UPDATE items SET sku = 'x'")
    assert fault.fired
    with database.fault("commit", nth=2) as fault:
        server.run("UPDATE items SET sku = 'y'")
        assert not fault.fired.ok
        with pytest.raises(sa.exc.OperationalError, match="1213"):
            server.run("UPDATE items SET sku = 'z'")
    assert server.rows("SELECT DISTINCT sku FROM items") == [("y",)]


def test_commit_can_fail_by_a_deadlock_only(database: Database) -> None:
    with (
        pytest.raises(Unsupported, match="by a deadlock only"),
        database.fault("commit", error="unique"),
    ):
        pass


def test_faults_side_by_side(server: Server, database: Database) -> None:
    with database.fault("insert items") as first, database.fault("insert orders") as second:
        with pytest.raises(sa.exc.DBAPIError):
            server.run("INSERT INTO orders(user_id) VALUES (1)")
        assert second.fired
        assert not first._armed.hits()
        second.disarm()
        server.run("INSERT INTO orders(id, user_id) VALUES (50, 1)")
        with pytest.raises(sa.exc.DBAPIError):
            server.run("INSERT INTO items VALUES (50, 1, 'q')")
        assert first.fired


def test_a_fault_ends_even_while_its_transaction_is_open(
    server: Server, database: Database
) -> None:
    with server.engine.connect() as connection:
        with database.fault("insert orders") as fault:
            connection.exec_driver_sql("UPDATE items SET sku = 'x'")  # holds the procedure
            fault.disarm()
        connection.exec_driver_sql("INSERT INTO orders(user_id) VALUES (1)")
        connection.rollback()
    with database.fault("insert items") as fault, pytest.raises(sa.exc.DBAPIError):
        server.run("INSERT INTO items VALUES (2, 1, 'q')")
    assert fault.fired


# --- pause points -------------------------------------------------------------------------------------


def test_both_requests_pass_their_check_before_either_writes(
    server: Server, database: Database
) -> None:
    def register() -> None:
        with server.engine.begin() as connection:
            taken = connection.exec_driver_sql("SELECT 1 FROM messages WHERE id = 77").all()
            assert not taken
            connection.exec_driver_sql("INSERT INTO messages(id) VALUES (77)")

    outcomes = database.race(register, register, on="insert messages")
    errors = [outcome.error for outcome in outcomes if outcome.error]
    assert len(errors) == 1
    assert isinstance(errors[0], sa.exc.IntegrityError)


def test_who_waits_for_the_row_of_one_at_the_gate_has_arrived(
    server: Server, database: Database
) -> None:
    def spend(note: str) -> None:
        server.run(f"UPDATE orders SET note = '{note}' WHERE id = 1")

    start = time.monotonic()
    outcomes = database.race(
        lambda: spend("a"), lambda: spend("b"), on="update orders", together=False
    )
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert time.monotonic() - start < 5


def test_a_transaction_waits_once_and_in_order(server: Server, database: Database) -> None:
    ended: list[int] = []

    def write(order: int) -> None:
        server.run(
            f"INSERT INTO items VALUES ({order}, 31, 'a')",
            f"INSERT INTO items VALUES ({order}, 32, 'a')",
        )
        ended.append(order)

    with database.hold("insert items", parties=3) as gate:
        threads = [threading.Thread(target=write, args=(order,)) for order in (3, 1, 2)]
        for place, thread in enumerate(threads):
            thread.start()
            assert gate.wait(place + 1) == place + 1
        database.arrange("items")  # the harness does not wait
        for count in (1, 2, 3):
            gate.release_one()
            threads[count - 1].join(10)
            assert len(ended) == count
    assert ended == [3, 1, 2]


# --- clones -------------------------------------------------------------------------------------------


def test_a_clone_has_everything_and_nothing_of_the_capture(server: Server) -> None:
    server.run(
        "CREATE VIEW names AS SELECT name FROM users",
        "CREATE VIEW a_long AS SELECT name FROM names WHERE CHAR_LENGTH(name) > 2",
        "CREATE SEQUENCE numbers START WITH 40 NOCACHE",
        "CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n",
        "CREATE TABLE gen(id INT PRIMARY KEY, d INT GENERATED ALWAYS AS (id * 2) STORED)",
        "INSERT INTO gen(id) VALUES (4)",
    )
    server.rows("SELECT NEXTVAL(numbers)")
    triggers = server.triggers()
    with open_database(server.url) as database:
        database.install()
        copy = Server(clone(server.url, "gw1"))
        with open_database(copy.url) as other:
            assert other.hash() == database.hash()
        database.uninstall()
    try:
        shown = [row[:6] for row in triggers]
        assert [row[:6] for row in copy.triggers()] == shown
        assert copy.rows("SELECT * FROM a_long") == [("ann",), ("bob",)]
        assert copy.rows("SELECT twice(21), NEXTVAL(numbers), (SELECT d FROM gen)") == [(42, 41, 8)]
        copy.run("DELETE FROM users WHERE id = 1", "INSERT INTO users(name) VALUES ('eve')")
        assert copy.rows("SELECT COUNT(*) FROM items") == [(1,)]
        assert copy.rows("SELECT * FROM names") == [("bob",), ("éEVE",)]
        assert server.rows("SELECT COUNT(*) FROM items") == [(3,)]
        names = {name for name, *_ in copy.rows("SHOW TABLES")}
        assert [name for name in names if name.startswith("_gen_suite")] == ["_gen_suite_clone"]
    finally:
        drop_clone(copy.url)
