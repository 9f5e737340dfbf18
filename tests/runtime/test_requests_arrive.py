"""What the client sends, as a real server receives it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from gen_suite.mapping.model import Actor
from gen_suite.runtime.actors import ANONYMOUS, Actors
from gen_suite.runtime.client import Client
from gen_suite.runtime.evidence import Evidence
from gen_suite.runtime.routes import Routes
from gen_suite.spec.model import Operation


class Handler(BaseHTTPRequestHandler):
    """Remembers what comes; answers as the next of `answers` says, else 200."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.received.append((self.path, self.headers, self.rfile.read(length)))  # type: ignore[attr-defined]
        answers = self.server.answers  # type: ignore[attr-defined]
        status, headers = answers.pop(0) if answers else (200, {})
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    received: list[tuple[str, Any, bytes]]
    answers: list[tuple[int, dict[str, str]]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _, _ in self.received]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.received, made.answers = [], []
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def operation(label: str, base_path: str = "") -> Operation:
    method, _, path = label.partition(" ")
    return Operation(
        method, path, "", "", "", (), False, (), None, {}, (), {}, "", base_path=base_path
    )


def client(server: Server, *operations: Operation, path: str = "", **routes: Any) -> Client:
    ann = Actor.model_validate({"auth": {"header": {"X-Key": "ann-key"}}})
    http = httpx.Client(base_url=server.url + path)
    known = Routes({one.label: one for one in operations}, app_path=path, **routes)
    return Client(http, Actors({"ann": ann}), Evidence(), known)


@pytest.mark.parametrize(
    "value", ["a#b", "a?b=c", "50%", "%2F", "a/b", "..", ".", "a b", "ä", "a;b", "a+b", "{id}"]
)
def test_a_path_value_stays_one_segment(server: Server, value: str) -> None:
    client(server).get("/things/{id}/parts", path={"id": value})
    (path,) = server.paths
    assert path.count("/") == 3
    assert [unquote(part) for part in path.split("/")] == ["", "things", value, "parts"]


def test_operations_are_below_the_path_of_their_server(server: Server) -> None:
    api = client(server, operation("GET /a", "/hub/api"))
    api.get("/a")
    api.get("/health")
    assert server.paths == ["/hub/api/a", "/health"]


def test_an_address_that_has_the_path_already_does_not_get_it_twice(server: Server) -> None:
    api = client(server, operation("GET /a", "/v1"), operation("GET /b"), path="/proxy/v1")
    api.get("/a")
    api.get("/b")
    assert server.paths == ["/proxy/v1/a", "/proxy/v1/b"]


def test_the_mapping_may_name_another_path(server: Server) -> None:
    client(server, operation("GET /a", "/v1"), base_path="").get("/a")
    client(server, operation("GET /a", "/v1"), base_path="/v2/").get("/a")
    assert server.paths == ["/a", "/v2/a"]


def test_a_request_that_comes_too_early_is_sent_again_when_the_answer_says_so(
    server: Server,
) -> None:
    server.answers = [(429, {"Retry-After": "0"}), (429, {"Retry-After": "0"}), (201, {})]
    assert client(server).post("/a", json={"n": 1}).status_code == 201
    assert [body for _, _, body in server.received] == [b'{"n":1}'] * 3


def test_waiting_has_its_bounds(server: Server) -> None:
    server.answers = [(429, {"Retry-After": "3600"})]
    assert client(server).post("/a").status_code == 429
    server.answers = [(429, {})]
    assert client(server).post("/a").status_code == 429
    server.answers = [(429, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"})] * 9
    assert client(server).post("/a").status_code == 429
    assert len(server.received) == 1 + 1 + 4


def test_an_api_that_wants_json_of_a_request_without_body_gets_an_empty_object(
    server: Server,
) -> None:
    server.answers = [(415, {}), (201, {})]
    api = client(server, operation("POST /a"))
    assert api.post("/a").status_code == 201
    assert api.post("/a").status_code == 200
    sent = [(headers.get("Content-Type"), body) for _, headers, body in server.received]
    assert sent == [(None, b""), ("application/json", b"{}"), ("application/json", b"{}")]


def test_a_415_for_a_body_that_was_sent_is_an_answer(server: Server) -> None:
    server.answers = [(415, {})]
    assert client(server, operation("POST /a")).post("/a", content=b"x").status_code == 415
    assert len(server.received) == 1


def test_a_401_brings_the_usual_caller_in_where_nobody_is_named(server: Server) -> None:
    server.answers = [(401, {}), (200, {})]
    api = client(server, operation("POST /a"), callers={"POST /a": "ann"})
    assert api.post("/a").status_code == 200
    assert api.post("/a").status_code == 200
    assert [headers.get("X-Key") for _, headers, _ in server.received] == [
        None,
        "ann-key",
        "ann-key",
    ]


def test_after_a_403_the_usual_caller_calls_unless_it_is_refused_too(server: Server) -> None:
    api = client(server, operation("POST /a"), callers={"POST /a": "ann"})
    server.answers = [(403, {}), (403, {}), (403, {}), (200, {}), (200, {})]
    assert [api.post("/a").status_code for _ in range(3)] == [403, 200, 200]
    assert [headers.get("X-Key") for _, headers, _ in server.received] == [
        None, "ann-key", None, "ann-key", "ann-key"
    ]  # fmt: skip


def test_a_caller_without_credentials_stays_one(server: Server) -> None:
    server.answers = [(401, {})]
    api = client(server, operation("POST /a"), callers={"POST /a": "ann"})
    assert api.post("/a", actor=ANONYMOUS).status_code == 401
    assert [headers.get("X-Key") for _, headers, _ in server.received] == [None]


def test_answers_are_kept_with_the_media_type_of_the_request(server: Server) -> None:
    api = client(server)
    server.answers = [(201, {})]
    api.post("/a", json={})
    api.post("/a", content=b"{}", headers={"Content-Type": "application/merge-patch+json; v=1"})
    assert api.evidence.take_answers() == [
        ("POST /a", 200, "application/merge-patch+json"),
        ("POST /a", 201, "application/json"),
    ]
    assert api.evidence.take_answers() == []
