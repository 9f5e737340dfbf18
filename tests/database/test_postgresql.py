"""What PostgreSQL alone has: schemas, partitions, roles, sessions, sequences, text forms of every type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from gen_suite.errors import TargetError
from gen_suite.runtime.database import Database, open_database, postgresql_undo, restore
from gen_suite.runtime.database.postgresql_moment import moment

SCHEMA = r"""
create schema billing;
create table users(id int primary key, email text unique, note text);
create table orders(id bigint generated always as identity primary key,
  user_id int references users on delete cascade, total int default 0, note text);
create table billing.invoices(no text primary key, order_id bigint, cents int);
create table events(id int, at date not null, v text, primary key(id, at)) partition by range(at);
create table events_old partition of events for values from ('2025-01-01') to ('2026-01-01');
create table events_new partition of events for values from ('2026-01-01') to ('2027-01-01');
create table plain(a int, b text);
insert into users select g, 'u'||g, 'n' from generate_series(1,5) g;
insert into orders(user_id, total, note) select 1+g%5, g, 'o' from generate_series(1,10) g;
insert into billing.invoices values('a', 1, 100);
insert into events values (1,'2025-05-05','x'), (2,'2026-05-05','y');
insert into plain values (1,'x'), (1,'x'), (2,null);
"""


@pytest.fixture
def dsn(fresh_database: Callable[[str], str]) -> str:
    url = make_url(fresh_database("postgresql")).set(drivername="postgresql")
    dsn = url.render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as app:
        app.execute(SCHEMA.encode())
    return dsn


@pytest.fixture
def app(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """The application's one connection, in autocommit mode."""
    with psycopg.connect(dsn, autocommit=True, application_name="the-app") as app:
        yield app


@pytest.fixture
def role(dsn: str) -> Iterator[Callable[[str], str]]:
    """`role("x")`: the name of a new role that may log in and nothing else."""
    made: list[str] = []
    admin = psycopg.connect(dsn, autocommit=True)

    def make(name: str) -> str:
        made.append(f"{admin.info.dbname}_{name}")
        admin.execute(f"create role {made[-1]} login".encode())
        return made[-1]

    yield make
    for name in made:
        admin.execute(f"drop owned by {name} cascade; drop role {name}".encode())
    admin.close()


@pytest.fixture
def database(dsn: str, app: psycopg.Connection[Any]) -> Iterator[Database]:
    with open_database(dsn) as database:
        database.install()
        yield database
        app.rollback()
        database.uninstall()


# --- what is seen ---------------------------------------------------------------------------------


def test_schemas_and_partitions_go_by_their_names(app: Any, database: Database) -> None:
    assert set(database.tables) == {"users", "orders", "billing.invoices", "events", "plain"}
    before = database.hash()
    mark = database.mark()
    with database.watch() as changes:
        app.execute("update billing.invoices set cents = 1")
        app.execute("update events set at = at + 365 where id = 1")  # moves to the other partition
        app.execute("insert into events_old values (3, '2025-01-01', 'direct')")
    assert changes.updated("billing.invoices").one().changed == {"cents": (100, 1)}
    # PostgreSQL itself deletes and inserts a row that changes its partition
    assert changes.deleted("events").one().key == {"id": 1, "at": date(2025, 5, 5)}
    assert changes.inserted("events").where(id=1).one().key == {"id": 1, "at": date(2026, 5, 5)}
    assert changes.inserted("events").where(id=3).one()["v"] == "direct"
    assert database.undo(mark) == 4
    assert database.hash() == before


def test_only_the_schemas_asked_for(dsn: str, app: Any) -> None:
    with open_database(dsn, schemas=["billing"]) as database:
        database.install()
        with database.watch() as changes:
            app.execute("update users set note = 'unseen'; update billing.invoices set cents = 2")
        assert changes.tables == ("billing.invoices",)
        database.uninstall()
    with pytest.raises(TargetError, match="no schema 'biling'; there is: billing, public"):
        open_database(dsn, schemas=["biling"])


def test_truncate_is_the_deletion_of_every_row(app: Any, database: Database) -> None:
    before = database.hash()
    mark = database.mark()
    with database.watch() as changes:
        app.execute("truncate users, orders, events, plain restart identity")
    assert len(changes.deleted("users")) == 5
    assert len(changes.deleted("events")) == 2
    assert len(changes.deleted("plain")) == 3
    database.undo(mark)
    assert database.hash() == before


@pytest.mark.parametrize("table", ["users", "plain"])
@pytest.mark.parametrize(
    "again", ["", "truncate users, plain cascade", "delete from plain; truncate plain"]
)
def test_a_truncate_empties_what_its_transaction_did_not_see(
    dsn: str, app: Any, database: Database, table: str, again: str
) -> None:
    before = database.hash()
    mark = database.mark()
    with psycopg.connect(dsn) as other:
        other.execute("set transaction isolation level repeatable read")
        other.execute("select 1")
        app.execute("delete from users where id = 5; insert into users values (6, 'unseen', null)")
        app.execute("delete from plain where a = 1; insert into plain values (3, 'unseen')")
        if again:
            app.execute(again.encode())
            app.execute(
                "insert into users values (7, 'new', null); insert into plain values (4, 'new')"
            )
        other.execute(f"truncate {table} cascade".encode())
        other.execute("insert into plain values (5, 'more')")
        other.execute(f"truncate {table} cascade".encode())
    assert database.undo(mark) > 4
    assert database.hash() == before


def test_writes_of_a_replica_session_and_of_a_role_with_dml_alone(
    dsn: str, app: Any, database: Database, role: Callable[[str], str]
) -> None:
    limited = role("app")
    app.execute(f"grant select, insert, update, delete on users to {limited}")
    with psycopg.connect(dsn, user=limited, autocommit=True) as other, database.watch() as changes:
        other.execute("insert into users values (77, 'limited', null)")
        app.execute("set session_replication_role = replica; delete from users where id = 2")
        app.execute("reset session_replication_role")
    assert changes.inserted("users").one()["email"] == "limited"
    assert changes.deleted("users").one()["id"] == 2


def test_the_application_sees_nothing_of_the_harness(app: Any, database: Database) -> None:
    app.execute("create temp table mine(id serial)")  # no change of the schema
    app.execute("insert into orders(user_id) values (1)")
    (mine,) = app.execute("select lastval()").fetchone()
    (last,) = app.execute("select max(id) from orders").fetchone()
    assert mine == last
    app.execute("deallocate all; prepare q as update users set note = $1 where id = 1")
    with database.watch() as changes:
        app.execute("execute q('prepared before')")
    assert changes.updated("users").one()["note"] == "prepared before"


def test_transactions_have_their_number(app: Any, database: Database) -> None:
    with database.watch() as changes:
        app.execute("begin; update users set note = 'a' where id = 1")
        app.execute("savepoint s; update users set note = 'b' where id = 2; release s")
        app.execute("insert into plain values (9, null); commit")
    assert changes.one_transaction()
    assert len({step.transaction for step in changes.steps}) == 1


# --- the order of steps ---------------------------------------------------------------------------


def test_a_row_that_triggers_update_again_is_one_change(app: Any, database: Database) -> None:
    database.uninstall()
    app.execute(
        "create function total() returns trigger language plpgsql as $$ begin"
        " if pg_trigger_depth() < 2 then update orders set note = note || '+' where user_id ="
        " new.user_id; end if; return null; end $$;"
        "create trigger total after update on orders for each row execute function total()"
    )
    database.install()
    with database.watch() as changes:
        app.execute("update orders set total = 0 where user_id = 1")
    assert [c.changed["note"] for c in changes.updated("orders")] == [("o", "o++")] * 2
    assert len(changes) == 2
    assert len(changes.steps) == 6


def test_keys_that_move_up_and_keys_that_swap(app: Any, database: Database) -> None:
    database.uninstall()
    app.execute(
        "create table ranks(place int primary key deferrable, name text);"
        "insert into ranks select g, 'r'||g from generate_series(1, 6) g"
    )
    database.install()
    before = database.hash()
    mark = database.mark()
    with database.watch() as changes:
        app.execute("update ranks set place = place + 1")
    assert [c.changed for c in changes.updated("ranks")] == [
        {"place": (n, n + 1)} for n in range(1, 7)
    ]
    with database.watch() as changes:
        app.execute("update ranks set place = 5 - place where place in (2, 3)")
    assert [c.changed for c in changes.updated("ranks")] == [{"place": (2, 3)}, {"place": (3, 2)}]
    database.undo(mark)
    assert database.hash() == before


# --- undo -----------------------------------------------------------------------------------------


def test_nothing_of_the_application_fires_during_undo(app: Any, database: Database) -> None:
    database.uninstall()
    app.execute(
        "create function shout() returns trigger language plpgsql as $$ begin"
        " raise exception 'fired'; end $$;"
        "create table quiet(id int primary key); insert into quiet values (1), (2);"
        "create trigger b before insert or delete on quiet for each row execute function shout();"
        "alter table quiet enable always trigger b;"
        "create trigger r after insert or delete on quiet for each statement execute function shout();"
        "alter table quiet enable replica trigger r;"
        "create rule off as on insert to quiet do instead nothing;"
    )
    database.install()
    before = database.hash()
    mark = database.mark()
    app.execute(
        "begin; alter table quiet disable trigger b; set session_replication_role = replica"
    )
    app.execute("alter table quiet disable trigger r; delete from quiet where id = 1")
    app.execute(
        "alter table quiet enable always trigger b; alter table quiet enable replica trigger r"
    )
    app.execute("commit; reset session_replication_role")
    assert database.undo(mark) == 1
    assert database.hash() == before
    with pytest.raises(psycopg.errors.RaiseException):
        app.execute("delete from quiet")


def test_a_conflict_names_the_row_and_changes_nothing(app: Any, database: Database) -> None:
    mark = database.mark()
    app.execute(
        "update users set note = 'seen' where id in (1, 2); insert into plain values (5, 'p')"
    )
    app.execute("delete from users where id = 3")
    app.execute("set _gen_suite_.role = 'undo'")  # a writer that capture does not see
    app.execute(
        "update users set note = 'unseen' where id = 1; insert into users values (3, 'x', 'y')"
    )
    app.execute("delete from plain where a = 5; reset _gen_suite_.role")
    before = database.hash()
    with pytest.raises(TargetError) as caught:
        database.undo(mark)
    text = str(caught.value)
    assert "3 row(s)" in text
    assert "users(id=1): expected {'id': 1, 'email': 'u1', 'note': 'seen'}" in text
    assert "found {'id': 1, 'email': 'u1', 'note': 'unseen'}" in text
    assert "users(id=3): expected no row, found {'id': 3, 'email': 'x', 'note': 'y'}" in text
    assert "plain(): expected {'a': 5, 'b': 'p'}, found no row" in text
    assert database.hash() == before
    app.execute("set _gen_suite_.role = 'undo'; update users set note = 'seen' where id = 1")
    app.execute("delete from users where id = 3; insert into plain values (5, 'p')")
    app.execute("update users set email = 'u3' where id = 4")  # in the way by another unique key
    with pytest.raises(
        TargetError, match=r"cannot be put back: Key \(email\)=\(u3\) already exists"
    ):
        database.undo(mark)
    app.execute("update users set email = 'u4' where id = 4; reset _gen_suite_.role")
    assert database.undo(mark) == 6  # two orders went with their user


def test_undo_reads_as_much_as_was_changed(app: Any, database: Database) -> None:
    app.execute("insert into users select g, 'm'||g from generate_series(100, 20000) g")
    app.execute("analyze users; analyze _gen_suite_.log")
    mark = database.mark()
    app.execute(
        "delete from users where id between 200 and 205; update users set note = 'q' where id = 9"
    )
    engine: Any = database._engine
    now = moment(engine._session, "1:1:")
    users = next(layout for layout in engine._layouts.values() if layout.name == "users")
    plan = engine._session.run(
        f"EXPLAIN {postgresql_undo.removal(users, False)}", "1:1:", now.window.until
    )
    lines = "\n".join(line for (line,) in plan)
    assert "users_pkey" in lines, lines
    assert "Seq Scan on users" not in lines, lines
    assert database.undo(mark) == 6


def test_values_that_python_cannot_hold(app: Any, database: Database) -> None:
    database.uninstall()
    app.execute(
        "create table times(id int primary key, a timestamptz, b date, c interval, d numeric)"
    )
    database.install()
    before = database.hash()
    mark = database.mark()
    with database.watch() as changes:
        app.execute(
            "insert into times values (1, 'infinity', '0044-03-15 BC', '300000000 days', 'NaN')"
        )
    row = changes.inserted("times").one()
    assert (row["a"], row["b"]) == ("infinity", "0044-03-15 BC")
    assert database.row("times", id=1)["b"] == "0044-03-15 BC"
    database.undo(mark)
    assert database.hash() == before


EVERY_TYPE = """
inet cidr macaddr macaddr8 money oid xid8 pg_lsn regclass jsonpath xml tsvector tsquery point line lseg
box path polygon circle int4range numrange daterange tstzrange bit(3) varbit int[] text[] timestamptz[]
uuid time timetz bytea json jsonb mood name short percent code
"""


def test_arranged_rows_of_every_type(dsn: str, app: Any, database: Database) -> None:
    database.uninstall()
    kinds = [*EVERY_TYPE.split(), "interval", "double precision"]
    columns = ", ".join(f"c{n} {kind} not null" for n, kind in enumerate(kinds))
    app.execute(
        "create type mood as enum ('sad'); create domain short as varchar(3);"
        "create domain percent as numeric(5,2) check (value between 10 and 20);"
        "create domain code as text check (length(value) = 4) check (value ~ '^[A-Z]+$');"
        f"create table every(id serial primary key, {columns});"
        "create table keyed(a inet primary key, b bit(9) unique, c int4range not null unique)".encode()
    )
    with open_database(dsn) as other:
        other.install()
        before = other.hash()
        mark = other.mark()
        for _ in range(3):
            other.arrange("every")
            other.arrange("keyed")
        assert len(other.rows("every")) == len(other.rows("keyed")) == 3
        other.undo(mark)
        assert other.hash() == before
        other.uninstall()


def test_what_is_left_alone_is_named(dsn: str, app: Any, database: Database) -> None:
    database.uninstall()
    app.execute(
        "create extension file_fdw; create server files foreign data wrapper file_fdw;"
        "create foreign table far(a text) server files options (filename '/dev/null');"
        "select lo_from_bytea(0, 'x');"
        "create materialized view sums as select count(*) from users; create view v as table users;"
        "create table made_by_extension(a int); alter extension file_fdw add table made_by_extension"
    )
    with open_database(dsn) as other:
        other.install()
        with other.watch() as changes:
            app.execute("refresh materialized view sums; insert into made_by_extension values (1)")
        assert changes.none()
        limits = "\n".join(other.capabilities.limits)
        assert "foreign table public.far" in limits
        assert "large objects" in limits
        assert "table public.made_by_extension belongs to extension file_fdw" in limits
        assert {"far", "sums", "v", "made_by_extension"}.isdisjoint(other.tables)
        other.uninstall()


# --- the schema changes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ddl", "back", "message"),
    [
        (
            "alter table users add column x int",
            "alter table users drop column x",
            "users was altered",
        ),
        ("alter table users drop column note", "", r"users was altered \(columns note\)"),
        ("alter table users alter email type varchar(99)", "", "users was altered"),
        ("create table billing.late(a int)", "drop table billing.late", "billing.late was created"),
        ("drop table plain", "", "plain is gone"),
        ("drop table plain; create table plain(a int, b text)", "", "dropped and created again"),
        (
            "create table p27 partition of events for values from ('2027-01-01') to ('2028-01-01')",
            "drop table p27",
            "p27 was created",
        ),
        (
            "alter table users disable trigger all; alter table users enable trigger all",
            "",
            "switched",
        ),
    ],
)
def test_a_schema_that_changes_is_noticed(
    app: Any, database: Database, ddl: str, back: str, message: str
) -> None:
    mark = database.mark()
    app.execute(ddl)
    with pytest.raises(TargetError, match=message), database.watch():
        pass
    with pytest.raises(TargetError, match=message):
        database.undo(mark)
    if back:
        app.execute(back)
        assert database.undo(mark) == 0
    database.install()
    assert database.undo(database.mark()) == 0


def test_what_changes_nothing_is_no_schema_change(app: Any, database: Database) -> None:
    mark = database.mark()
    app.execute("create temp table mine(a int); create index on plain(a)")
    app.execute("vacuum full plain")
    app.execute(
        "truncate plain; create view w as table users; alter sequence orders_id_seq restart 99"
    )
    assert database.undo(mark) == 3


def test_a_log_that_no_longer_fits_is_refused_until_discarded(dsn: str, app: Any) -> None:
    with open_database(dsn) as first:
        first.install()
        app.execute("update users set note = 'left' where id = 1; update plain set b = 'left'")
    app.execute("alter table plain add column c int")
    with pytest.raises(
        TargetError, match=r"3 row change\(s\) in plain, whose definition has changed"
    ):
        restore(dsn)
    assert app.execute("select note from users where id = 1").fetchone() == ("left",)
    left = restore(dsn, discard=True)
    assert left.notes == ("left 4 row change(s) in place: the log was discarded",)
    assert not restore(dsn)
    assert app.execute("select note from users where id = 1").fetchone() == ("left",)
