"""A proposal corrected by what was seen when the operations ran."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ...spec.schema import keyword
from ...spec.statuses import is_documented
from ..column_fields import ColumnFields, column_fields
from ..expression import nameable, parse
from ..members import collection_made, collection_of, key_told
from ..names import singular, snake
from ..paths import parameters
from ..resolved import Resolved, Write
from ..schema import Schema, Table
from ..scope import bare
from .guess import DOUBTED, THRESHOLD, VERBS, Guess, Proposal, Tree, certainty, rows
from .observed import KeyScope, Observations, Seen
from .routes import route
from .seen_bounds import bounds, room, twins_of
from .seen_callers import CallerStudy
from .seen_changes import Changes
from .seen_columns import own_columns, owner_columns, stamps
from .seen_fields import FieldStudy
from .seen_list import list_rule
from .seen_owners import callers_columns
from .seen_remarks import refusal, remarks, silent, trouble, unseen
from .seen_repeats import repeat_key
from .seen_rows import Own, own_rows
from .seen_states import new_row_states
from .seen_sums import sums
from .special import Roles

WITHIN = "5s"
"""How long a worker may take."""
NOTHING = dict.fromkeys(
    ("persistence", "rollback", "idempotency", "concurrency", "effects"), "it writes nothing"
)
"""Concerns that an operation without writes has no part in."""
_OF_ROW = ("updates", "sends", "returns", "path", "set")


def confirm(proposal: Proposal, observations: Observations, resolved: Resolved) -> Proposal:
    """The proposal with guesses confirmed, corrected and added to.

    `resolved` is the mapping that the operations were tried with. What was not tried, or refused
    every request, stays as guessed, with a note.
    """
    if resolved.schema is None:
        return proposal
    return Confirmation(proposal, observations, resolved, resolved.schema).proposal()


@dataclass
class Confirmation:
    """One proposal in the making; `names` gives the resource of each table."""

    before: Proposal
    observations: Observations
    resolved: Resolved
    schema: Schema
    extra: dict[str, str] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    """Further resources of a table, by name: the resource they are like."""

    def proposal(self) -> Proposal:
        operations = {**self.before.tree.get("operations", {})}
        notes = dict(self.before.notes)
        for label, seen in self.observations.operations.items():
            if seen.spoils:
                operations[label] = _refused(operations.get(label, {}), refusal(seen))
            elif seen.trials:
                operations[label] = self._operation(label, seen)
                notes.pop(("operations", label), None)
                if self._shows_nothing(label, seen):
                    notes["operations", label] = (unseen(seen),)
                elif told := silent(seen, self.resolved.operations[label]):
                    notes["operations", label] = (told,)
            elif told := trouble(seen):
                place = ("operations", label)
                notes[place] = (*notes.get(place, ()), told)
                learned = self.before.learned.get(place, ())
                earlier = any(line.strip().startswith("refused:") for line in learned)
                if (said := refusal(seen)) and (earlier or not learned):
                    operations[label] = _refused(operations.get(label, {}), said)
        if any(seen.trials for seen in self.observations.operations.values()):
            notes.pop(("operations",), None)
        self._make_resources(operations)
        resources = self._resources(operations)
        order = [one.label for one in self.resolved.document.operations]
        tree = {
            **self.before.tree,
            "actors": self._actors(operations),
            "resources": resources,
            "operations": dict(sorted(operations.items(), key=lambda one: order.index(one[0]))),
        }
        if noise := self._noise(operations):
            tree = _before(tree, "target", "ignores", noise)
        if self._refusal_noise:
            names = dict.fromkeys(
                [*self.resolved.mapping.writes_when_refused, *self._refusal_noise]
            )
            guess = Guess(list(names), 1.0, "seen")
            tree = _before(tree, "target", "writes_when_refused", guess)
        if self.observations.coerces:
            taken = dict.fromkeys(self.observations.coerces.values())
            guess = Guess(sorted(self.observations.coerces), 1.0, f"seen: {', '.join(taken)}")
            tree = _before(tree, "target", "lenient", guess)
        if self._refused_options:
            names = dict.fromkeys([*self.resolved.mapping.leave_out, *self._refused_options])
            tree = _before(tree, "target", "leave_out", Guess(list(names), 1.0, "seen"))
        kept = {key: node for key, node in tree.items() if node}
        return replace(
            self.before,
            tree=kept,
            notes=notes,
            remarks=tuple(remarks(self.observations, self.resolved, self._refusal_noise)),
        )

    def _noise(self, operations: Mapping[str, Any]) -> Guess | None:
        """`ignores` of the whole file: what the file has already, what reading requests write too, and
        times that most operations set in tables that are not their own."""
        learned = [label for label, seen in self.observations.operations.items() if seen.trials]
        counted = Counter(
            name
            for label in learned
            for name in (
                operations[label]["ignores"].value if "ignores" in operations[label] else ()
            )
            if label not in self.own or not name.startswith(f"{self.own[label].table}.")
        )
        common = [name for name, count in counted.items() if count >= max(3, len(learned) / 2)]
        found = dict.fromkeys([*self.observations.noise, *common])
        stated = self.resolved.mapping.ignores
        return Guess(list({**dict.fromkeys(stated), **found}), 1.0, "seen") if found else None

    @cached_property
    def _refusal_noise(self) -> tuple[str, ...]:
        """What refused requests of several operations wrote, as `table` or `table.column`.

        One alone may have forgotten to roll back, and so may any in whose table the rows are.
        """
        resources = [write.resource for write in self.resolved.operations.values()]
        own = {resource.table for resource in resources if resource is not None}
        counted = Counter(
            name
            for seen in self.observations.operations.values()
            for name in seen.refusal_writes
            if not any(name == table or name.startswith(f"{table}.") for table in own)
        )
        return tuple(sorted(name for name, count in counted.items() if count > 1))

    # ---- what is known of the whole

    @cached_property
    def roles(self) -> Roles:
        return Roles(self.schema)

    @cached_property
    def records(self) -> frozenset[str]:
        of_refusals = [name for name in self._refusal_noise if name in self.schema.tables]
        roles = self.roles
        return frozenset([*roles.audits, *roles.outboxes, *roles.key_tables, *of_refusals])

    @cached_property
    def callers(self) -> CallerStudy:
        stated = {name: one.facts for name, one in self.resolved.mapping.actors.items()}
        return CallerStudy(self.observations, stated)

    @cached_property
    def new_states(self) -> Mapping[str, Mapping[str, str]]:
        """By table: texts that the API itself puts into a new row."""
        states: dict[str, dict[str, str]] = {}
        for seen in self.observations.operations.values():
            for table, columns in new_row_states(seen, self.schema).items():
                states.setdefault(table, {}).update(columns)
        return states

    @cached_property
    def callers_columns(self) -> Mapping[str, tuple[str, ...]]:
        """By table: columns that the API fills with the caller's id in new rows."""
        seen = self.observations.operations.values()
        return callers_columns(seen, self.schema, self.callers.facts())

    @cached_property
    def own(self) -> Mapping[str, Own]:
        """By label: the rows that are the operation's own, as far as it is known which resource they are."""
        split = {self._own[label].table for label in self.kinds}
        return {
            label: own
            for label, own in self._own.items()
            if own.table not in split or label in self.kinds
        }

    @cached_property
    def _own(self) -> Mapping[str, Own]:
        found = {}
        for label, seen in self.observations.operations.items():
            if seen.trials:
                write = self.resolved.operations[label]
                own = own_rows(write, seen.trials, self.records)
                if own is not None:
                    found[label] = own
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """By table: the name of its resource, those of the proposal first."""
        found: dict[str, str] = {}
        for name, node in self.before.tree.get("resources", {}).items():
            found.setdefault(node["table"].value, name)
        taken = set(found.values())
        for label, own in self.own.items():
            if own.table not in found:
                found[own.table] = self.kinds.get(label) or _free(own.table, taken)
                taken.add(found[own.table])
        return found

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        """By label: the resource of its own rows, where one table keeps rows of several resources.

        Documents of all kinds in one table are told apart by the collections of the paths; only where
        nothing else has named the table, and the rows that each collection's operations add differ.
        """
        named = {node["table"].value for node in self.before.tree.get("resources", {}).values()}
        collections: dict[str, dict[str, str]] = {}
        for label, own in self._own.items():
            if own.table not in named and (collection := self._collection(label)):
                collections.setdefault(own.table, {})[label] = collection
        kinds: dict[str, str] = {}
        for by_label in collections.values():
            made = {by_label[one] for one in by_label if self._own[one].kind == "creates"}
            if len(made) < 2:
                continue
            names: dict[str, str] = {}
            for collection in sorted(made, key=lambda one: one.count("/")):
                word = singular(snake(collection.rpartition("/")[2])) or "row"
                names[collection] = _free(word, set(names.values()))
            kinds |= {label: names[one] for label, one in by_label.items() if one in names}
        return kinds

    def _collection(self, label: str) -> str:
        """The collection that the operation's own row is a member of, as far as its path tells."""
        operation, own = self.resolved.operations[label].operation, self._own[label]
        if own.kind == "creates":
            return collection_made(operation)
        names = parameters(operation.path)
        return collection_of(operation.path, names[-1]) if names else operation.path

    def name_of(self, label: str) -> str:
        """The resource of the operation's own rows."""
        own, resource = self.own[label], self.resolved.operations[label].resource
        if label in self.kinds:
            return self.kinds[label]
        several = sum(one.table == own.table for one in self.resolved.resources.values()) > 1
        if several and resource is not None and resource.table == own.table:
            return resource.name
        return self.names[own.table]

    @cached_property
    def makers(self) -> Mapping[str, str]:
        """By resource: the operation that made its rows where arranged ones were refused."""
        made = {
            label
            for seen in self.observations.operations.values()
            for trial in seen.trials
            for label in trial.made.values()
        }
        return {self.name_of(one): one for one in self.own if one in made}

    def resource_of(self, table: str) -> str:
        """The resource of a table, which `$resource.column` needs; made if there is none."""
        if table in self.names.values() or table not in self.schema.tables:
            return table
        if table in self.names:
            return self.names[table]
        return self.extra.setdefault(table, _free(table, set(self.names.values())))

    def _make_resources(self, operations: Mapping[str, Any]) -> None:
        """Tables that expressions speak of, `$order_item.quantity`, become resources."""
        told = {
            name
            for tree in operations.values()
            for _, guess in Proposal(tree).guesses()
            for name in re.findall(r"\$([A-Za-z_]\w*)\.", str(guess.value))
        }
        self.names.update({t: name for t, name in self.extra.items() if name in told})

    def _actors(self, operations: Mapping[str, Any]) -> Tree:
        """The callers with what was found out of them; their names only where an operation writes them."""
        facts = self.callers.facts()
        named = any(
            "$actor.name" in str(guess.value) for _, guess in Proposal(operations).guesses()
        )
        found = {}
        for name, node in self.before.tree.get("actors", {}).items():
            told = {
                key: Guess(value, 1.0)
                for key, value in facts.get(name, {}).items()
                if key != "name" or named
            }
            found[name] = {**told, **node}
        return found

    # ---- operations

    def _operation(self, label: str, seen: Seen) -> Tree:
        write = self.resolved.operations[label]
        own = self.own.get(label)
        guessed = dict(self.before.tree.get("operations", {}).get(label, {}))
        facts = self.callers.facts()
        known = facts if self._shows_caller(write) else {}
        users = self.roles.users
        each = _arrays(guessed)
        changes = Changes(self.schema, known, seen.trials, own, self.resource_of, users, each)
        found: dict[str, Any] = {}
        if self._shows_nothing(label, seen):
            found |= {key: guessed[key] for key in _OF_ROW if key in guessed}
        elif own is None and not any(trial.rows for trial in (*seen.trials, *seen.late)):
            if route(write.operation).may_only_read:
                found["not_applicable"] = {
                    concern: Guess("it only reads", 1.0, "seen: it writes nothing")
                    for concern in NOTHING
                }
            else:
                found |= _doubted(guessed)
        if own is not None:
            found |= self._of_own(write, own, guessed, changes)
        expected = [*changes.rows(), *self._late(write, seen, known, own)]
        found["changes"] = rows(expected)
        if places := self._made_places(write, seen):
            found["path"] = {**found.get("path", {}), **places}
        found |= self._state(write, seen)
        found |= _success(write, seen)
        allow = {**self._kept_allow(write), **guessed.get("allow", {}), **self.callers.allow(seen)}
        if self.callers.is_open(seen):
            allow.pop("tenant", None)
        found["allow"] = allow
        if (
            seen.actor
            and seen.actor != self.callers.default_actor(allow)
            and self._shows_caller(write)
        ):
            found["as"] = Guess(seen.actor, 1.0, "the first who may")
        ignores = [one for group in changes.groups() for one in changes.noise(group)]
        ignores += [*found.pop("ignores", []), *seen.keyed]
        found |= {"ignores": Guess(ignores, 1.0, "seen")} if ignores else {}
        if "idempotency" in guessed and seen.repeats is not False:
            found["idempotency"] = _scoped(guessed["idempotency"], seen.key_scope)
        if own is not None and own.kind == "creates":
            for name, node in self._of_new(own, seen).items():
                found.setdefault(name, node)
        if left_out := self._left_out(write, seen):
            found["leave_out"] = Guess(left_out, 1.0, "seen: refused with them")
        found["resets"] = {name: Guess(value, 1.0, "seen") for name, value in seen.resets.items()}
        found |= self._of_twins(write, seen, found.get("fill", {}))
        found |= {"risk": guessed["risk"]} if "risk" in guessed else {}
        return {key: node for key, node in found.items() if node}

    def _made_places(self, write: Write, seen: Seen) -> dict[str, Guess]:
        """Path parameters that name what an operation made, as far as nothing else tells."""
        operation, bound = write.operation, {one.parameter: one for one in write.path}
        places: dict[str, Guess] = {}
        for name in parameters(operation.path):
            maker = seen.trials[0].made.get(collection_of(operation.path, name), "")
            column = self._key_column(maker, name) if maker in self.own else ""
            binding = bound.get(name)
            table = self.own[maker].table if column else ""
            if column and (binding is None or (binding.table, binding.column) != (table, column)):
                places[name] = Guess(f"{self.name_of(maker)}.{column}", 1.0, "seen")
        return places

    def _key_column(self, maker: str, parameter: str) -> str:
        """The column that holds what a path says for the row that an operation makes; or ""."""
        operation = self.resolved.operations[maker].operation
        held = [
            (sample.row.row, key_told(operation, sample.trial.path, sample.trial.answer, parameter))
            for sample in self.own[maker].samples
        ]
        columns = held[0][0] if held else ()
        return next(
            (c for c in columns if all(str(row.get(c)) == str(key) for row, key in held)), ""
        )

    def _left_out(self, write: Write, seen: Seen) -> list[str]:
        """Fields that are refused, with those that the mapping leaves out already."""
        stated = write.entry.leave_out if write.entry else ()
        options = [name for name in seen.refused_options if name not in self._refused_options]
        return list(dict.fromkeys([*stated, *seen.left_out, *options]))

    @cached_property
    def _refused_options(self) -> tuple[str, ...]:
        """Optional parameters that several operations refused, and none that has them took."""
        refused: Counter[str] = Counter()
        had: Counter[str] = Counter()
        for label, seen in self.observations.operations.items():
            if seen.trials:
                had.update(o.name for o in self.resolved.operations[label].operation.options)
                refused.update(seen.refused_options)
        return tuple(name for name, count in refused.items() if 1 < count == had[name])

    def _of_twins(self, write: Write, seen: Seen, fill: Tree) -> dict[str, Any]:
        """What bounds the fields, and which rows those name that point at two of one table."""
        twins = twins_of(write)
        found: dict[str, Any] = dict(bounds(seen, self.schema, twins))
        if twins:
            fills = {
                one.pointer: Guess(f"${one.name}.{one.column}", 1.0, "a row of its own")
                for one in twins
            }
            found["fill"] = {**fill, **fills}
            self.twins |= {one.name: one.resource for one in twins}
        return found

    def _kept_allow(self, write: Write) -> Tree:
        """What the mapping has, where a caller with a wrong token may be why it was not seen."""
        stated = write.entry.allow if write.entry else None
        if stated is None or not self.callers.distrusted():
            return {}
        told = {"role": list(stated.role), "tenant": stated.tenant, "owner": stated.owner}
        return {name: Guess(value, 1.0, "seen") for name, value in told.items() if value}

    def _shows_nothing(self, label: str, seen: Seen) -> bool:
        """An update of no field leaves its row alone: that speaks against no guess."""
        guessed = self.before.tree.get("operations", {}).get(label, {})
        empty = all(trial.body in ({}, []) for trial in seen.trials)
        return "updates" in guessed and label not in self.own and empty

    def _of_new(self, own: Own, seen: Seen) -> dict[str, Any]:
        """What a new row is known by when it is asked for again, and which lists leave it out."""
        table, facts = self.schema.tables[own.table], self.callers.facts()
        key = repeat_key(own, table, seen.repeated, facts)
        found: dict[str, Any] = {"idempotency": key} if key else {}
        return found | {"list": list_rule(seen.listed, table, facts)}

    def _late(
        self, write: Write, seen: Seen, known: Mapping[str, Mapping[str, Any]], own: Own | None
    ) -> Iterator[dict[str, Guess]]:
        """What a worker does after the answer."""
        if not seen.late:
            return
        late = Changes(self.schema, known, seen.late, None, self.resource_of, self.roles.users)
        for row in late.rows():
            yield {**row, "within": Guess(WITHIN, 1.0)}

    def _of_own(
        self, write: Write, own: Own, guessed: Mapping[str, Any], changes: Changes
    ) -> dict[str, Any]:
        """What the operation does to its own row."""
        name = self.name_of(write.operation.label)
        kind: Any = own.kind
        table = self.schema.tables[own.table]
        learned = own_columns(own, table, changes, self._stored(own.table), write)
        if kind == "updates" and "deletes" in guessed and learned.deleted:
            kind = "deletes"  # the row is marked instead of taken away
        found: dict[str, Any] = {kind: Guess(name, 1.0, "seen")}
        right = write.resource is not None and write.resource.table == own.table
        for key in ("sends", "returns", "path") if right else ():
            if key in guessed:
                found[key] = guessed[key]
        if new := _key_in_path(own, write):
            parameter, column = new
            path = {**guessed.get("path", {}), parameter: Guess(f"{name}.{column}", 1.0, "seen")}
            found["path"] = path
        if own.many and "for_each" in guessed:
            found["for_each"] = guessed["for_each"]
        if kind == "creates":
            found["values"] = {c: Guess(v, 1.0, "seen") for c, v in learned.constants.items()}
        elif kind == "updates":
            found["set"] = {c: Guess(v, 1.0, "seen") for c, v in learned.constants.items()}
        found["ignores"] = [f"{own.table}.{column}" for column in learned.unexplained]
        found["verify"] = rows(sums(own, self.schema))
        return found

    def _stored(self, table: str) -> frozenset[str]:
        """Columns of a table that some request sends."""
        return frozenset(
            pair.column
            for write in self.resolved.operations.values()
            if write.resource is not None and write.resource.table == table
            for pair in write.fields
        )

    def _shows_caller(self, write: Write) -> bool:
        """Its caller shows credentials: the spec speaks of them, or says nothing of any."""
        operation = write.operation
        return bool(operation.security) or self.resolved.sends_credentials(operation)

    def _state(self, write: Write, seen: Seen) -> dict[str, Any]:
        """States and field values without which the operation refuses."""
        found: dict[str, Any] = {}
        needed = {name: dict(values) for name, values in seen.state.items() if values}
        if needed:
            found["arrange"] = {
                name: Guess(values, 1.0, "refused otherwise") for name, values in needed.items()
            }
        if seen.fill:
            found["fill"] = {
                name: Guess(value, 1.0, "refused otherwise") for name, value in seen.fill.items()
            }
        return found

    # ---- resources

    def _resources(self, operations: Mapping[str, Any]) -> Tree:
        found: dict[str, Any] = {}
        guessed = self.before.tree.get("resources", {})
        own_tables = {self.name_of(label): own.table for label, own in self.own.items()}
        tables = {name: table for table, name in self.names.items()} | own_tables
        for name, table_name in tables.items():
            node: Tree = dict(guessed.get(name, {}))
            table = self.schema.tables.get(table_name)
            used = name in own_tables
            if table is not None and used:
                node = self._resource(table, name, node)
            elif table_name in self.extra:
                node = {"table": Guess(table_name, 1.0, "seen"), **node}
            found[name] = node
        for name, like in self.twins.items():
            if like in found and name not in found:
                found[name] = {key: one for key, one in found[like].items() if key != "owner"}
        return found

    def _resource(self, table: Table, name: str, node: Tree) -> Tree:
        study = FieldStudy(table, name)
        owns = {label: own for label, own in self.own.items() if self.name_of(label) == name}
        for label, own in owns.items():
            study.samples += own.samples
            write, padded = (
                self.resolved.operations[label],
                self.observations.operations[label].padded,
            )
            spaced = own_rows(write, [padded], self.records) if padded else None
            if spaced is not None and (spaced.kind, spaced.table) == (own.kind, own.table):
                study.samples += spaced.samples
        made: dict[str, Any] = {"table": Guess(table.qualified, 1.0, "seen")}
        made |= {"key": node["key"]} if "key" in node else {}
        made["fields"] = study.learned(self._guessed(table.qualified, owns))
        tenant, owner = owner_columns(table, owns, self.observations, self.roles, node)
        made |= {"tenant": tenant} if tenant else {}
        made |= {"owner": owner} if owner else {}
        made["timestamps"] = stamps(table, owns, node.get("timestamps", {}))
        made |= {"version": node["version"]} if "version" in node else {}
        if name in self.makers:
            why = "seen: a row that is only arranged is refused"
            made["made_by"] = Guess(self.makers[name], 1.0, why)
        elif "made_by" in node:
            made["made_by"] = node["made_by"]
        states = {
            column: Guess(value, 1.0, "seen: new rows have it")
            for column, value in self._new_states(table.qualified, owns).items()
        }
        whose = {
            column: Guess("$actor.id", 1.0, "seen: new rows are their caller's")
            for column in self.callers_columns.get(table.qualified, ())
            if column not in [one.value for one in (tenant, owner) if one]
        }
        made["arrange"] = {
            **room(self.observations, table, self._most_shown(table.qualified)),
            **node.get("arrange", {}),
            **states,
            **whose,
        }
        return {key: one for key, one in made.items() if one}

    def _most_shown(self, table: str) -> dict[str, float]:
        """By column: the most that the spec allows the fields which show it."""
        found: dict[str, float] = {}
        for (name, column), fields in self._shown.items():
            told = [keyword(self.resolved.document, one.schema, "maximum") for one in fields.rules]
            numbers = [one for one in told if isinstance(one, int | float)]
            if name == table and numbers:
                found[column] = min(numbers)
        return found

    @cached_property
    def _shown(self) -> Mapping[tuple[str, str], ColumnFields]:
        return column_fields(self.resolved)

    def _new_states(self, table: str, owns: Mapping[str, Own]) -> Mapping[str, str]:
        """Texts that the API itself puts into new rows of a resource."""
        if not {*owns} & {*self.kinds}:
            return self.new_states.get(table, {})
        rows = {id(sample.row) for own in owns.values() for sample in own.samples}
        states: dict[str, str] = {}
        for label in owns:
            seen = self.observations.operations[label]
            trials = [
                replace(trial, rows=tuple(row for row in trial.rows if id(row) in rows))
                for trial in seen.trials
            ]
            states |= new_row_states(replace(seen, trials=tuple(trials)), self.schema).get(
                table, {}
            )
        return states

    def _guessed(self, table: str, owns: Mapping[str, Own]) -> dict[str, tuple[str, Any]]:
        """Field -> (column, transform) as the mapping that was tried has it."""
        found: dict[str, tuple[str, Any]] = {}
        for label in owns:
            write = self.resolved.operations[label]
            if write.resource is None or write.resource.table != table:
                continue
            for pair in (*write.fields, *write.claimed):
                found.setdefault(pair.wire, (pair.column, pair.transform))
        return found


def _arrays(guessed: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """By table: the steps to the array of which a row each was guessed to be inserted."""
    return {
        row["inserts"].value: parse(row["for_each"].value).steps
        for row in guessed.get("changes", {}).values()
        if "inserts" in row and "for_each" in row
    }


def _key_in_path(own: Own, write: Write) -> tuple[str, str] | None:
    """(parameter, column): the caller names the new row by what stands at the path's end."""
    names = parameters(write.operation.path) if write.operation.path.endswith("}") else ()
    if own.kind != "creates" or not names or write.new_key is not None or len(own.samples) < 2:
        return None
    values = [(sample.row.row, sample.trial.path.get(names[-1])) for sample in own.samples]
    if len({str(value) for _, value in values}) < 2:
        return None
    for column in own.samples[0].row.row:
        if all(value is not None and str(row.get(column)) == str(value) for row, value in values):
            return names[-1], column
    return None


def _doubted(guessed: Mapping[str, Any]) -> dict[str, Any]:
    """What an operation was guessed to write, as a question: it succeeded and wrote nothing."""
    return {
        key: replace(one, confidence=min(one.confidence, DOUBTED), evidence="it wrote nothing")
        for key, one in guessed.items()
        if key in VERBS
    }


def _before(tree: Tree, other: str, key: str, node: Any) -> dict[str, Any]:
    """The tree with one more key in front of another."""
    at = list(tree).index(other) if other in tree else len(tree)
    items = [(name, one) for name, one in tree.items() if name != key]
    return dict([*items[:at], (key, node), *items[at:]])


def _refused(guessed: Tree, said: str) -> Tree:
    """An entry of which no request got through: what is guessed of it, and what the API answered."""
    sure = certainty(guessed) >= THRESHOLD
    kept = guessed if sure else {key: one for key, one in guessed.items() if key in VERBS}
    return {**kept, "refused": Guess(said, 1.0, "seen")}


def _free(table: str, taken: set[str]) -> str:
    name = nameable(singular(snake(bare(table))))
    while name in taken:
        name += "_row"
    return name


def _scoped(guess: Any, scope: KeyScope) -> Any:
    """How a repeat is known, with who shares the keys where that is not each caller alone."""
    if not isinstance(guess, Guess) or scope in ("", "caller"):
        return guess
    evidence = "seen: the same key of another caller wrote nothing"
    return Guess({**guess.value, "scope": scope}, 1.0, evidence)


def _success(write: Write, seen: Seen) -> dict[str, Guess]:
    """The status of a success, where it is none that the spec documents as such."""
    if not seen.trials:
        return {}
    status = seen.trials[0].status
    if is_documented(status, write.operation.success):
        return {}
    return {"success": Guess(status, 1.0, "seen; the spec documents another")}
