"""Who the callers are: their rows in the database, found by the credentials they have."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..mapping.infer.likeness import likeness
from ..mapping.infer.observed import Trial
from ..mapping.infer.special import Roles
from ..mapping.names import singular, words
from ..mapping.schema import Schema, Table
from ..mapping.scope import bare

if TYPE_CHECKING:
    from ..mapping.model import Actor
    from .database import Database

MOST_TABLES = 40
_CREDENTIALS = ("token", "key", "hash", "secret", "digest", "credential", "jti", "session")
"""How the words end of columns that keep credentials."""
_NAMES = ("username", "user_name", "login", "name", "email")
_MAKERS = ("owner_id", "user_id", "created_by", "author_id", "creator_id", "owner", "created_by_id")
"""Columns that hold who made a row."""
_HOLDERS = ("user_id", "actor_id", "owner_id", "created_by", "author_id", "user")
"""Columns that hold a user's key, where no foreign key says what they hold."""
_SUBJECTS = ("user_id", "uid", "sub", "id")
"""Claims of a signed token that say whose it is."""
_UUID = re.compile(r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
_ROLES = (("role",), ("user", "type"), ("account", "type"), ("kind",))
_FLAGS = (("is_superuser", "superuser"), ("is_admin", "admin"), ("is_staff", "staff"))


def facts_of(actor: Actor, database: Database, schema: Schema) -> dict[str, Any]:
    """`id`, `role` and `tenant` of a caller, as far as rows or a signed token tell."""
    roles = Roles(schema)
    users = schema.table(roles.users) if roles.users else None
    claims: dict[str, Any] = {}
    named = actor.auth.basic.username if actor.auth and actor.auth.basic else ""
    if users is not None and (row := _named_user(named, database, users)) is not None:
        return _facts(row, users, roles, database)
    for secret in secrets_of(actor):
        claims |= _claims(secret)
        found = _user_row(secret, database, schema, users)
        if found is not None and users is not None:
            facts, of_key = _facts(found, users, roles, database), _of_key(secret, database, schema)
            # A key with a role of its own is a caller of its own; another one is only a proof.
            return {**facts, **of_key} if "role" not in facts and "role" in of_key else facts
        if of_key := _of_key(secret, database, schema):
            return of_key
    if users is not None and (row := _claimed_user(claims, database, users)) is not None:
        return _facts(row, users, roles, database)
    return {name: claims[name] for name in ("role", "tenant") if name in claims}


def facts_from_rows(
    trials: Mapping[str, Trial], database: Database, schema: Schema
) -> dict[str, Any]:
    """The facts of several callers from what requests wrote for each of them.

    By caller: the user that a column of a new row points at; where the schema has no users, what
    stands in columns that are named for who made the row, and for whose tenant's it is.
    """
    roles = Roles(schema)
    users = schema.table(roles.users) if roles.users else None
    if users is not None and len(users.primary_key) != 1:
        users = None
    found: dict[str, Any] = {}
    for caller, trial in trials.items():
        for row in trial.rows:
            table = schema.table(row.table)
            if table is None or row.kind != "insert":
                continue
            facts = found.setdefault(caller, {})
            # Rows that were put there for the request are nobody's: `POST /users/{name}/tokens`.
            ours = [dict(one) for one in (*trial.arranged.values(), *trial.twins.values())]
            known = [trial.body, dict(trial.path), ours]
            if users is not None:
                for value in _pointing(row.row, table, users):
                    rows = database.rows(users.qualified, **{users.primary_key[0]: value})
                    if rows and not _is_sent(value, known):
                        facts |= {**_facts(dict(rows[0]), users, roles, database), **facts}
            for fact, column in _telling_columns(table, roles):
                value = row.row.get(column)
                if value is not None and not _is_sent(value, known):
                    facts.setdefault(fact, value if isinstance(value, int | str) else str(value))
    return {caller: facts for caller, facts in found.items() if facts}


def _telling_columns(table: Table, roles: Roles) -> Iterator[tuple[str, str]]:
    """(fact, column) of the columns of a new row that tell whose it is, by their names."""
    tenant = roles.tenant_column(table)
    if tenant is not None:
        yield "tenant", tenant.value
    for name in _MAKERS:
        if name in table.columns and (tenant is None or name != tenant.value):
            yield "id", name


def secrets_of(actor: Actor) -> Iterator[str]:
    """The credentials of an actor in plain text, one after the other."""
    if actor.auth is None:
        return
    shown = actor.auth.reveal()
    for value in shown.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield from (str(one).rpartition(" ")[2] for one in value.values())


def _user_row(
    secret: str, database: Database, schema: Schema, users: Table | None
) -> Mapping[str, Any] | None:
    """The user whose credentials these are: stored plainly, or as a hash without salt."""
    if users is None:
        return None
    for table, row in _key_rows(secret, database, schema):
        if table.qualified == users.qualified:
            return row
        for value in _pointing(row, table, users):
            owners = database.rows(users.qualified, **{users.primary_key[0]: value})
            if owners:
                return dict(owners[0])
    return None


def _of_key(secret: str, database: Database, schema: Schema) -> dict[str, Any]:
    """What the row of the credentials themselves says of a caller: an API key has a role of its own,
    and the account that it was given to."""
    roles = Roles(schema)
    for table, row in _key_rows(secret, database, schema):
        if table.qualified == roles.users:
            continue
        found = {
            fact: row[column]
            for fact, column in _telling_columns(table, roles)
            if row.get(column) is not None
        }
        role = _role(row)
        found |= {"role": role} if role is not None else {}
        if found:
            found |= _name(row)
            return {
                key: one if isinstance(one, int | str) else str(one) for key, one in found.items()
            }
    return {}


def _key_rows(
    secret: str, database: Database, schema: Schema
) -> Iterator[tuple[Table, dict[str, Any]]]:
    """The rows that hold these credentials, plainly or as a hash without salt."""
    data = secret.encode()
    forms = [
        secret,
        *(
            hashlib.new(name, data, usedforsecurity=False).hexdigest()
            for name in ("sha256", "sha1")
        ),
        hashlib.md5(data, usedforsecurity=False).hexdigest(),
        hashlib.sha512(data).hexdigest(),
    ]
    for table, column in _credential_columns(schema):
        for form in forms:
            for row in database.rows(table.qualified, **{column: form}):
                yield table, dict(row)


def _named_user(name: str, database: Database, users: Table) -> Mapping[str, Any] | None:
    """The user of HTTP Basic's user name."""
    for column, one in users.columns.items():
        if not name or one.type != "text":
            continue
        rows = database.rows(users.qualified, **{column: name})
        if len(rows) == 1:
            return dict(rows[0])
    return None


def _claimed_user(
    claims: Mapping[str, Any], database: Database, users: Table
) -> Mapping[str, Any] | None:
    """The user that a claim of a signed token names: by the key, else by a text that they log in by."""
    first = [claims[name] for name in _SUBJECTS if name in claims]
    texts = [one for one in claims.values() if isinstance(one, str) and one not in first]
    for value in [*first, *texts] if len(users.primary_key) == 1 else ():
        key = users.columns[users.primary_key[0]]
        held = _as_key(value, key.type)
        rows = database.rows(users.qualified, **{key.name: held}) if held is not None else []
        if rows:
            return dict(rows[0])
    named = (_named_user(str(value), database, users) for value in first)
    return next((row for row in named if row is not None), None)


def _as_key(value: Any, kind: str) -> Any:
    """A claim as a key of that type is held; None where no such key can be it."""
    if kind == "integer":
        return int(value) if str(value).isdigit() else None
    if kind == "uuid":
        return value if _UUID.fullmatch(str(value)) else None
    return str(value) if kind == "text" else None


def _credential_columns(schema: Schema) -> Iterator[tuple[Table, str]]:
    for table in list(schema.tables.values())[: MOST_TABLES * 10]:
        for name, column in table.columns.items():
            told = any(word.endswith(_CREDENTIALS) for word in words(name))
            if told and column.type in ("text", "uuid", "other"):
                yield table, name


def _pointing(row: Mapping[str, Any], table: Table, users: Table) -> Iterator[Any]:
    """The keys of users that a row points at, by foreign key or by the name of the column."""
    for name, value in row.items():
        key = table.foreign_key(name)
        named = name in _HOLDERS or name == singular(bare(users.name))
        if value is not None and (
            (key and key.table == users.qualified) or (named and key is None)
        ):
            yield value


def _facts(
    row: Mapping[str, Any], users: Table, roles: Roles, database: Database
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if len(users.primary_key) == 1:
        found["id"] = row[users.primary_key[0]]
    profiles = list(_profiles(row, users, roles.schema, database))
    flags = [(flag, said) for flag, said in _FLAGS if flag in row]
    told = [_role(row), *(said for flag, said in flags if row[flag])]
    told += [*(_role(one) for _, one in profiles), "user" if flags else None]
    role = next((one for one in told if one is not None), None)
    if role is not None:
        found["role"] = role
    found |= _name(row)
    if users.qualified == roles.tenants and "id" in found:
        found["tenant"] = found[
            "id"
        ]  # an account is both: who calls, and whose rows are kept apart
    for table, one in (*reversed(profiles), (users, row)):
        tenant = roles.tenant_column(table)
        if tenant is not None and one.get(tenant.value) is not None:
            found["tenant"] = one[tenant.value]
    return {name: one if isinstance(one, int | str) else str(one) for name, one in found.items()}


def _profiles(
    row: Mapping[str, Any], users: Table, schema: Schema, database: Database
) -> Iterator[tuple[Table, Mapping[str, Any]]]:
    """The rows of other tables of which each user has one: what a framework's own users lack."""
    for table in schema.tables.values() if len(users.primary_key) == 1 else ():
        alone = (table.primary_key, *table.unique)
        for key in table.foreign_keys:
            if key.table == users.qualified and key.columns in alone:
                held = {key.columns[0]: row[users.primary_key[0]]}
                yield from ((table, dict(one)) for one in database.rows(table.qualified, **held))


def _role(row: Mapping[str, Any]) -> Any:
    """What a row says that its user may; None where it says nothing."""
    return next((row[name] for name in _role_columns(row) if row[name] is not None), None)


def _name(row: Mapping[str, Any]) -> dict[str, str]:
    """What a caller is called: audit columns often hold that instead of a key."""
    names = (row[column] for column in _NAMES if isinstance(row.get(column), str))
    return {"name": name} if (name := next(names, "")) else {}


def _role_columns(row: Mapping[str, Any]) -> Iterator[str]:
    """The columns that say what a user may, the plainest first."""
    for wanted in _ROLES:
        for name in row:
            if likeness(wanted, words(name), ("user",)) >= 0.85:
                yield name


def _claims(secret: str) -> dict[str, Any]:
    """The payload of a JSON Web Token; the signature is the API's business."""
    parts = secret.split(".")
    if len(parts) != 3:
        return {}
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        found = json.loads(base64.urlsafe_b64decode(padded))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_sent(value: Any, body: Any) -> bool:
    if isinstance(body, Mapping):
        return any(_is_sent(value, one) for one in body.values())
    if isinstance(body, list):
        return any(_is_sent(value, one) for one in body)
    return bool(body == value) and not isinstance(body, bool)
