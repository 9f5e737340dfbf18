"""URLs, drivers and what is said when a database cannot be reached."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from gen_suite.errors import Refused, TargetError
from gen_suite.runtime.database import connect, open_database
from gen_suite.runtime.safety import check_allowed


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ("sqlite+aiosqlite:///shop.db", "sqlite+pysqlite:///shop.db"),
        ("postgres://u:p@h/d", "postgresql+psycopg://u:***@h/d"),
        ("postgresql+asyncpg://u:p@h:1/d", "postgresql+psycopg://u:***@h:1/d"),
        ("mysql+aiomysql://u:p@h/d", "mysql+pymysql://u:***@h/d"),
        ("mariadb://u@h/d", "mariadb+pymysql://u@h/d"),
    ],
)
def test_the_harness_uses_a_driver_of_its_own_and_hides_passwords(given: str, own: str) -> None:
    assert connect.masked(given) == own


@pytest.mark.parametrize(
    ("url", "extra"),
    [("postgresql://u:p@h/d", "postgresql"), ("mysql://u:p@h/d", "mysql")],
)
def test_a_missing_driver_names_the_extra(
    url: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.import_module

    def without_drivers(name: str, package: str | None = None) -> Any:
        if name in ("psycopg", "pymysql"):
            raise ImportError(name)
        return real(name, package)

    monkeypatch.setattr(importlib, "import_module", without_drivers)
    with pytest.raises(TargetError, match=rf'pip install "gen-suite\[{extra}\]"'):
        open_database(url)


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(TargetError, match="cannot reach postgresql") as caught:
        open_database("postgresql://ann:s3cr3t@127.0.0.1:1/shop")
    assert "s3cr3t" not in str(caught.value)
    assert "s3cr3t" not in repr(caught.value.__context__)


@pytest.mark.parametrize("name", ["password", "passwd", "sslpassword", "oauth_token"])
def test_a_password_in_the_query_is_hidden_too(name: str) -> None:
    url = f"postgresql://ann@127.0.0.1:1/shop?{name}=qu3ry-s3cr3t&sslmode=disable"
    assert f"{name}=***" in connect.masked(url)
    assert "qu3ry-s3cr3t" not in connect.masked(url)
    with pytest.raises(TargetError, match="cannot reach postgresql") as caught:
        open_database(url)
    assert "qu3ry-s3cr3t" not in str(caught.value)
    with pytest.raises(Refused) as refused:
        check_allowed(False, url, {})
    assert "qu3ry-s3cr3t" not in str(refused.value)
