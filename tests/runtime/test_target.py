"""A client of an application that was started for the tests."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from gen_suite.mapping.target import App
from gen_suite.runtime.target import ProcessApp, RemoteApp, is_local, start_app

API = """
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    broken = scope["path"] == "/broken"
    headers = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 500 if broken else 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
    if broken:
        raise RuntimeError("nobody handles this")
"""


def test_an_error_nobody_handled_does_not_reset_the_next_request(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(textwrap.dedent(API), encoding="utf-8")
    app = start_app(App(asgi="broken:app"), folder=tmp_path, database_url="sqlite:///x.db")
    try:
        with app.client() as client:
            assert [client.get("/broken").status_code for _ in range(40)] == [500] * 40
    finally:
        app.stop()


def test_an_application_that_was_started_here_is_started_anew_at_the_same_place(
    tmp_path: Path,
) -> None:
    (tmp_path / "broken.py").write_text(textwrap.dedent(API), encoding="utf-8")
    app = start_app(App(asgi="broken:app"), folder=tmp_path, database_url="sqlite:///x.db")
    assert isinstance(app, ProcessApp)
    first = app.process
    try:
        with app.client() as client:
            assert app.restart()
            assert client.get("/").status_code == 200
        assert first.poll() is not None
    finally:
        app.stop()
    assert not RemoteApp("http://127.0.0.1:9").restart()


def test_a_proxy_of_the_environment_does_not_stand_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.py").write_text(textwrap.dedent(API), encoding="utf-8")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    app = start_app(App(asgi="broken:app"), folder=tmp_path, database_url="sqlite:///x.db")
    try:
        with app.client() as client:
            assert client.get("/").status_code == 200
    finally:
        app.stop()


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.8.0.1", True),
        ("http://[::1]:8000/v1", True),
        ("http://localhost:3000", True),
        ("http://api.localhost:3000", True),
        ("https://api.example.com", False),
        ("http://10.0.0.7:8000", False),
        ("http://localhost.example.com", False),
    ],
)
def test_which_addresses_are_of_this_machine(url: str, local: bool) -> None:
    assert is_local(url) is local
