"""Every way in which a spec can ask who is calling, on a real server with a real token endpoint."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

VAULT = Path(__file__).parent.parent / "examples" / "vault"
FLOW = "{type: oauth2, flows: {%s: {tokenUrl: /oauth/token, scopes: {}}}}"
LOGIN = "login: {request: POST /oauth/token, %s, token: $response.body#/access_token}"
BEARER = "auth: {bearer: %s-credential}"
SCHEMES = {
    "bearer": ("{type: http, scheme: bearer}", BEARER % "good", BEARER),
    "basic": (
        "{type: http, scheme: basic}",
        'auth: {basic: {username: ann, password: "ann\'s password"}}',
        "auth: {basic: {username: ann, password: %s-credential}}",
    ),
    "key in a header": (
        "{type: apiKey, in: header, name: X-Key}",
        "auth: {header: {X-Key: good-credential}}",
        "auth: {header: {X-Key: %s-credential}}",
    ),
    "key in the query": (
        "{type: apiKey, in: query, name: key}",
        "auth: {query: {key: good-credential}}",
        "auth: {query: {key: %s-credential}}",
    ),
    "key in a cookie": (
        "{type: apiKey, in: cookie, name: vault}",
        "auth: {cookie: {vault: good-credential}}",
        "auth: {cookie: {vault: %s-credential}}",
    ),
    "oauth2 password": (
        FLOW % "password",
        LOGIN % "form: {grant_type: password, username: ann, password: '${ANN_PASSWORD}'}",
        BEARER,
    ),
    "oauth2 client credentials in the form": (
        FLOW % "clientCredentials",
        LOGIN % "form: {grant_type: client_credentials, client_id: robot, "
        "client_secret: robot-secret}",
        BEARER,
    ),
    "oauth2 client credentials by basic": (
        FLOW % "clientCredentials",
        LOGIN % "form: {grant_type: client_credentials}, "
        "basic: {username: robot, password: robot-secret}",
        BEARER,
    ),
}


@pytest.fixture
def vault(pytester: pytest.Pytester, request: pytest.FixtureRequest) -> pytest.Pytester:
    """The vault with one security scheme, its mapping and suite."""
    return made(pytester, str(request.param))


def made(pytester: pytest.Pytester, scheme: str) -> pytest.Pytester:
    shutil.copytree(VAULT, pytester.path, dirs_exist_ok=True)
    stated, good, bad = SCHEMES[scheme]
    fill(pytester.path / "openapi.yaml", SCHEME=stated)
    fill(
        pytester.path / "gen-suite.yaml",
        ANN=good,
        EXPIRED=bad % "expired",
        REVOKED=bad % "revoked",
    )
    with sqlite3.connect(pytester.path / "vault.db") as database:
        database.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL)")
    command = [sys.executable, "-m", "gen_suite", "generate", "--allow-db"]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pytester


def fill(file: Path, **texts: str) -> None:
    text = file.read_text()
    for name, value in texts.items():
        text = text.replace(name, value)
    file.write_text(text)


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANN_PASSWORD", "ann's password")


def run(vault: pytest.Pytester, chosen: str) -> pytest.RunResult:
    return vault.runpytest_subprocess(
        "--allow-db", "-p", "no:cacheprovider", "tests/api", "-k", chosen
    )


def failed(result: pytest.RunResult) -> set[str]:
    """The callers for whom a test failed, as the summary names them."""
    lines = [line for line in result.outlines if line.startswith("FAILED")]
    return {line.partition("[")[2].partition("]")[0] for line in lines}


@pytest.mark.parametrize("vault", SCHEMES, indirect=True)
def test_each_scheme_lets_its_caller_in_and_nobody_else(
    vault: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = run(vault, "stores_what_it_claims or rejects_unauthenticated")
    assert right.parseoutcomes() == {"passed": 5, "deselected": right.parseoutcomes()["deselected"]}
    monkeypatch.setenv("VAULT_BUG", "any")
    taken_in = {"impostor", "expired", "revoked"}
    assert failed(run(vault, "rejects_unauthenticated")) == taken_in


@pytest.mark.parametrize(
    ("bug", "callers"),
    [
        ("expired", {"expired"}),
        ("revoked", {"revoked"}),
        ("open", {"anonymous", "impostor", "expired", "revoked"}),
        ("late", {"anonymous", "impostor", "expired", "revoked"}),
    ],
)
@pytest.mark.parametrize("vault", ["oauth2 password"], indirect=True)
def test_each_kind_of_bad_credentials_is_told_apart(
    vault: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, bug: str, callers: set[str]
) -> None:
    monkeypatch.setenv("VAULT_BUG", bug)
    assert failed(run(vault, "rejects_unauthenticated")) == callers


@pytest.mark.parametrize("vault", ["oauth2 client credentials by basic"], indirect=True)
def test_a_login_that_is_refused_says_whose(vault: pytest.Pytester) -> None:
    fill(vault.path / "gen-suite.yaml", **{"robot-secret": "forgotten"})
    result = run(vault, "stores_what_it_claims")
    result.stdout.fnmatch_lines(
        ["*actor ann cannot log in: POST /oauth/token answered 400*", "*actors.ann.login*"]
    )
    assert "forgotten" not in result.stdout.str()


@pytest.mark.parametrize("vault", ["key in the query"], indirect=True)
def test_a_key_in_the_query_is_in_no_report(
    vault: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_BUG", "expired")
    result = run(vault, "rejects_unauthenticated and expired")
    result.stdout.fnmatch_lines(["*sent*POST /things?key=****"])
    assert "expired-credential" not in result.stdout.str() + result.stderr.str()
