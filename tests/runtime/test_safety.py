"""What is refused before a database is touched, and what never reaches a report."""

import sqlite3
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from gen_suite.errors import Refused
from gen_suite.runtime.database import open_database
from gen_suite.runtime.database.marker import MARKER_TABLE
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
    result = notes.runpytest_subprocess("--allow-db", "-n", "1", "tests/api", "-k", "succeeds")
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


def test_what_is_remembered_is_masked_everywhere() -> None:
    remember("s3cr3t-token-of-ann")
    assert mask_text("got s3cr3t-token-of-ann back") == "got *** back"


def test_fields_and_headers_named_like_a_secret_are_masked() -> None:
    assert mask_text('{"password": "x\\"y", "name": "Ann"}') == '{"password": "***", "name": "Ann"}'
    shown = mask_headers({"Authorization": "Bearer abc", "X-Api-Key": "k", "Accept": "a"})
    assert shown == {"Authorization": "***", "X-Api-Key": "***", "Accept": "a"}
