"""MariaDB: random transactions of hostile sessions, taken back exactly and shown exactly.

Every round compares all rows of all tables, read here by other means than the engine's, with what they
were; and the net changes with the difference of the two readings.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pymysql
import pytest
from sqlalchemy.engine import make_url

from gen_suite.errors import TargetError
from gen_suite.runtime.database import (
    Changes,
    Database,
    mariadb_capture,
    mariadb_install,
    open_database,
)

pytestmark = pytest.mark.fuzz

SCHEMA = """
CREATE TABLE tenants(id VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT DEFAULT 0);
CREATE TABLE users(id INT AUTO_INCREMENT PRIMARY KEY, tenant VARCHAR(20) COLLATE utf8mb4_general_ci,
  email VARCHAR(100) COLLATE utf8mb4_general_ci UNIQUE NOT NULL, bal DECIMAL(12,4),
  m ENUM('a','b','c') DEFAULT 'a',
  st SET('x','y'), meta JSON, bl BLOB, bi BIT(9), f FLOAT, d DOUBLE, u BIGINT UNSIGNED,
  ts TIMESTAMP(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), dt DATETIME(3),
  t TIME(2), y YEAR,
  glen INT GENERATED ALWAYS AS (CHAR_LENGTH(email)) STORED, gv INT GENERATED ALWAYS AS (bi * 2) VIRTUAL,
  geo POINT, lat VARCHAR(20) CHARACTER SET latin1, uid UUID, ip INET6, hid INT INVISIBLE DEFAULT 3,
  FOREIGN KEY(tenant) REFERENCES tenants(id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE orders(id BIGINT AUTO_INCREMENT PRIMARY KEY, user_id INT NOT NULL,
  total DECIMAL(10,2), note TEXT,
  FOREIGN KEY(user_id) REFERENCES users(id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE items(order_id BIGINT, line INT, sku VARCHAR(20), qty INT CHECK(qty >= 0),
  PRIMARY KEY(order_id, line),
  FOREIGN KEY(order_id) REFERENCES orders(id) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE parts(order_id BIGINT, line INT, part INT, PRIMARY KEY(order_id, line, part),
  FOREIGN KEY(order_id, line) REFERENCES items(order_id, line) ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE messages(id INT AUTO_INCREMENT PRIMARY KEY, sender INT NULL, receiver INT NULL, body TEXT,
  FOREIGN KEY(sender) REFERENCES users(id) ON DELETE SET NULL ON UPDATE CASCADE,
  FOREIGN KEY(receiver) REFERENCES users(id) ON DELETE SET NULL);
CREATE TABLE friends(a INT, b INT, since YEAR, KEY(a), KEY(b),
  FOREIGN KEY(a) REFERENCES users(id) ON DELETE CASCADE,
  FOREIGN KEY(b) REFERENCES users(id) ON DELETE CASCADE);
CREATE TABLE tree(id INT PRIMARY KEY, parent INT, name VARCHAR(10),
  FOREIGN KEY(parent) REFERENCES tree(id) ON DELETE CASCADE);
CREATE TABLE leaf(id INT PRIMARY KEY, tid INT, FOREIGN KEY(tid) REFERENCES tree(id) ON DELETE CASCADE);
CREATE TABLE staff(id INT PRIMARY KEY, boss INT, FOREIGN KEY(boss) REFERENCES staff(id) ON DELETE SET NULL);
CREATE TABLE emails(email VARCHAR(100) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT,
  FOREIGN KEY(email) REFERENCES users(email) ON UPDATE CASCADE ON DELETE CASCADE);
CREATE TABLE heads(id INT PRIMARY KEY, tail INT);
CREATE TABLE tails(id INT PRIMARY KEY, head INT, FOREIGN KEY(head) REFERENCES heads(id) ON DELETE CASCADE);
ALTER TABLE heads ADD FOREIGN KEY(tail) REFERENCES tails(id) ON DELETE CASCADE;
CREATE TABLE nokey(a INT, b VARCHAR(20), c VARBINARY(20), f FLOAT, j JSON);
CREATE TABLE uniq(code CHAR(5) COLLATE utf8mb4_general_ci NOT NULL UNIQUE, n INT);
CREATE TABLE ev(id INT, at DATE NOT NULL, v TEXT, PRIMARY KEY(id, at)) PARTITION BY RANGE(YEAR(at))
  (PARTITION p0 VALUES LESS THAN (2026), PARTITION p1 VALUES LESS THAN (2027),
  PARTITION p2 VALUES LESS THAN MAXVALUE);
CREATE TABLE `Wei rd`(`Se lect` INT PRIMARY KEY, `a``b` VARCHAR(10));
CREATE TABLE stats(k VARCHAR(20) PRIMARY KEY, n BIGINT);
CREATE VIEW rich AS SELECT id, email, bal FROM users WHERE bal > 100;
CREATE TRIGGER cnt1 AFTER INSERT ON users FOR EACH ROW UPDATE stats SET n = n + 1 WHERE k = 'users';
CREATE TRIGGER cnt2 AFTER DELETE ON users FOR EACH ROW UPDATE stats SET n = n - 1 WHERE k = 'users';
CREATE TRIGGER bu BEFORE UPDATE ON orders FOR EACH ROW SET NEW.note = CONCAT(COALESCE(NEW.note, ''), '!');
CREATE TRIGGER bd BEFORE DELETE ON tenants FOR EACH ROW UPDATE stats SET n = n + 1 WHERE k = 'tenants'
"""
FILL = """
INSERT INTO stats VALUES ('users', 0), ('tenants', 0);
INSERT INTO tenants SELECT CONCAT('t', seq), 0 FROM seq_1_to_9;
INSERT INTO users(id, tenant, email, bal, m, st, meta, bl, bi, f, d, u, dt, t, y, geo, lat, uid, ip)
  SELECT seq, CONCAT('T', 1 + seq % 9), CONCAT('U', seq, '@é😀x'), seq * 1.1,
  ELT(1 + seq % 3, 'a', 'b', 'c'), 'x,y',
  '{ "b":1,  "a":null}', UNHEX(CONCAT('00FF80', LPAD(HEX(seq % 256), 2, '0'))), b'10101', seq / 3, seq / 7,
  18446744073709551615 - seq, '2026-01-02 03:04:05.678', '-12:34:56.78', 2026, POINT(seq, 1.1), 'é',
  UUID(), '::1'
  FROM seq_1_to_150;
INSERT INTO orders(id, user_id, total, note) SELECT seq, 1 + seq % 150, seq, 'n' FROM seq_1_to_300;
INSERT INTO items SELECT 1 + seq % 300, seq, 's', seq FROM seq_1_to_500;
INSERT INTO parts SELECT order_id, line, 1 FROM items WHERE line % 3 = 0;
INSERT INTO messages(sender, receiver, body) SELECT 1 + seq % 150, 1 + (seq * 7) % 30, 'b' FROM seq_1_to_200;
INSERT INTO messages(sender, receiver, body) SELECT seq, seq, 'self' FROM seq_1_to_40;
INSERT INTO friends SELECT 1 + seq % 40, 1 + (seq * 3) % 40, 2020 FROM seq_1_to_120;
INSERT INTO tree SELECT seq, NULLIF(FLOOR(seq / 2), 0), 't' FROM seq_1_to_100;
INSERT INTO leaf SELECT seq, seq FROM seq_1_to_100;
INSERT INTO staff SELECT seq, NULLIF(FLOOR(seq / 3), 0) FROM seq_1_to_60;
INSERT INTO emails SELECT email, 1 FROM users WHERE id < 100;
INSERT INTO heads SELECT seq, NULL FROM seq_1_to_30;
INSERT INTO tails SELECT seq, 1 + seq % 30 FROM seq_1_to_30;
UPDATE heads SET tail = 1 + id % 30 WHERE id % 8 IN (1, 3, 5);
INSERT INTO nokey SELECT seq % 5, IF(seq % 2, 'b', 'B'), UNHEX('0100'), (seq % 5) / 3, '[1]' FROM seq_1_to_60;
INSERT INTO uniq SELECT CONCAT('c', seq), seq FROM seq_1_to_60;
INSERT INTO ev SELECT seq, DATE_ADD('2025-06-01', INTERVAL seq * 2 DAY), 'v' FROM seq_1_to_300;
INSERT INTO `Wei rd` SELECT seq, 'x' FROM seq_1_to_20
"""
# duplicate, foreign keys, too long a cascade, no savepoint, CHECK, read-only, deadlock, lock wait, changed
FORESEEN = {1062, 1296, 1305, 1467, 1451, 1452, 4025, 1761, 1213, 1205, 1020, 1366, 1406}


def statements(rng: random.Random) -> list[str]:
    u, w = rng.randint(1, 170), rng.randint(1, 170)
    return [
        f"INSERT INTO users(email, bal, f, tenant) VALUES ('n{rng.random()}', 1.5, 0.1, 't{u % 9 + 1}')",
        f"UPDATE users SET bal = bal + 1 WHERE id = {u}",
        f"DELETE FROM users WHERE id = {u}",
        f"DELETE FROM users WHERE id IN ({u}, {w}, {u + 1})",
        f"INSERT INTO users(id, email) VALUES ({u}, 'up{u}')"
        " ON DUPLICATE KEY UPDATE email = CONCAT(email, '!')",
        f"INSERT IGNORE INTO users(id, email) VALUES ({u}, 'u{w}')",
        f"REPLACE INTO users(id, email) VALUES ({u}, 'U{w}@é😀x')",
        f"UPDATE IGNORE users SET email = 'U{w}@é😀x' WHERE id IN ({u}, {w + 1})",
        f"UPDATE IGNORE users SET id = id + 1 WHERE id BETWEEN {u} AND {u + 3} ORDER BY id",
        f"UPDATE users SET id = id + 10000 WHERE id = {u}",
        f"UPDATE users SET email = UPPER(email) WHERE id = {u}",
        f"UPDATE users SET meta = ' {{}}', bl = x'00', bi = b'1', d = d + 0.1, geo = NULL, ip = '::2'"
        f" WHERE id = {u}",
        f"UPDATE users SET st = 'y', t = '00:00:00.01', y = 1999, u = {u}, lat = 'ü', hid = {w}"
        f" WHERE id = {u}",
        f"UPDATE rich SET bal = bal * 2 WHERE id < {u}",
        f"UPDATE tenants SET id = 'x{u}' WHERE id = 't{u % 12}'",
        f"UPDATE tenants SET id = UPPER(id), n = n + 1 WHERE id = 't{u % 12}'",
        f"DELETE FROM tenants WHERE id = 't{u % 12}'"
        if u % 4 == 0
        else f"DELETE FROM staff WHERE id = {u}",
        f"UPDATE orders SET total = total * 2 WHERE id % 7 = {u % 7}",
        f"UPDATE orders SET id = id + 5000 WHERE id = {u}",
        f"DELETE FROM orders WHERE id = {u}",
        f"UPDATE items SET line = line + 900 WHERE order_id = {u}",
        f"DELETE IGNORE FROM items WHERE order_id = {u}",
        f"INSERT INTO friends VALUES ({u % 40 + 1}, {w % 40 + 1}, 2021)",
        f"DELETE FROM friends WHERE a = {u} LIMIT 1",
        f"DELETE FROM messages WHERE sender = {u}",
        "INSERT INTO nokey VALUES (1, 'b', x'0100', 1 / 3, '[1]')",
        f"UPDATE nokey SET b = NULL WHERE a = {u % 5} LIMIT 2",
        f"DELETE FROM nokey WHERE a = {u % 5} LIMIT 3",
        f"UPDATE nokey SET b = 'B', j = '[1 ]' WHERE a = {u % 5} AND b = 'b' LIMIT 1",
        f"REPLACE INTO uniq VALUES ('C{u}', {w})",
        f"UPDATE IGNORE uniq SET code = 'c{w}' WHERE n IN ({u}, {w})",
        f"DELETE FROM tree WHERE id = {u}",
        f"INSERT INTO tree VALUES ({u + 500}, {w % 100 + 1}, 'z')",
        f"INSERT INTO leaf VALUES ({u + 500}, {w % 100 + 1})",
        f"DELETE FROM heads WHERE id = {u % 30 + 1}",
        f"DELETE u, o FROM users u JOIN orders o ON o.user_id = u.id WHERE u.id = {u}",
        "UPDATE users u JOIN orders o ON o.user_id = u.id SET u.bal = 9, o.total = 8"
        f" WHERE u.id BETWEEN {u} AND {u + 3}",
        f"INSERT INTO ev VALUES ({u + 900}, DATE_ADD('2025-12-01', INTERVAL {w * 3} DAY), 'n')",
        f"UPDATE ev SET at = DATE_ADD(at, INTERVAL 1 YEAR) WHERE id = {u}",
        f"UPDATE `Wei rd` SET `a``b` = NULL, `Se lect` = `Se lect` + 100 WHERE `Se lect` = {u % 20}",
        f"INSERT INTO orders(user_id, total) SELECT id, 5 FROM users WHERE id % 9 = {u % 9}",
        "DELETE FROM users"
        if u % 40 == 0
        else f"UPDATE users SET email = CONCAT('x', email) WHERE id = {u}",
        "SAVEPOINT a",
    ]


class Fuzzed:
    """A filled database, watched."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        with self.session() as connection, connection.cursor() as cursor:
            cursor.execute("SET foreign_key_checks = 0")
            for statement in [*SCHEMA.split(";"), *FILL.split(";")]:
                cursor.execute(statement)
        self.database = open_database(url)

    def session(self, **options: Any) -> Any:
        options = {"autocommit": True, **options}
        return pymysql.connect(
            host=self.url.host,
            port=self.url.port or 3306,
            user=self.url.username,
            password=self.url.password or "",
            database=self.url.database,
            charset="utf8mb4",
            **options,
        )

    def everything(self) -> dict[str, list[str]]:
        """Every row of every table as bytes; FLOAT and DOUBLE to their last digit."""
        found = {}
        with self.session() as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE"
                " table_schema = DATABASE() AND table_name NOT LIKE '\\_gen%' AND table_name <> 'rich'"
            )
            columns: dict[str, list[str]] = {}
            for table, name, kind in cursor.fetchall():
                quoted = "`" + name.replace("`", "``") + "`"
                text = f"CAST({quoted} AS DOUBLE)" if kind in ("float", "double") else quoted
                columns.setdefault(table, []).append(
                    f"HEX(CAST({text} AS CHAR CHARACTER SET binary))"
                )
            for table, wanted in columns.items():
                cursor.execute(f"SELECT {', '.join(wanted)} FROM `{table}`")
                found[table] = sorted(map(repr, cursor.fetchall()))
        return found

    def rows(self) -> dict[str, dict[str, Any]]:
        """Table to key to typed row, of the tables with a primary key."""
        found = {}
        for name, info in self.database.tables.items():
            if info.key:
                rows = self.database.rows(name)
                found[name] = {repr([row[c] for c in info.key]): dict(row) for row in rows}
        return found

    def transaction(self, rng: random.Random, connection: Any) -> None:
        with connection.cursor() as cursor:
            for _ in range(rng.randint(1, 5)):
                statement = rng.choice(statements(rng))
                try:
                    cursor.execute(statement)
                    if statement == "SAVEPOINT a":
                        cursor.execute("DELETE FROM orders WHERE id % 5 = 0")
                        if rng.random() < 0.7:
                            cursor.execute("ROLLBACK TO a")
                except pymysql.err.MySQLError as error:
                    if error.args[0] not in FORESEEN:
                        raise AssertionError(f"{error} from {statement}") from error
                    if error.args[0] in (1213, 1205, 1020):
                        connection.rollback()
                        return
        connection.rollback() if rng.random() < 0.2 else connection.commit()

    def hostile(self, rng: random.Random) -> Any:
        connection = self.session(autocommit=rng.random() < 0.1)
        with connection.cursor() as cursor:
            cursor.execute(f"SET time_zone = '{rng.choice(['+00:00', '+09:00', '-03:30'])}'")
            mode = rng.choice(["", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES", "TRADITIONAL"])
            cursor.execute(f"SET sql_mode = '{mode}'")
            level = rng.choice(["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
            cursor.execute(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")
            cursor.execute("SET innodb_lock_wait_timeout = 2")
        return connection


@pytest.fixture
def fuzzed(fresh_database: Callable[[str], str]) -> Any:
    fuzzed = Fuzzed(fresh_database("mariadb"))
    yield fuzzed
    fuzzed.database.close()


def one_round(fuzzed: Fuzzed, seed: int) -> Changes:
    rng = random.Random(seed)
    with fuzzed.database.watch() as changes:
        for _ in range(rng.randint(1, 4)):
            with fuzzed.hostile(rng) as connection:
                fuzzed.transaction(rng, connection)
    return changes


def differences(changes: Changes, before: Any, after: Any) -> list[str]:
    """Where the net changes of tables with a key are not the difference of the two readings."""
    wrong = []
    for table in before:
        expected = {
            key: (before[table].get(key), after[table].get(key))
            for key in {*before[table], *after[table]}
            if before[table].get(key) != after[table].get(key)
        }
        shown: dict[str, list[Any]] = {}
        for change in changes:
            if change.table != table:
                continue
            if change.before is not None:
                old = repr(list((change.old_key or change.key).values()))
                shown.setdefault(old, [None, None])[0] = dict(change.before)
            if change.after is not None:
                shown.setdefault(repr(list(change.key.values())), [None, None])[1] = dict(
                    change.after
                )
        actual = {key: tuple(pair) for key, pair in shown.items() if pair[0] != pair[1]}
        for key in {*expected, *actual}:
            if expected.get(key) != actual.get(key):
                wrong.append(f"{table}{key}: is {expected.get(key)}, shown {actual.get(key)}")
    return wrong


def test_every_round_is_shown_and_taken_back(fuzzed: Fuzzed, fuzz_rounds: Any) -> None:
    database = fuzzed.database
    database.install()
    start, rows = fuzzed.everything(), fuzzed.rows()
    steps = 0
    for seed in range(fuzz_rounds(8, 600)):
        mark = database.mark()
        changes = one_round(fuzzed, seed)
        assert differences(changes, rows, fuzzed.rows()) == [], f"seed {seed}"
        steps += database.undo(mark)
        now = fuzzed.everything()
        assert [t for t in start if start[t] != now[t]] == [], f"seed {seed}"
    assert steps > 100
    database.uninstall()
    assert fuzzed.everything() == start


def test_marks_within_marks(fuzzed: Fuzzed, fuzz_rounds: Any) -> None:
    database = fuzzed.database
    database.install()
    for seed in range(fuzz_rounds(2, 60)):
        stack = []
        for level in range(4):
            stack.append((database.mark(), fuzzed.everything()))
            one_round(fuzzed, 100_000 + seed * 10 + level)
        for mark, expected in reversed(stack[:: 1 + seed % 2]):
            database.undo(mark)
            assert fuzzed.everything() == expected, f"seed {seed}"
        database.undo(stack[0][0])


def test_overlapping_writers(fuzzed: Fuzzed, fuzz_rounds: Any) -> None:
    database = fuzzed.database
    database.install()
    start = fuzzed.everything()
    failed: list[BaseException] = []

    def writer(seed: int) -> None:
        rng = random.Random(seed)
        try:
            with fuzzed.hostile(rng) as connection:
                for _ in range(12):
                    fuzzed.transaction(rng, connection)
        except BaseException as error:
            failed.append(error)

    for number in range(fuzz_rounds(1, 40)):
        mark, rows = database.mark(), fuzzed.rows()
        with database.watch() as changes:
            threads = [threading.Thread(target=writer, args=(number * 100 + i,)) for i in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert failed == []
        assert differences(changes, rows, fuzzed.rows()) == [], f"round {number}"
        assert database.undo(mark) > 0
        now = fuzzed.everything()
        assert [t for t in start if start[t] != now[t]] == [], f"round {number}"


def test_marks_while_others_write(fuzzed: Fuzzed, fuzz_rounds: Any) -> None:
    """A mark taken amid writers parts them: what was committed before it stays, the rest goes."""
    database: Database = fuzzed.database
    database.install()
    start = fuzzed.everything()
    outer = database.mark()
    for number in range(fuzz_rounds(2, 40)):
        over = threading.Event()

        def writer(seed: int, over: threading.Event = over) -> None:
            rng = random.Random(seed)
            with fuzzed.session(autocommit=False) as connection, connection.cursor() as cursor:
                while not over.is_set():
                    cursor.execute("INSERT INTO orders(user_id, total) VALUES (1, 1)")
                    cursor.execute(f"INSERT INTO leaf VALUES ({rng.randrange(10**9)}, 1)")
                    connection.commit()

        threads = [threading.Thread(target=writer, args=(number * 9 + i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        marks = [database.mark() for _ in range(5)]
        over.set()
        for thread in threads:
            thread.join()
        for mark in reversed(marks):
            database.undo(mark)
            (orders, leaves) = (len(database.rows(t)) for t in ("orders", "leaf"))
            assert orders - 300 == leaves - 100  # each transaction as a whole
    database.undo(outer)
    assert fuzzed.everything() == start


def noticed(fuzzed: Fuzzed) -> bool:
    """Whether what is missing shows: a conflict, or rows that are not as they were."""
    database = fuzzed.database
    database.install()
    start = fuzzed.everything()
    outer = database.mark()
    for seed in range(12):
        one_round(fuzzed, seed)
    try:
        database.undo(outer)
    except TargetError:
        return True
    return fuzzed.everything() != start


def test_the_fuzzer_notices_missing_cascades(
    fuzzed: Fuzzed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mariadb_install.Cascades, "body", lambda *_: "")
    assert noticed(fuzzed)


def test_the_fuzzer_notices_triggers_that_fire(
    fuzzed: Fuzzed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mariadb_install.guarding, "guard", lambda *_: None)
    assert noticed(fuzzed)


def test_the_fuzzer_notices_updates_that_were_skipped(
    fuzzed: Fuzzed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mariadb_capture, "_skipped", lambda _: "")
    assert noticed(fuzzed)
