"""SQLite under random statements: what is watched is what changed, and undo restores every bit of it."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gen_suite.errors import TargetError
from gen_suite.runtime.database import Changes, Database, open_database, sqlite_install
from gen_suite.runtime.database.sqlite_capture import quoted, survey

pytestmark = pytest.mark.fuzz

SCHEMA = """
create table users(id integer primary key autoincrement, email text unique collate nocase, bal
numeric,
  any_, blob_ blob, f real, g int generated always as (length(email)) stored,
  vg int as (id*2) virtual, updated_at);
create table orders(id integer primary key,
  user_id int not null references users(id) on delete cascade on update cascade, total numeric, note
  text);
create table items(order_id int references orders(id) on delete cascade, line int, sku text,
  qty int check(qty>=0), primary key(order_id,line)) without rowid;
create table nopk(a int, b text, c blob);
create table tree(id int primary key, parent int references tree(id) on delete set null, name text);
create table chain(id integer primary key,
  next_id int not null references chain(id) deferrable initially deferred, v text);
create table ru(rowid text, a text unique, b text, c int, unique(b,c));
create unique index ru_part on ru(c) where b='p';
create table ex(id int primary key on conflict replace, a text, b int);
create unique index ex_index on ex(lower(a), abs(b) desc);
create table names(k text primary key collate nocase, v) without rowid;
create table "Wei rd"("Se lect" int primary key, "a""b" text);
create table st(k text primary key, v any) strict;
create table down(id integer primary key desc, v text);
create virtual table docs using fts5(body);
create virtual table boxes using rtree(id, x0, x1);
create table pages(id integer primary key, body text);
create virtual table pages_index using fts5(body, content='pages', content_rowid='id');
create trigger pi1 after insert on pages
  begin insert into pages_index(rowid, body) values (new.id, new.body); end;
create trigger pi2 after delete on pages
  begin insert into pages_index(pages_index, rowid, body) values ('delete', old.id, old.body); end;
create table stats(k text primary key, n int);
insert into stats values('users',0);
create trigger cnt1 after insert on users begin update stats set n=n+1 where k='users'; end;
create trigger cnt2 after delete on users begin update stats set n=n-1 where k='users'; end;
create trigger updt after update of email on users
  begin update users set updated_at=random() where id=new.id; end;
create trigger ring before insert on orders when new.total = 9
  begin insert or replace into ru values('t', 'a1', 'p', 3); end;
"""
VALUES = [
    None,
    1,
    1.0,
    "1",
    b"1",
    0.1 + 0.2,
    1e300,
    -0.0,
    float("inf"),
    "a\x00b",
    "é😀",
    b"\x00\xff",
    2**62,
    "",
]


def fill(app: sqlite3.Connection) -> None:
    rng = random.Random(0)
    app.executescript(SCHEMA)
    app.execute("begin")
    for g in range(1, 201):
        f = rng.choice([0.1 * g, float("-inf"), -0.0, None])
        app.execute(
            "insert into users(id,email,bal,any_,blob_,f) values(?,?,?,?,?,?)",
            (g, f"U{g}@x", g * 1.1, VALUES[g % len(VALUES)], rng.randbytes(5), f),
        )
    many = {
        "ru": [(f"r{g}", f"a{g}", "b" if g % 2 else "p", g) for g in range(40)],
        "orders": [(g, 1 + g % 200, g, "n") for g in range(1, 401)],
        "items": [(1 + g % 400, g, "s", g) for g in range(800)],
        "nopk": [(g % 5, "b", b"c") for g in range(60)],
        "tree": [(g, g // 2 or None, "t") for g in range(1, 101)],
        "chain": [(g, 1 + g % 50, "c") for g in range(1, 51)],
        "ex": [(g, f"E{g % 20}", g // 20 - 1) for g in range(40)],
        "names": [(f"Name{g}", VALUES[g % len(VALUES)]) for g in range(40)],
        "Wei rd": [(g, "x") for g in range(20)],
        "st": [(f"k{i}", v) for i, v in enumerate(VALUES)],
        "docs": [(f"word{g} common",) for g in range(30)],
        "boxes": [(g, g, g + 1) for g in range(60)],
        "pages": [(g, f"page{g} common") for g in range(30)],
        "down": [(g, "d") for g in range(20)],
    }
    for table, rows in many.items():
        marks = ",".join("?" * len(rows[0]))
        app.executemany(f"insert into {quoted(table)} values({marks})", rows)
    app.execute("insert into nopk values(9, cast(x'ff41' as text), zeroblob(3))")
    app.execute("commit")


def statement(rng: random.Random) -> str:
    u, w = rng.randint(1, 220), rng.randint(1, 220)
    any_value = rng.choice(["1.0", "1", "x'00'", "null", "'é'"])
    return rng.choice(
        [
            f"insert into users(email,bal) values('n{rng.random()}',1.5)",
            f"update users set bal=bal+1 where id={u}",
            f"delete from users where id={u}",
            f"insert into users(id,email) values({u},'up{u}')"
            " on conflict(id) do update set email=excluded.email||'!'",
            f"insert into users(id,email) values({u},'u{w}@x') on conflict do nothing",
            f"insert or ignore into users(id,email) values({u},'u{w}@x')",
            f"insert or replace into users(id,email) values({u},'u{w}@X')",
            f"replace into users(email) values('u{w}@x')",
            f"update or replace users set email='u{w}@x' where id={u}",
            f"update or ignore users set email='u{w}@x' where id={u}",
            f"update or replace users set email='same@x' where id between {u} and {u + 4}",
            f"update users set id=id+10000 where id={u}",
            f"update or replace users set id=id+1 where id between {u} and {u + 2}",
            f"update orders set total=total*2 where id%7={u % 7}",
            "delete from orders" if u % 9 == 0 else f"delete from orders where id={u}",
            "insert into nopk values(1,'b',x'63')",
            f"update nopk set b=null where rowid in (select rowid from nopk where a={u % 5} limit 2)",
            f"delete from nopk where rowid%11={u % 11}",
            f"update nopk set rowid=rowid+500 where rowid={u % 60}",
            f"insert or replace into nopk(rowid,a) values({u % 70},{w})",
            f"update or replace nopk set oid={w % 60} where oid={u % 60}",
            f"delete from tree where id={u}",
            f"delete from chain where id={u % 50}",
            f"update chain set next_id=1 where next_id={u % 50}",
            f"replace into ru values('z','a{u % 40}','p',{w % 40})",
            f"update or replace ru set a='a{w % 40}', c={u % 40} where a='a{u % 40}'",
            f"insert into ex values({u % 45}, 'e{w % 20}', {rng.choice([-1, 0, 1])})",
            f"insert or replace into ex values({u}, 'e{w % 20}', 1)",
            f"update or replace ex set a='E{w % 20}' where id={u % 40}",
            f"insert or replace into names values('NAME{u % 45}', {any_value})",
            f"update names set k=upper(k) where k='name{u % 45}'",
            f"update or replace names set k='nAme{w % 45}' where k='name{u % 45}'",
            f'update "Wei rd" set "a""b"=null,"Se lect"="Se lect"+100 where "Se lect"={u % 20}',
            f"update st set v={any_value} where k='k{u % 14}'",
            f"replace into down values({u % 25}, 'r')",
            f"insert or replace into orders values({u},{w},9,'rep')",
            f"insert into users(id,email) select id+5000,email||'c' from users where id%50={u % 50}",
            "with d as (select id from orders limit 5) delete from orders where id in d",
            f"delete from items where line%3={u % 3}",
            f"insert into docs values('new{w} common')",
            f"update docs set body='other{w}' where rowid={u % 40}",
            f"delete from docs where rowid={u % 40}",
            f"replace into boxes values({u % 70}, {w}, {w + 1})",
            f"delete from boxes where id={u % 70}",
            f"replace into pages values({u % 40}, 'again{w}')",
            f"delete from pages where id={u % 40}",
            "savepoint a",
        ]
    )


def one_transaction(rng: random.Random, path: Path) -> None:
    app = sqlite3.connect(path, isolation_level=None)
    app.execute("pragma synchronous=off")
    app.execute(f"pragma foreign_keys={'on' if rng.random() < 0.8 else 'off'}")
    app.execute(f"pragma recursive_triggers={'on' if rng.random() < 0.15 else 'off'}")
    app.execute("begin")
    for _ in range(rng.randint(1, 6)):
        sql = statement(rng)
        try:
            app.execute(sql)
            if sql.startswith("savepoint"):
                app.execute("delete from orders where id%5=0")
                app.execute("rollback to a" if rng.random() < 0.7 else "release a")
        except sqlite3.IntegrityError:
            continue
    try:
        app.execute("rollback" if rng.random() < 0.2 else "commit")
    except sqlite3.IntegrityError:  # a deferred foreign key
        app.execute("rollback")
    app.close()


Stored = dict[tuple[str, str], Any]


def snapshot(path: Path, database: Database) -> Stored:
    """Every row, typed, by table and key: the slow way to know what changed."""
    reader = sqlite3.connect(path)
    reader.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    found: Stored = {}
    there = survey(reader)
    for layout in (*there.captured, *there.copied):
        if not layout.shown:
            continue
        key = [layout.rowid] if not layout.key else [quoted(c) for c in layout.key]
        columns = ", ".join(quoted(c) for c in layout.columns)
        for row in reader.execute(f"select {', '.join(key)}, {columns} from {quoted(layout.name)}"):
            image = database.tables[layout.name].typed(
                dict(zip(layout.columns, row[len(key) :], strict=True))
            )
            shown = [image[c] for c in layout.key] or [row[0]]
            found[layout.name, repr(shown)] = image
    reader.close()
    return found


def replayed(before: Stored, changes: Changes) -> Stored:
    """What must be stored if these changes are all there were."""
    found = dict(before)
    for change in changes:
        if change.before is not None:
            gone = found.pop((change.table, repr(list(change.old_key.values()))))
            assert repr(gone) == repr(change.before)
    for change in changes:
        if change.after is not None:
            found[change.table, repr(list(change.key.values()))] = change.after
    return found


@pytest.fixture(params=["wal", "delete"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "fuzz.db"
    app = sqlite3.connect(path, isolation_level=None)
    app.execute(f"pragma journal_mode={request.param}")
    app.execute("pragma synchronous=off")
    fill(app)
    app.close()
    return path


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{path}") as database:
        yield database


def test_watch_and_undo_are_exact(
    path: Path, database: Database, fuzz_rounds: Callable[[int, int], int]
) -> None:
    database.install()
    start, rows = database.hash(), snapshot(path, database)
    steps = 0
    for seed in range(fuzz_rounds(60, 2000)):
        rng = random.Random(seed)
        mark = database.mark()
        with database.watch() as changes:
            for _ in range(rng.randint(1, 5)):
                one_transaction(rng, path)
        assert {k: repr(v) for k, v in replayed(rows, changes).items()} == {
            k: repr(v) for k, v in snapshot(path, database).items()
        }, f"seed {seed}: the watch missed something"
        steps += database.undo(mark)
        assert database.hash() == start, f"seed {seed}: undo is not exact"
    assert steps > 500
    reader = sqlite3.connect(path)
    for index in ("docs", "pages_index"):
        reader.execute(f"insert into {index}({index}) values ('integrity-check')")
    assert reader.execute("pragma integrity_check").fetchone() == ("ok",)
    assert reader.execute("select rtreecheck('boxes')").fetchone() == ("ok",)
    reader.close()
    database.uninstall()
    assert database.hash() == start


def test_control_without_pre_images_the_fuzzer_finds_the_loss(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sqlite_install.triggers
    monkeypatch.setattr(
        sqlite_install, "triggers", lambda c, t: [s for s in whole(c, t) if "_gen_suite_P" not in s]
    )
    database.install()
    start, bad = database.hash(), 0
    for seed in range(25):
        mark = database.mark()
        rng = random.Random(seed)
        for _ in range(3):
            one_transaction(rng, path)
        try:
            database.undo(mark)
        except TargetError:
            bad += 1
            break
        bad += database.hash() != start
        if bad:
            break
    assert bad, "rows removed by OR REPLACE were lost and nothing noticed"
