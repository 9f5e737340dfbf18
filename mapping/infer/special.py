"""Columns that an application keeps for itself: times, soft delete, tenant, owner, version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..names import singular, words
from ..schema import Column, Schema, Table
from ..scope import bare
from .abbreviations import SHORT, these
from .guess import Guess
from .likeness import told_words, word_likeness

_WHEN = these("at on date time datetime timestamp ts dt when dttm tmst tm")
_TIMES = {
    "created": these("created creation create inserted added joined registered crt cre crtd"),
    "updated": these("updated update modified changed upd mod edited chg updt"),
    "deleted": frozenset(["deleted", "removed", "del", "dlt", "deletion", "trashed"]),
}
_TENANTS = these(
    "tenant organization organisation org workspace team company merchant client account co"
)
_USERS = these("user account member person employee login principal usr")
_LOGINS = frozenset(["password", "passwd", "email", "login", "username"])
"""Words of the columns that people log in by."""
_OWNERS = frozenset(["owner", "own", "ownr"])
_VERSIONS = these("version lock revision rev rowversion etag ver vrsn")
_AUDITS = these("audit audits auditlog activity history journal changelog")
_OUTBOXES = frozenset(["outbox", "outgoing"])
_UNIQUE = frozenset(["email", "username", "user_name", "login", "slug", "sku", "isbn", "handle"])
_KEYS = frozenset(["idempotency", "idempotent"])


def timestamps(table: Table) -> dict[str, Guess]:
    """`created`, `updated` and `deleted`, as `timestamps:` of a resource has them."""
    found: dict[str, Guess] = {}
    for name, column in table.columns.items():
        kind = _time_kind(words(name), column)
        if kind is None:
            continue
        typed = column.type in ("datetime", "date")
        guess = Guess(name, 0.95 if typed else 0.66, "named so" if typed else "named so; no time")
        if kind not in found or found[kind].confidence < guess.confidence:
            found[kind] = guess
    return found


def _time_kind(said: tuple[str, ...], column: Column) -> str | None:
    if column.type not in ("datetime", "date", "text", "integer", "other"):
        return None
    rest = [word for word in said if word not in _WHEN and word not in ("last", "row", "utc")]
    told = len(rest) < len(said) or column.type in ("datetime", "date")
    if len(rest) != 1 or not told or (column.type == "integer" and len(rest) == len(said)):
        return None
    for kind, names in _TIMES.items():
        if rest[0] in names:
            # A deletion that cannot be left open is no sign of a soft delete.
            return kind if kind != "deleted" or column.nullable else None
    return None


def deletion_flag(table: Table) -> tuple[str, object] | None:
    """The column that marks a row as deleted, and the value that does."""
    for name, column in table.columns.items():
        rest = [
            word for word in words(name) if word not in ("is", "flg", "flag", "ind", "yn", "fl")
        ]
        if len(rest) != 1 or rest[0] not in _TIMES["deleted"] | {"archived"}:
            continue
        if column.type == "boolean" or (column.type == "integer" and len(words(name)) > 1):
            return name, True if column.type == "boolean" else 1
        if column.type in ("text", "enum") and (
            column.length == 1 or set(column.enum) == {"Y", "N"}
        ):
            return name, "Y"
    return None


@dataclass(frozen=True)
class Roles:
    """Which tables of a schema hold tenants and users, and which keep records of the others."""

    schema: Schema

    @cached_property
    def tenants(self) -> str | None:
        """The table of tenants: named so, and most other tables point at it."""
        return self._pointed_at(_TENANTS, 0.3)

    @cached_property
    def users(self) -> str | None:
        """The table of those who call; without a foreign key to it, by what they log in with."""
        return self._pointed_at(_USERS, 0.0) or self._log_in

    @property
    def _log_in(self) -> str | None:
        named = [
            name
            for name, table in self.schema.tables.items()
            if _USERS & _last_words(name)
            and len(table.primary_key) == 1
            and any(_LOGINS & set(words(column)) for column in table.columns)
        ]
        return named[0] if len(named) == 1 else None

    def _pointed_at(self, names: frozenset[str], share: float) -> str | None:
        counted: Counter[str] = Counter()
        for table in self.schema.tables.values():
            counted.update(
                {key.table for key in table.foreign_keys if key.table != table.qualified}
            )
        named = [name for name in self.schema.tables if names & _last_words(name)]
        best = max(named, key=lambda name: (counted[name], -len(name)), default=None)
        if best is None or counted[best] < max(1, share * (len(self.schema.tables) - 1)):
            return None
        return best

    def tenant_column(self, table: Table) -> Guess | None:
        """The column that says whose tenant's a row is."""
        if table.qualified == self.tenants:
            return None
        for key in table.foreign_keys:
            if key.table == self.tenants and len(key.columns) == 1:
                why = f"it points at `{key.table}`, as in most tables"
                return Guess(key.columns[0], 0.92, why)
        named = [name for name in table.columns if name in ("tenant_id", "tenant")]
        if named:
            return Guess(named[0], 0.85, "named so")
        return None

    def owner_column(self, table: Table) -> Guess | None:
        """The column that says whose a row is; a mere `user_id` may be about anybody."""
        for name, column in table.columns.items():
            said = words(name)
            key = table.foreign_key(name)
            if set(said) & _OWNERS and column.type in ("integer", "text", "uuid"):
                sure = 0.85 if key and key.table == self.users else 0.62
                return Guess(name, sure, "named so" + (", and it points at users" if key else ""))
        for name in table.columns:
            key = table.foreign_key(name)
            if (
                key
                and key.table == self.users
                and name in ("user_id", "author_id", "user", "created_by")
            ):
                return Guess(
                    name, 0.45, f"it points at `{key.table}`; the owner, or somebody else?"
                )
        return None

    @cached_property
    def audits(self) -> tuple[str, ...]:
        """Tables that record who did what."""
        return tuple(
            name
            for name in self.schema.tables
            if name not in self.outboxes and (self._says(name, _AUDITS) or _is_log(name))
        )

    @cached_property
    def outboxes(self) -> tuple[str, ...]:
        """Tables of messages that wait to be sent."""
        return tuple(name for name in self.schema.tables if self._says(name, _OUTBOXES))

    @cached_property
    def key_tables(self) -> tuple[str, ...]:
        """Tables that remember idempotency keys."""
        return tuple(name for name in self.schema.tables if _KEYS & set(words(bare(name))))

    def _says(self, name: str, names: frozenset[str]) -> bool:
        return bool(names & set(words(bare(name))))


def _last_words(name: str) -> set[str]:
    """What a table is of: its last word, in full, words that say nothing left out."""
    told = told_words(words(singular(bare(name))))
    last = told[-1:]
    return {*last, *(word for short in last for word in SHORT.get(short, ()))}


def _is_log(name: str) -> bool:
    said = words(bare(name))
    return said[-1:] in (("log",), ("logs",)) and len(said) <= 2 and "login" not in said


def version_column(table: Table, *, has_etag: bool) -> Guess | None:
    """The column behind the ETag."""
    for name, column in table.columns.items():
        said = [word for word in words(name) if word not in ("row", "no", "number", "nr", "id")]
        if column.type == "integer" and said and all(word in _VERSIONS for word in said):
            if has_etag:
                return Guess(name, 0.93, "named so, and the spec speaks of an ETag")
            return Guess(name, 0.4, "named so; no header of the spec speaks of it")
    return None


def unique_columns(table: Table) -> Guess | None:
    """Columns that are probably unique though the schema does not say so."""
    told = {name for columns in (table.primary_key, *table.unique) for name in columns}
    found = [name for name in table.columns if name.lower() in _UNIQUE and name not in told]
    if not found:
        return None
    return Guess(found, 0.45, "such columns mostly are, and the operation knows conflicts (409)")


def missing_key(table: Table) -> Guess | None:
    """What tells rows apart where the schema has no primary key."""
    if table.primary_key:
        return None
    for columns in table.unique:
        return Guess(list(columns), 0.7, "unique; the table has no primary key")
    own = singular(bare(table.name))
    for name in table.columns:
        if name == "id" or name == f"{own}_id":
            return Guess([name], 0.65, "named so; the table has no primary key")
    return None


def state_columns(table: Table) -> Iterable[tuple[str, Column]]:
    """Columns of a few named values that say what state a row is in."""
    for name, column in table.columns.items():
        last = words(name)[-1] if words(name) else ""
        named = any(word_likeness(last, one) >= 0.85 for one in ("status", "state"))
        if column.type in ("enum", "text") and (named or last == "stage"):
            yield name, column


def participles(verb: str) -> tuple[str, ...]:
    """What a state or a flag may be called after an action: `cancel` gives `cancelled`."""
    irregular: Mapping[str, tuple[str, ...]] = {
        "ship": ("shipped",), "pay": ("paid",), "send": ("sent",), "submit": ("submitted",),
        "stop": ("stopped",), "hold": ("held", "on_hold"), "begin": ("begun", "started"),
        "cancel": ("cancelled", "canceled"), "void": ("voided", "void"), "lend": ("lent",),
        "return": ("returned",), "start": ("started", "running", "in_progress", "active"),
        "activate": ("activated", "active"), "deactivate": ("deactivated", "inactive"),
        "enable": ("enabled", "active"), "disable": ("disabled", "inactive"),
        "finish": ("finished", "done"), "complete": ("completed", "complete", "done"),
        "open": ("opened", "open"), "reopen": ("reopened", "open"), "close": ("closed",),
        "block": ("blocked",), "freeze": ("frozen",), "checkout": ("checked_out",),
        "checkin": ("checked_in",), "borrow": ("borrowed", "on_loan", "lent"),
    }  # fmt: skip
    if verb in irregular:
        return irregular[verb]
    if verb.endswith("e"):
        return (f"{verb}d",)
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return (f"{verb[:-1]}ied",)
    return (f"{verb}ed", f"{verb}{verb[-1:]}ed")
