"""PostgreSQL under random statements: what is watched is what changed, and undo restores every bit of it.

What is stored is compared by a reading of its own (SHA-256 over each table's rows as text), not by the
harness's hash. Two controls must fail, or the fuzzer would be blind.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from gen_suite.errors import TargetError
from gen_suite.runtime.database import Changes, Database, open_database, postgresql_install, restore

pytestmark = pytest.mark.fuzz

SCHEMA = r"""
create extension if not exists citext; create extension if not exists hstore;
create extension if not exists ltree;
create type mood as enum('sad','ok','happy'); create type pair as (a int, "b ""c" text);
create domain percent as numeric(5,2) check (value between 0 and 100);
create schema billing;
create table users(id serial primary key, email citext unique not null, bal numeric(12,4) default 0,
  m mood default 'ok', tags text[], arr2 int[], meta jsonb, raw json, blob bytea,
  ts timestamptz default now(), f float8, iv interval,
  len int generated always as (length(email::text)) stored, gone int, updated_at timestamptz);
alter table users drop column gone;
create table orders(id bigint generated always as identity primary key,
  user_id int not null references users on delete cascade on update cascade, total numeric, note text);
create table items(order_id bigint references orders on delete cascade, line int, sku text,
  qty int check(qty>=0), primary key(order_id,line));
create table billing.invoices(no text primary key, order_id bigint references orders on delete set null,
  cents bigint, check (cents <> 13));
create table nopk(a int, b text, c bytea);
create table "uni que"(a int not null unique, b text);
create table tree(id int primary key, parent int references tree(id) on delete set null, name text);
create table chain(id int primary key,
  next_id int not null references chain(id) deferrable initially deferred, v text);
create table shift(id int primary key deferrable, v text);
create table ev(id int, at date not null, v text, primary key(id,at)) partition by range(at);
create table ev1 partition of ev for values from ('2026-01-01') to ('2026-07-01');
create table ev2(v text, filler int, at date not null, id int not null, primary key(id,at));
alter table ev2 drop column filler;
alter table ev attach partition ev2 for values from ('2026-07-01') to ('2027-01-01');
create table ev_def partition of ev default;
create table animals(id int primary key, name text);
create table dogs(bark text, primary key(id)) inherits (animals);
create table "Wei r%d"("Se lect" int primary key, "a""b" text, "100%s" text, "$1" text);
create unlogged table cache(k text primary key, v text);
create table slots(id int primary key, during int4range, exclude using gist (during with &&));
create table stats(k text primary key, n bigint); insert into stats values('users',0);
create table nothing();
create materialized view top as select user_id, sum(total) as total from orders group by 1;
create function upd() returns trigger language plpgsql as
  $$begin new.updated_at=clock_timestamp(); return new; end$$;
create trigger upd before update on users for each row execute function upd();
create function cnt() returns trigger language plpgsql as $$begin
  update stats set n=n+case tg_op when 'INSERT' then 1 else -1 end where k='users'; return null; end$$;
create trigger cnt after insert or delete on users for each row execute function cnt();
create function nasty() returns trigger language plpgsql as $$begin
  if pg_trigger_depth() < 2 then
    update orders set note = note||'+' where id = new.id or (new.total = 7 and user_id = new.user_id);
    insert into stats values('o'||new.user_id,1) on conflict(k) do update set n=stats.n+1;
  end if; return null; end$$;
create trigger nasty after insert or update on orders for each row execute function nasty();
create function loud() returns trigger language plpgsql as $$begin
  insert into stats values('loud',1) on conflict(k) do update set n=stats.n+1; return null; end$$;
create trigger loud after insert or delete on items for each row execute function loud();
alter table items enable always trigger loud;
create rule quiet as on delete to cache where old.k = 'keep' do instead nothing;
"""
FILL = r"""
insert into users(email,bal,tags,arr2,meta,raw,blob,f,iv) select 'u'||g||'@x', g*1.1,
  array['a',null,g::text], '[0:1]={1,2}',
  case when g%3=0 then 'null' else jsonb_build_object('g',g,'z',null) end,
  case when g%4=0 then 'null' else '{ "b":1,  "a":'||g||', "b":2 }' end::json, decode(md5(g::text),'hex'),
  case when g%7=0 then 'NaN' when g%5=0 then '-0' else g/7.0 end, make_interval(months=>g,secs=>g*1.001)
  from generate_series(1,200) g;
insert into orders(user_id,total,note) select 1+g%200, g, 'n'||g from generate_series(1,400) g;
insert into items select 1+g%400, g, 'sku'||g, g from generate_series(1,800) g;
insert into billing.invoices select 'no'||g, g, g*100 from generate_series(1,50) g;
insert into nopk select g%5, 'b'||(g%5), decode(md5((g%5)::text),'hex') from generate_series(1,60) g;
insert into "uni que" select g, 'b' from generate_series(1,30) g;
insert into tree select g, case when g>1 then g/2 end, 't'||g from generate_series(1,100) g;
insert into chain select g, 1+g%50, 'c' from generate_series(1,50) g;
insert into shift select g, 's'||g from generate_series(1,20) g;
insert into ev select g, date '2026-01-01'+g, 'v' from generate_series(1,300) g;
insert into animals select g, 'a'||g from generate_series(1,20) g;
insert into dogs select g, 'd'||g, 'wuff' from generate_series(10,40) g;
insert into "Wei r%d" select g, 'x', '%', '\' from generate_series(1,20) g;
insert into cache select 'k'||g, 'v' from generate_series(1,20) g; insert into cache values ('keep','1');
insert into slots select g, int4range(g*10,g*10+5) from generate_series(1,20) g;
insert into nothing default values; insert into nothing default values;
"""
TYPES = {
    "smallint": ["-32768", "7"],
    "bigint": ["9223372036854775807"],
    "numeric": ["1.50", "1.5", "NaN", "Infinity", "-0.000000000000000000001", "1e300"],
    "numeric(7,2)": ["99999.99"],
    "real": ["0.1", "-0", "1e38", "NaN"],
    "double precision": ["0.30000000000000004", "-0", "Infinity", "5e-324"],
    "money": ["12345.67", "-1"],
    "boolean": ["t", "f"],
    "text": ["", "a\\b\"c'd(e,f)", "NULL", "é😀\n\t", " x "],
    "varchar(5)": ["ab", "ab   "],
    "char(5)": ["ab", ""],
    '"char"': ["a", "\\200"],
    "name": ["x"],
    "bytea": ["\\x00ff5c27", ""],
    "date": ["infinity", "-infinity", "0044-03-15 BC", "9999-12-31", "20000-01-01"],
    "time": ["24:00:00", "12:34:56.789012"],
    "timetz": ["12:34:56.7+05:30", "24:00:00-12"],
    "timestamp": ["infinity", "4713-01-01 00:00:00 BC", "294276-12-31 23:59:59.999999"],
    "timestamptz": ["-infinity", "2026-03-29 02:30:00 Europe/Berlin", "30000-01-01 00:00:00+00"],
    "interval": ["1 mon -2 days -03:04:05.6", "-1 year +2 days", "178000000 years"],
    "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    "inet": ["10.1.2.3/8", "::1"],
    "cidr": ["10.0.0.0/8"],
    "macaddr": ["08:00:2b:01:02:03"],
    "macaddr8": ["08:00:2b:01:02:03:04:05"],
    "bit(3)": ["101"],
    "varbit": ["", "10110"],
    "json": ['{ "a":1, "a":2 }', "null", "1.00"],
    "jsonb": ['{"a": 1.00, "b": null}', "null", '"\\u00e9"'],
    "jsonpath": ['$."a"[*] ? (@ > 1)'],
    "xml": ["<a b='1'>x &amp; y</a>", "just text"],
    "point": ["(0.1,-0)"],
    "line": ["{1,2,3}"],
    "lseg": ["[(0,0),(1,0.3)]"],
    "box": ["(2,2),(0,0)"],
    "path": ["[(0,0),(1,1)]", "((0,0),(1,1))"],
    "polygon": ["((0,0),(1,1),(1,0))"],
    "circle": ["<(0,0),1.5>"],
    "tsvector": ["'a':1A 'b c':2"],
    "tsquery": ["'a' & !'b c':*"],
    "int4range": ["empty", "[1,)", "(,)"],
    "numrange": ["(1.50,2]"],
    "tstzrange": ["[2026-01-01,infinity)"],
    "daterange": ["(,2026-01-01)"],
    "oid": ["4294967295"],
    "xid8": ["18446744073709551615"],
    "pg_lsn": ["16/B374D848"],
    "pg_snapshot": ["10:20:10,14"],
    "regclass": ["users", '"uni que"'],
    "regtype": ["mood", "integer"],
    "mood": ["sad"],
    "percent": ["12.5"],
    "pair": ['(1,"a ""q"" \\\\ b")', "(,)", '(,"")'],
    "pair[]": ['{"(1,x)",NULL}'],
    "int[]": ["{}", "{1,NULL,3}", "[-1:1]={1,2,3}", "{{1,2},{3,4}}"],
    "text[]": ['{"NULL",NULL,"","a,b","\\"q\\""}'],
    "timestamptz[]": ["{2026-01-01 00:00:00+00,infinity}"],
    "mood[]": ["{sad,happy}"],
    "citext": ["ABC"],
    "hstore": ['"a"=>"1", "b"=>NULL'],
    "ltree": ["a.b.c"],
}
VALUES = list(TYPES.values())


def quoted(text: str) -> str:
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def types_table() -> str:
    columns = ", ".join(f"c{i} {kind}" for i, kind in enumerate(TYPES))
    return f"create table types(id int primary key, {columns}, grown int[])"


def types_row(number: int) -> str:
    values = ", ".join(quoted(values[number % len(values)]) for values in VALUES)
    return f"insert into types values({number}, {values}, '{{1,NULL,3}}')"


def statement(rng: random.Random) -> str:
    u, w, c = rng.randint(1, 220), rng.randint(1, 220), rng.randrange(len(VALUES))
    rare = [
        "truncate users cascade",
        "truncate ev restart identity",
        "truncate ev1",
        "truncate nopk, tree",
        "delete from users",
        "update users set m='sad'",
        "set session_replication_role = replica",
    ]
    usual = [
        f"insert into users(email,bal,meta,raw,f) values('n{rng.random()}',1.50,'null',' null ',0.1)",
        f"update users set bal=bal+1, meta=null where id={u}",
        f"update users set email=upper(email::text) where id={u}",
        f"delete from users where id={u}",
        f"insert into users(id,email) values({u},'up{u}') on conflict(id) do update"
        " set email=excluded.email::text||'!'",
        f"insert into users(id,email) values({u},'U{w}@x') on conflict do nothing",
        f"update users set id=id+10000 where id={u}",
        f"delete from users where id between {u} and {u + 5}",
        f"update orders set total=total*2 where id%7={u % 7}",
        f"update orders set total=7 where user_id in ({u}, {w})",
        f"insert into orders(user_id,total,note) select 5, g, 'copied' from generate_series(1,{u % 30}) g",
        f"insert into orders overriding system value values({u + 5000},{w},7,'o')",
        f"update items set line=line+1000 where order_id={u}",
        f"update items set qty=qty-{w} where order_id={u}",
        f"update billing.invoices set cents=cents+1 where no='no{u % 60}'",
        f"insert into billing.invoices values('new{w}',{u},1) on conflict do nothing",
        "insert into nopk values(1,'b1',decode(md5('1'),'hex'))",
        f"update nopk set b='q' where ctid=(select ctid from nopk where a={u % 5} limit 1)",
        f"delete from nopk where ctid in (select ctid from nopk where a={u % 5} limit 2)",
        "update nopk set b=b||'x'",
        f'update "uni que" set a=a+100, b=null where a={u % 40}',
        f"delete from tree where id={u % 100}",
        f"update chain set next_id=(select min(id) from chain) where next_id={u % 50}",
        f"delete from chain where id={u % 50}",
        f"update shift set id=id+1 where id > {u % 20}",
        "update shift set id=21-id",
        f"insert into ev values({w + 1000}, date '2025-12-01'+{u * 2}, 'n')",
        f"update ev set at=at+180 where id={u}",
        f"update ev set v='w' where id between {u} and {u + 3}",
        f"delete from ev1 where id={u}",
        f"insert into ev2(v,at,id) values('direct', date '2026-08-01'+{u % 100}, {w})",
        f"update animals set name='z' where id={u % 45}",
        f"delete from animals where id={u % 45}",
        f"insert into dogs values({w + 100},'x','y') on conflict do nothing",
        'update "Wei r%d" set "a""b"=null, "100%s"=\'%%s\', "Se lect"="Se lect"+100'
        f' where "Se lect"={u % 20}',
        f"delete from cache where k in ('k{u % 25}', 'keep')",
        f"insert into cache values('k{u % 25}','w') on conflict(k) do update set v='w2'",
        f"update slots set during=int4range({u * 10},{u * 10 + 5}) where id={w % 25}",
        f"insert into stats values('x{u % 4}',1) on conflict(k) do update set n=stats.n+5",
        f"with d as (delete from items where order_id={u} returning *)"
        " insert into nopk select qty,sku,null from d",
        f"update types set c{c}={quoted(rng.choice(VALUES[c]))} where id={u % 8}",
        f"update types set c{c}=null where id={u % 8}",
        f"update types set grown[2]={w} where id={u % 8}",
        f"update types set grown[2]=null where id={u % 8}",
        f"update types set id=id+10 where id={u % 8}",
        f"delete from types where id={u % 8}",
        "insert into nothing default values",
        "delete from nothing",
        "refresh materialized view top",
        "savepoint s",
        "rollback to s",
    ]
    return rng.choice(rare) if rng.random() < 0.02 else rng.choice(usual)


HOSTILE = (
    "set datestyle='SQL, DMY'; set timezone='Asia/Tokyo'; set extra_float_digits=-5;"
    " set bytea_output='escape'; set intervalstyle='sql_standard'; set quote_all_identifiers=on;"
    " set search_path=billing,public; set standard_conforming_strings=off; set xmloption=document;"
    " set synchronous_commit=off"
)


def one_transaction(rng: random.Random, dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as app:
        if rng.random() < 0.5:
            app.execute(HOSTILE)
        app.execute("set lock_timeout='2s'; set escape_string_warning=off")
        level = rng.choice(["read committed", "repeatable read", "serializable"])
        app.execute(f"begin isolation level {level}")
        for _ in range(rng.randint(1, 5)):
            sql = statement(rng)
            try:
                app.execute("savepoint a")
                app.execute(sql.encode())
            except (psycopg.errors.IntegrityError, psycopg.DataError, psycopg.ProgrammingError):
                app.execute("rollback to a")
            except psycopg.Error:  # a deadlock, a serialization failure: the application gives up
                app.execute("rollback")
                return
        try:
            app.execute("rollback" if rng.random() < 0.2 else "commit")
        except psycopg.Error:  # a deferred foreign key
            app.execute("rollback")


def digest(dsn: str) -> dict[str, str]:
    """Every table by SHA-256 over its sorted rows."""
    found = {}
    with psycopg.connect(dsn) as reader:
        reader.execute("set timezone='UTC'; set datestyle='ISO, YMD'")
        tables = reader.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname in ('public', 'billing')"
        ).fetchall()
        for (table,) in tables:
            rows = reader.execute(f"select t::text from only {table} t".encode()).fetchall()
            found[table] = hashlib.sha256(
                "\n".join(sorted(r for (r,) in rows)).encode()
            ).hexdigest()
    return found


Stored = Counter[tuple[str, str]]


def snapshot(database: Database) -> Stored:
    """Every row, typed: the slow way to know what changed."""
    found: Stored = Counter()
    for table in database.tables.keys() - {"nothing"}:  # a row of no columns is nothing to read
        found.update((table, shown(row)) for row in database.rows(table))
    # SELECT FROM animals shows dogs too, but they are stored as dogs
    for dog in database.rows("dogs"):
        found["animals", shown({"id": dog["id"], "name": dog["name"]})] -= 1
    return Counter({key: n for key, n in found.items() if n})


def shown(row: Any) -> str:
    return repr(sorted(row.items()))


def replayed(before: Stored, changes: Changes) -> Stored:
    """What must be stored if these changes are all there were."""
    found = Counter(before)
    found.subtract((c.table, shown(c.before)) for c in changes if c.before is not None)
    found.update((c.table, shown(c.after)) for c in changes if c.after is not None)
    return Counter({key: n for key, n in found.items() if n and key[0] != "nothing"})


@pytest.fixture
def dsn(fresh_database: Callable[[str], str]) -> str:
    url = make_url(fresh_database("postgresql"))
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as app:
        app.execute(f"alter database {url.database} set timezone = 'UTC'".encode())
        app.execute(SCHEMA.encode())
        app.execute("set session_replication_role = replica")
        app.execute(FILL.encode())
        app.execute(types_table().encode())
        for number in range(8):
            app.execute(types_row(number).encode())
    return dsn


@pytest.fixture
def database(dsn: str) -> Iterator[Database]:
    with open_database(dsn) as database:
        yield database


def test_watch_and_undo_are_exact(
    dsn: str, database: Database, fuzz_rounds: Callable[[int, int], int]
) -> None:
    database.install()
    start, rows, steps = digest(dsn), snapshot(database), 0
    for seed in range(fuzz_rounds(25, 1000)):
        rng = random.Random(seed)
        mark = database.mark()
        with database.watch() as changes:
            for _ in range(rng.randint(1, 5)):
                one_transaction(rng, dsn)
        assert replayed(rows, changes) == snapshot(database), f"seed {seed}: the watch is wrong"
        touched = Counter((c.table, repr(c.key)) for c in changes if c.key)
        assert not touched or touched.most_common(1)[0][1] == 1, f"seed {seed}: a row came twice"
        steps += database.undo(mark)
        assert digest(dsn) == start, f"seed {seed}: undo is not exact"
    assert steps > 500
    database.uninstall()
    assert digest(dsn) == start


def test_writers_at_the_same_time(
    dsn: str, database: Database, fuzz_rounds: Callable[[int, int], int]
) -> None:
    database.install()
    start, steps = digest(dsn), 0
    for seed in range(fuzz_rounds(4, 100)):

        def work(number: int, seed: int = seed) -> None:
            rng = random.Random(1000 * seed + number)
            for _ in range(6):
                one_transaction(rng, dsn)

        mark = database.mark()
        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        steps += database.undo(mark)
        assert digest(dsn) == start, f"seed {seed}"
    assert steps > 100


def test_undo_while_others_go_on_writing(dsn: str, database: Database) -> None:
    """An undo that meets a writer takes back what it saw; the rest comes with the next one."""
    database.install()
    start, over = digest(dsn), threading.Event()

    def work() -> None:
        rng = random.Random(5)
        while not over.is_set():
            one_transaction(rng, dsn)

    mark = database.mark()
    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(10):
            database.undo(mark)
    finally:
        over.set()
        thread.join()
    database.undo(mark)
    assert digest(dsn) == start


RUN = """
import sys
import psycopg
from gen_suite.runtime.database import open_database
database = open_database(sys.argv[1])
database.install()
mark = database.mark()
with psycopg.connect(sys.argv[1]) as app:
    app.execute("set lock_timeout = '2s'; update orders set total = total + 1; delete from users")
    app.execute("insert into nopk select g, 'n', null from generate_series(1, 500) g")
    app.commit()
    print(*app.execute("select count(*) from _gen_suite_.log").fetchone(), flush=True)
database.undo(mark)
"""


def test_an_undo_that_is_killed_has_happened_or_not(
    dsn: str, fuzz_rounds: Callable[[int, int], int]
) -> None:
    start, rng, in_time = digest(dsn), random.Random(3), 0
    for _ in range(fuzz_rounds(3, 40)):
        command = [sys.executable, "-c", RUN, dsn]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            written = int(process.stdout.readline())
            time.sleep(rng.uniform(0, 0.2) if in_time else 0)
            process.kill()
        rows = restore(dsn).rows
        in_time += rows > 0
        assert rows in (0, written), "an undo half done"
        assert digest(dsn) == start
    assert in_time, "every undo was over before the kill: this shows nothing"


# --- controls: what the fuzzer must be able to see ------------------------------------------------


def test_control_without_delete_triggers_the_loss_is_found(
    dsn: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = postgresql_install.triggers
    monkeypatch.setattr(
        postgresql_install,
        "triggers",
        lambda layouts: [s.replace("UPDATE OR DELETE ON", "UPDATE ON") for s in whole(layouts)],
    )
    database.install()
    start = digest(dsn)
    for seed in range(15):
        mark = database.mark()
        one_transaction(random.Random(seed), dsn)
        try:
            database.undo(mark)
        except TargetError:
            return
        if digest(dsn) != start:
            return
    pytest.fail("deleted rows were lost and nothing noticed")


def test_control_inverse_replay_in_log_order_is_wrong(dsn: str, database: Database) -> None:
    """Why undo is a multiset: a trigger's update of a row is logged before the update it follows."""
    database.install()
    mark = database.mark()
    start = digest(dsn)
    with psycopg.connect(dsn) as app:
        app.execute("update orders set user_id = 5, total = 7 where id in (1, 2, 3)")
    with psycopg.connect(dsn) as replay:
        replay.execute("set session_replication_role = replica; set _gen_suite_.role = 'undo'")
        log = replay.execute(
            "select rel::regclass::text, old, new from _gen_suite_.log"
            " order by at desc, cmin::text::bigint desc"
        ).fetchall()
        exact = True
        for table, old, new in log:
            if old is None:
                gone = replay.execute(
                    f"delete from {table} t where t::text = %s".encode(), (new,)
                ).rowcount
                exact = exact and gone == 1
                continue
            put_back = replay.execute(
                f"update {table} t set total = (o.v).total, note = (o.v).note, user_id = (o.v).user_id"
                f" from (select %s::{table} as v) o where t::text = %s".encode()
                if table == "orders"
                else f"update {table} t set n = (o.v).n from (select %s::{table} as v) o"
                " where t::text = %s".encode(),
                (old, new),
            ).rowcount
            exact = exact and put_back == 1
        replay.rollback()
    assert not exact, "the log was in order: this control shows nothing"
    database.undo(mark)
    assert digest(dsn) == start
