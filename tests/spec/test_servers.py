"""The path that the servers of a document put before its paths."""

import json
from pathlib import Path
from typing import Any

import pytest

from gen_suite.spec.read import read_document


def base_paths(tmp_path: Path, document: dict[str, Any]) -> dict[str, str]:
    file = tmp_path / "spec.json"
    file.write_text(json.dumps({"info": {"title": "t", "version": "1"}, **document}))
    return {one.label: one.base_path for one in read_document(file).operations}


def operation(**more: Any) -> dict[str, Any]:
    return {"responses": {"204": {"description": "done"}}, **more}


@pytest.mark.parametrize(
    ("servers", "path"),
    [
        ([], ""),
        ([{"url": "/"}], ""),
        ([{"url": "/hub/api"}], "/hub/api"),
        ([{"url": "https://api.example/v1/"}], "/v1"),
        ([{"url": "https://api.example"}], ""),
        ([{"url": "v2"}], "/v2"),
        ([{"url": "./v2"}], "/v2"),
        ([{"url": "/first"}, {"url": "/second"}], "/first"),
        (
            [
                {
                    "url": "https://{host}:{port}/{base}/v3",
                    "variables": {
                        "host": {"default": "api.example"},
                        "port": {"enum": ["8443", "443"]},
                        "base": {"default": "shop"},
                    },
                }
            ],
            "/shop/v3",
        ),
        ([{"url": "//[broken"}], ""),
        ("nonsense", ""),
    ],
)
def test_the_first_server_of_the_document_counts(tmp_path: Path, servers: Any, path: str) -> None:
    document = {"openapi": "3.0.3", "servers": servers, "paths": {"/a": {"post": operation()}}}
    assert base_paths(tmp_path, document) == {"POST /a": path}


def test_the_nearest_servers_count(tmp_path: Path) -> None:
    document = {
        "openapi": "3.1.0",
        "servers": [{"url": "/v1"}],
        "paths": {
            "/a": {"post": operation(), "put": operation(servers=[{"url": "/upload"}])},
            "/b": {"servers": [{"url": "/"}], "post": operation()},
        },
    }
    assert base_paths(tmp_path, document) == {
        "POST /a": "/v1",
        "PUT /a": "/upload",
        "POST /b": "",
    }


def test_the_base_path_of_swagger_2(tmp_path: Path) -> None:
    document = {
        "swagger": "2.0",
        "host": "api.example",
        "basePath": "/v1",
        "paths": {"/a": {"post": operation()}},
    }
    assert base_paths(tmp_path, document) == {"POST /a": "/v1"}
