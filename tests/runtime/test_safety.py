"""What is refused before a database is touched, and what never reaches a report."""

import json
import sqlite3
import time
from collections.abc import Callable
from html import escape
from urllib.parse import quote_plus

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from gen_suite.errors import Refused
from gen_suite.mapping.model import Actor
from gen_suite.runtime.actors import Actors
from gen_suite.runtime.client import Client
from gen_suite.runtime.database import Changes, Row, RowChange, open_database
from gen_suite.runtime.database.changes import Captured
from gen_suite.runtime.database.connect import parse_url
from gen_suite.runtime.database.marker import MARKER_TABLE
from gen_suite.runtime.evidence import LONGEST, Evidence, Exchange
from gen_suite.runtime.safety import check_allowed, production_sign, production_sign_of_api
from gen_suite.runtime.secrets import mask_headers, mask_text, remember

from .conftest import gen_suite


def test_a_database_needs_a_word() -> None:
    with pytest.raises(Refused, match=r"nobody allowed to touch the database sqlite:///x\.db"):
        check_allowed(False, "sqlite:///x.db", {})


def test_the_word_may_come_by_the_environment() -> None:
    check_allowed(False, "sqlite:///x.db", {"GEN_SUITE_ALLOW_DB": "1"})
    with pytest.raises(Refused):
        check_allowed(False, "sqlite:///x.db", {"GEN_SUITE_ALLOW_DB": "no"})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:pw@prod-db.internal/shop",
        "postgresql://db/shop_production",
        "mysql+pymysql://u@live.example.com/shop",
        "sqlite:////data/prod.db",
        "postgresql:///shop?host=prod-db.internal",
        "postgresql:///?host=one.example&host=db.live.example",
        "postgresql://?service=prod",
        "postgresql://localhost/?dbname=shop_production",
        "mysql://u@h/?database=shop-live",
        "postgresql://db/shopprod",
        "postgresql://db/prodshop",
        "postgresql://db/shopproduction2",
        "postgresql://db/productiondb",
        "postgresql://db/ShopLive",
        "postgresql://sqlprd01.example.com/shop",
    ],
)
def test_production_is_refused_whatever_was_allowed(url: str) -> None:
    with pytest.raises(Refused, match="looks like production") as caught:
        check_allowed(True, url, {})
    assert "pw@" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "products", "product_test", "reproduce", "reproduction", "producers", "productivity",
        "prodigy", "prodemo", "acmeproductions", "coproduction", "nonprod", "preprod_test",
        "preproduction", "delivery_test", "olive", "shop_alive", "livestock", "liveness",
        "deliver", "webmaster", "mastery", "prods",
    ],
)  # fmt: skip
def test_a_name_that_only_sounds_like_it_is_not(name: str) -> None:
    assert production_sign(f"postgresql://{name}.example/{name}?service={name}") == ""
    assert production_sign(f"sqlite:////home/prodan/{name}.db") == ""
    assert production_sign_of_api(f"https://{name}.example/{name}") == ""


@pytest.mark.parametrize("api", ["https://prod.example/v1", "https://x.aws.example/prod"])
@pytest.mark.parametrize("url", ["sqlite:///shop_test.db", ""])
def test_an_api_that_looks_like_production_is_refused_with_any_database(api: str, url: str) -> None:
    with pytest.raises(Refused, match=f"the API at {api} looks like production"):
        check_allowed(True, url, {}, app=api)


def test_a_marked_database_is_refused_whatever_was_allowed(engine_url: str) -> None:
    execute(engine_url, f"CREATE TABLE {MARKER_TABLE} (x INTEGER)")
    with pytest.raises(Refused, match=f"the table {MARKER_TABLE} marks the database"):
        check_allowed(True, engine_url, {})
    with open_database(engine_url) as database, pytest.raises(Refused, match=MARKER_TABLE):
        database.install()


def test_the_mark_may_lie_in_any_schema(fresh_database: Callable[[str], str]) -> None:
    url = fresh_database("postgresql")
    execute(url, 'CREATE SCHEMA "Wei rd"', f'CREATE TABLE "Wei rd".{MARKER_TABLE} (x INTEGER)')
    with pytest.raises(Refused, match=f"the table {MARKER_TABLE} marks the database"):
        check_allowed(True, url, {})
    with open_database(url) as database, pytest.raises(Refused, match=MARKER_TABLE):
        database.install()


def execute(url: str, *statements: str) -> None:
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_session_refuses_a_marked_database(notes: pytest.Pytester) -> None:
    with sqlite3.connect(notes.path / "notes.db") as database:
        database.execute(f"CREATE TABLE {MARKER_TABLE} (x)")
    result = notes.runpytest_subprocess(
        "--allow-db", "-n", "1", "tests/api", "-k", "stores_what_it_claims"
    )
    assert set(result.parseoutcomes()) == {"errors"}
    result.stdout.fnmatch_lines([f"*the table {MARKER_TABLE} marks the database*"])
    assert gen_suite(notes.path, "restore", "--allow-db").returncode == 3
    assert gen_suite(notes.path, "generate", "--allow-db").returncode == 3


def test_the_word_in_the_environment_makes_generate_look(
    notes: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEN_SUITE_ALLOW_DB", "1")
    with sqlite3.connect(notes.path / "notes.db") as database:
        database.execute("ALTER TABLE notes ADD COLUMN colour TEXT")
    assert gen_suite(notes.path, "generate").returncode == 0
    assert "colour" in (notes.path / ".gen-suite" / "schema.json").read_text()


SECRET = 's3cr3t "token" of ann & co'


def test_what_is_remembered_is_masked_everywhere() -> None:
    remember(SECRET)
    remember("s3cr3t")
    shown = report(
        data={"note": SECRET, "client_secret": "never-remembered", "grant": "x"},
        html=f"<p>Hello {SECRET}</p><p>{escape(SECRET)}</p>"
        '<input type="hidden" value="of-this-form" name="csrf_token"><input name=q value=kept>',
        row={"note": SECRET, "token_hash": "never-remembered", "name": "Ann"},
        log=f"user {SECRET} came\npassword=typed-in-clear user=ann\n{{'token': 'in-a-dict'}}",
    )
    for secret in (
        SECRET, quote_plus(SECRET), escape(SECRET), repr(SECRET)[1:-1], json.dumps(SECRET)[1:-1],
        "s3cr3t", "never-remembered", "of-this-form", "typed-in-clear", "in-a-dict",
    ):  # fmt: skip
        assert secret not in shown
    for kept in ("grant=x", "name=q value=kept", "name: 'Ann'", "user=ann", "<p>Hello ***</p>"):
        assert kept in shown


def test_the_cut_leaves_no_part_of_a_secret() -> None:
    secret = "a-long-token-of-somebody-0123456789"
    remember(secret)
    for before in range(LONGEST - len(secret), LONGEST):
        shown = report(
            data={},
            html="x" * before + secret,
            row={"note": "y" * 30 + secret + "y" * 60},
            log=secret + "z" * before,
        )
        assert "a-long" not in shown
        assert "456789" not in shown


def report(*, data: dict[str, str], html: str, row: dict[str, str], log: str) -> str:
    """A failure report of one request with a form, an HTML answer, one new row and an app log."""
    request = httpx.Request("POST", "http://api.example/login?note=1", data=data)
    response = httpx.Response(200, html=html, request=request)
    change = RowChange("users", "insert", {"id": 1}, None, Row({"id": 1, **row}))
    changes = Changes(lambda: Captured((change,)))
    exchange = Exchange("POST /login", "ann", request, response, 0.001)
    return Evidence(exchanges=[exchange], changes=[changes], app_log=log).report()


def test_passwords_of_basic_auth_and_of_the_database_are_known() -> None:
    ann = Actor.model_validate({"auth": {"basic": {"username": "ann", "password": "ba5ic-pa55"}}})
    http = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    with http:
        Client(http, Actors({"ann": ann}), Evidence()).get("http://api.example/", actor="ann")
    parse_url("postgresql://shop:d4tabase-pa55@localhost/shop?sslpassword=k3y-pa55")
    text = "FATAL: no pg_hba.conf entry for ba5ic-pa55, d4tabase-pa55, k3y-pa55"
    assert mask_text(text) == "FATAL: no pg_hba.conf entry for ***, ***, ***"


def test_a_short_secret_is_no_part_of_another_word() -> None:
    remember("hunter2")
    assert mask_text("hunter2 and hunter2000: hunter2") == "*** and hunter2000: ***"
    parse_url("postgresql://postgres:postgres@localhost/shop")
    assert mask_text("postgresql, user postgres") == "postgresql, user postgres"


def test_fields_and_headers_named_like_a_secret_are_masked() -> None:
    assert mask_text('{"password": "x\\"y", "name": "Ann"}') == '{"password": "***", "name": "Ann"}'
    assert mask_text('{"secrets": ["a", "b"], "password": 123456, "tokens": 7}') == (
        '{"secrets": "***", "password": "***", "tokens": 7}'
    )
    part = '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nhush\r\n--x--'
    assert mask_text(part) == part.replace("hush", "***")
    shown = mask_headers({"Authorization": "Bearer abc", "X-Api-Key": "k", "Accept": "a"})
    assert shown == {"Authorization": "***", "X-Api-Key": "***", "Accept": "a"}


@pytest.mark.parametrize(
    "part", ["-", "[", "a.", "token ", '"', "token=", "<input ", "name='", "\\"]
)
def test_masking_a_long_text_takes_no_longer_than_reading_it(part: str) -> None:
    start = time.perf_counter()
    mask_text(part * (100_000 // len(part)))
    assert time.perf_counter() - start < 2
