"""Learning from the running API: one valid request per operation, what it wrote, and all undone.

Nothing is judged here: what was seen goes to `mapping.infer.confirm` as data. Only the database and
the application of the mapping are touched, and operations that look dangerous only when allowed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..errors import GenSuiteError, TargetError
from ..mapping.infer.observed import Callers, KeyScope, Listed, Observations, Seen, Trial
from ..mapping.infer.routes import route
from ..mapping.infer.seen_owners import callers_columns
from ..mapping.infer.seen_remarks import told
from ..mapping.infer.seen_states import new_row_states, state_texts
from ..mapping.infer.special import Roles
from ..mapping.members import collection_made
from ..mapping.resolved import Write
from .learn_amounts import other_amounts
from .learn_body import Variation
from .learn_callers import facts_from_rows, facts_of
from .learn_coercion import Coercions, is_coerced, near_misses, padded
from .learn_limits import limits, refusals
from .learn_list import look_at_list
from .learn_members import Makers
from .learn_request import Plan, Sender
from .learn_resets import resets
from .learn_search import Search
from .learn_target import Watchman
from .requests import unique
from .secrets import mask_text
from .session import Session
from .suite import Suite

if TYPE_CHECKING:
    from .payloads import PayloadSpace

SECONDS = 20.0
"""How long a request is looked for that an operation accepts."""
MOST_RESTARTS = 3
"""An application that ends more often has a fault that no restart mends."""
DANGEROUS = ("high",)
"""Risks of operations that are only called when the user said so."""

_OF_STATE = (400, 404, 409, 412, 422, 423)
"""Refusals that another state of a row may take away."""
_INVALID = (400, 422)
"""Refusals of what a request holds."""
ABOUT_THE_PROCESS = "it acts on the application's process, not on rows"
NO_ANSWER = "got no answer"
LONGEST_SAID = 400
"""Characters of a refusal's message that are shown."""
MOST_REFUSALS = 3
"""A caller who was a stranger (401) so often in a row is asked no more."""


@dataclass
class Learner:
    """Runs the operations of a suite, one after the other, each undone before the next.

    `dangerous` allows operations of high risk; `only` names those to run; `tell` hears of progress.
    `keep` gets what was seen of each, `kept` is what an interrupted run saw. `seconds` are given to an
    operation that refuses.
    """

    suite: Suite
    session: Session
    dangerous: bool = False
    only: frozenset[str] = frozenset()
    tell: Callable[[str], None] = lambda text: None
    keep: Callable[[Seen], None] = lambda seen: None
    kept: Mapping[str, Seen] = field(default_factory=dict)
    seconds: float = SECONDS
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: dict[str, Seen] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    _strangers: dict[str, int] = field(default_factory=dict)
    _restarts: int = 0
    _tried_with: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """By operation: the columns that were known to hold the caller's id when it was tried."""
    _accepted: dict[str, tuple[Plan, set[tuple[str, str]]]] = field(default_factory=dict)
    """By operation: a plan that it accepts, and the states (column, text) that were known by then."""
    _coercions: Coercions = field(default_factory=Coercions)
    _options: dict[str, bool] = field(default_factory=dict)
    """By what the spec says of an optional parameter and its value: whether it is taken."""

    @cached_property
    def _watchman(self) -> Watchman:
        return Watchman(self.session)

    def run(self) -> Observations:
        """Try all operations; the database is as it was afterwards."""
        for warning in self._watchman.meet():
            self.tell(f"! {warning}")
        self._meet_callers()
        chosen = list(self._in_order())
        progress = Progress(len(chosen), sum(label in self.kept for label, _ in chosen))
        for label, write in chosen:
            if label in self.kept:
                self.seen[label] = self.kept[label]
                continue
            self.session.begin()
            seen = self._skip(write) or self._looked_after(write, self._one(write))
            self.seen[label] = seen
            if not seen.skipped:
                self.keep(seen)
            self.tell(f"{_line(seen)}  {progress.next()}")
        self._try_refused_again(write for _, write in chosen)
        self._ask_of_later_states()
        noise = tuple(sorted(self._watchman.noise))
        return Observations(
            dict(self.seen),
            dict(self.facts),
            tuple(self.remarks),
            noise,
            self._coercions.on_purpose,
        )

    def _try_refused_again(self, writes: Iterable[Write]) -> None:
        """Operations that refused, once more: others have shown states of rows since, or whose the
        rows have to be."""
        schema = self.suite.resolved.schema
        if schema is None:
            return
        texts = state_texts(self.seen.values(), schema)
        for write in writes:
            label = write.operation.label
            seen = self.seen[label]
            if label in self.kept or seen.refused is None:
                continue
            before = self._tried_with.get(label, {})
            tables = [table for _, table in self._search(write).involved()]
            named = {table.qualified for table in tables}
            whose = named | {key.table for table in tables for key in table.foreign_keys}
            states = seen.refused.status in _OF_STATE and any(table in named for table, _ in texts)
            since = {
                t for t, columns in self._callers_columns().items() if columns != before.get(t)
            }
            strangers = seen.refused.status in (*_OF_STATE, 403) and whose & since
            if not states and not strangers:
                continue
            again = self._looked_after(write, self._one(write))
            if again.trials:
                self.seen[label] = again
                self.keep(again)
                self.tell(_line(again))

    def _in_order(self) -> Iterable[tuple[str, Write]]:
        """Creating first: what they show helps to understand the others."""
        rank = {"creates": 0, "updates": 1, None: 2, "deletes": 3}
        chosen = [
            (label, write)
            for label, write in self.suite.resolved.operations.items()
            if write.operation.is_write and (not self.only or label in self.only)
        ]

        def order(pair: tuple[str, Write]) -> tuple[int, int, int]:
            operation, kind = pair[1].operation, pair[1].kind
            # Nothing is known of these: what looks as if it made something comes first, parents first.
            unknown = kind is None
            makes = collection_made(operation)
            last = 0 if makes else 2 if operation.method == "DELETE" else 1
            return rank[kind], last * unknown, operation.path.count("{") * unknown

        return sorted(chosen, key=order)

    def _skip(self, write: Write) -> Seen | None:
        label = write.operation.label
        if write.kind is None and route(write.operation).is_about_the_process:
            if not (self.dangerous and label in self.only):
                return Seen(
                    label, unsent=f'{ABOUT_THE_PROCESS}: allow it by name, --only "{label}"'
                )
            return None
        if write.risk in DANGEROUS and not self.dangerous:
            return Seen(write.operation.label, skipped="it looks dangerous: allow it with --yes")
        return None

    def _looked_after(self, write: Write, seen: Seen) -> Seen:
        """What was seen, once the application is as it was before: started again where it is not.

        An operation that came to nothing since an earlier one had spoiled the application is tried
        once more.
        """
        gone = NO_ANSWER in seen.unsent and not seen.trials and seen.refused is None
        trouble = "the application answers no more" if gone else self._watchman.trouble()
        if not trouble:
            return seen
        log = self._watchman.log()
        self._restarts += 1
        if self._restarts > MOST_RESTARTS or not self.session.restart():
            raise TargetError(
                f"{trouble} after {seen.label}; its last lines:\n{log}",
                hint="what was seen so far is kept: find out why, then learn again; "
                f'`--only "{seen.label}"` tries it alone',
            )
        self.remarks.append(f"after {seen.label} {trouble}; it was started again")
        if seen.trials or gone:
            return seen
        return self._one(write)

    def _ask_of_later_states(self) -> None:
        """Whether operations refuse rows in states that only operations tried after them have made."""
        later = _states(self._state_texts())
        for label, (plan, known) in self._accepted.items():
            search = self._search(self.suite.resolved.operations[label])
            new = [
                (resource, values)
                for resource, values in search.states()
                if all((name, value) in later - known for name, value in values.items())
            ]
            seen = self.seen[label]
            if found := tuple(refusals(search, plan, seen.limits, new)):
                self.seen[label] = replace(seen, refusals=(*seen.refusals, *found))
                self.keep(self.seen[label])

    # ---- callers

    def _meet_callers(self) -> None:
        mapping, schema = self.suite.mapping, self.suite.resolved.schema
        database = self.session.database()
        for name, actor in mapping.actors.items():
            known = dict(actor.facts)
            found = facts_of(actor, database, schema) if schema is not None else {}
            self.facts[name] = {**found, **known}
        if schema is None or not self._unknown():
            return
        for write in self._simple():
            sender = Sender(self.session, write, self.facts, self._watchman.noise)
            trials = self._by_caller(sender)
            for name, found in facts_from_rows(trials, database, schema).items():
                self.facts[name] = {**found, **self.facts[name]}
            if not self._unknown():
                return

    def _unknown(self) -> list[str]:
        """The callers of whom it is not known who they are, or whose tenant's rows are theirs."""
        kept_apart = any(one.tenant for one in self.suite.resolved.resources.values())
        wanted = {"id", "tenant"} if kept_apart else {"id"}
        return [name for name, facts in self.facts.items() if not wanted <= facts.keys()]

    def _learn_callers(self, trials: Sequence[Trial]) -> None:
        """What new rows tell of callers of whom something is not known yet."""
        schema = self.suite.resolved.schema
        if schema is None or not self._unknown():
            return
        by_caller = {trial.actor: trial for trial in trials}
        for name, found in facts_from_rows(by_caller, self.session.database(), schema).items():
            self.facts[name] = {**found, **self.facts.get(name, {})}

    def _simple(self) -> list[Write]:
        """Operations that need no rows of anybody: what they write tells who called."""
        return [
            write
            for label, write in self._in_order()
            if write.kind == "creates" and not write.path and not write.references
            and not self._skip(write)
        ][:4]  # fmt: skip

    def _by_caller(self, sender: Sender) -> dict[str, Trial]:
        found = {}
        space = sender.space
        for name in self._unknown():
            try:
                trial = sender.try_(Plan(name, space.complete()))
            except GenSuiteError as error:
                self.remarks.append(error.message)
                continue
            if trial.succeeded:
                found[name] = trial
        return found

    # ---- one operation

    def _one(self, write: Write) -> Seen:
        label = write.operation.label
        search = self._search(write)
        sender = search.sender
        found = search.find()
        if found is None:
            unsent = "" if search.told_most else "; ".join(search.troubles[:1])
            said = _said(search.told_most)
            seen = Seen(label, refused=search.told_most, said=said, unsent=unsent)
            return replace(seen, refusal_writes=tuple(sorted(sender.refusal_writes)))
        plan, first = found
        if trouble := self._watchman.trouble():
            # A second request would show what is wrong now, not what this one does.
            return Seen(label, (first,), plan.actor, state=plan.state, spoils=trouble)
        trials = [first, *self._again(write, sender, plan)]
        trials += self._with_other_amounts(sender, plan, trials)
        said = _said(search.last)
        left_out = search.left_out(plan)
        seen = Seen(
            label, tuple(trials), plan.actor, state=plan.state, left_out=left_out, said=said
        )
        followed = tuple(replace(one, rows=one.later_rows) for one in trials if one.later_rows)
        seen = replace(seen, late=followed)
        if write.kind == "creates":
            self._learn_callers(trials)
        self._learn_coercion(sender, plan)
        seen = replace(seen, refused_options=self._refused_options(sender, plan))
        seen = replace(seen, padded=self._padded(sender, plan, trials))
        seen = replace(seen, fill=self._fill(write, sender, plan))
        seen = replace(seen, resets=resets(sender, plan, self._safely))
        seen = self._with_matrix(seen, sender, plan)
        seen = self._with_key(seen, sender, plan)
        seen = replace(seen, listed=self._listed(write, seen))
        seen = replace(seen, limits=tuple(limits(search, plan, seen.trials)))
        sender.state_texts = self._state_texts(seen)
        self._accepted[label] = plan, _states(sender.state_texts)
        seen = replace(seen, refusals=tuple(refusals(search, plan, seen.limits)))
        self._be_refused(sender, plan)
        seen = replace(seen, refusal_writes=tuple(sorted(sender.refusal_writes)))
        return self._with_worker(seen, sender, plan)

    def _be_refused(self, sender: Sender, plan: Plan) -> None:
        """A request that is refused, for what a refusal writes: with a body of another kind, or for
        what the first one has done already."""
        if sender.refusal_writes:
            return
        if isinstance(plan.body, dict | list):
            self._safely(sender, replace(plan, body=[] if isinstance(plan.body, dict) else {}))
        else:
            with suppress(GenSuiteError):
                sender.try_(plan, twice=True)

    def _search(self, write: Write) -> Search:
        """The search for a request that an operation accepts, with what was seen so far."""
        schema = self.suite.resolved.schema
        new_states: dict[str, dict[str, str]] = {}
        if schema is not None:
            for seen in self.seen.values():
                for table, columns in new_row_states(seen, schema).items():
                    new_states.setdefault(table, {}).update(columns)
        texts = self._state_texts()
        noise = self._watchman.noise
        callers = self._callers_columns()
        self._tried_with[write.operation.label] = callers
        sender = Sender(
            self.session,
            write,
            self.facts,
            noise,
            new_states,
            texts,
            callers,
            Makers.of(self.seen, self.suite.resolved.operations),
        )
        return Search(sender, self._callers(write), self.seconds)

    def _listed(self, write: Write, seen: Seen) -> Listed | None:
        callers = self._callers_columns(seen)
        return look_at_list(self.session, write, seen.actor, self.facts, callers)

    def _state_texts(self, *newest: Seen) -> dict[tuple[str, str], list[str]]:
        """Texts that operations were seen to put into rows; what one has made of a row may be why
        it refuses the row the next time."""
        schema = self.suite.resolved.schema
        return state_texts([*self.seen.values(), *newest], schema) if schema is not None else {}

    def _callers_columns(self, *newest: Seen) -> dict[str, tuple[str, ...]]:
        """By table: columns in which what was seen has the caller's id."""
        schema = self.suite.resolved.schema
        if schema is None:
            return {}
        return callers_columns([*self.seen.values(), *newest], schema, self.facts)

    def _callers(self, write: Write) -> tuple[str, ...]:
        names = list(self.suite.mapping.actors) or [""]
        usual = [write.actor] if write.actor in names else []
        return tuple(str(name) for name in dict.fromkeys([*usual, *names]))

    def _again(self, write: Write, sender: Sender, plan: Plan) -> list[Trial]:
        """The same with other values, and with rows that belong to the addressed one."""
        varied = self._safely(sender, self._varied(write, sender, plan))
        if (varied is None or not varied.succeeded) and plan.body is not None:
            # Fields that were refused at first may be why: other values of what was accepted.
            varied = self._safely(sender, self._varied(write, sender, plan, whole=False))
        others = (varied, self._safely(sender, replace(plan, ahead=2)))
        found = [trial for trial in others if trial is not None and trial.succeeded]
        for child in self._children(write):
            for _ in range(2):
                trial = self._safely(sender, replace(plan, child=child))
                if trial is None or not trial.succeeded:
                    break
                found.append(trial)
        return found

    def _with_other_amounts(
        self, sender: Sender, plan: Plan, trials: Sequence[Trial]
    ) -> list[Trial]:
        """Where a column moved by what a row holds: the same with another number there."""
        database = self.session.database()
        plans = other_amounts(plan, trials, self.suite.resolved, database)
        made = [self._safely(sender, other) for other in plans]
        return [trial for trial in made if trial is not None and trial.succeeded]

    def _varied(self, write: Write, sender: Sender, plan: Plan, *, whole: bool = True) -> Plan:
        """The plan with other values, and all fields that the spec knows if `whole`."""
        resolved = self.suite.resolved
        space = sender.space
        media = space.media()
        # Where rows are addressed, another one may stand in the way of values that would else do.
        ahead = 1 if write.kind == "creates" else 0
        if media is None or plan.body is None:
            return replace(plan, ahead=ahead)
        bound = {tuple(one.pointer.split("/")) for one in write.references}
        bound |= {tuple(pointer.strip("/").split("/")) for pointer in self._stated(write)}

        def keep(at: tuple[str | int, ...]) -> bool:
            return tuple("*" if isinstance(step, int) else step for step in at) in bound

        usual = any(plan.body == example.body for example in space.examples())
        part = usual or not whole or _is_part(plan.body, space)
        base = plan.body if part else space.complete()
        varied = Variation(resolved.document).vary(base, space.complete(), media.schema, keep)
        return replace(plan, body=varied, ahead=ahead)

    def _learn_coercion(self, sender: Sender, plan: Plan) -> None:
        """What the API takes for something else: a number for a text, a moment without its zone."""
        for kind, name, miss in near_misses(sender, plan):
            trial = self._safely(sender, miss) if self._coercions.open(kind) else None
            if trial is not None:
                where = f"{sender.write.operation.label} ({name})"
                self._coercions.note(kind, where, taken=is_coerced(kind, name, trial))

    def _refused_options(self, sender: Sender, plan: Plan) -> tuple[str, ...]:
        """The optional parameters without whose value the request is accepted and with it refused.

        What the spec says of them alike is tried once for the whole API.
        """
        refused: dict[str, None] = {}
        for option in sender.space.options():
            if option.schema not in self._options:
                trial = self._safely(sender, replace(plan, option=option))
                if trial is None or trial.status not in (*_INVALID, *range(200, 300)):
                    continue
                self._options[option.schema] = trial.succeeded
            if not self._options[option.schema]:
                refused[option.parameter] = None
        return tuple(refused)

    def _padded(self, sender: Sender, plan: Plan, trials: Sequence[Trial]) -> Trial | None:
        """The request with spaces around its texts: frameworks cut them off."""
        if sender.write.kind not in ("creates", "updates"):
            return None
        other = padded(self.suite.resolved.document, sender, plan, trials)
        trial = self._safely(sender, other) if other is not None else None
        return trial if trial is not None and trial.succeeded else None

    def _stated(self, write: Write) -> Iterable[str]:
        return write.entry.fill if write.entry else ()

    def _children(self, write: Write) -> Iterable[tuple[str, str]]:
        """(table, column) of rows that could belong to the addressed one."""
        schema, resource = self.suite.resolved.schema, write.resource
        if schema is None or resource is None or write.kind == "creates" or len(resource.key) != 1:
            return ()
        return [
            (name, key.columns[0])
            for name, table in schema.tables.items()
            for key in table.foreign_keys
            if key.table == resource.table and len(key.columns) == 1 and name != resource.table
        ]

    def _safely(self, sender: Sender, plan: Plan) -> Trial | None:
        try:
            return sender.try_(plan)
        except GenSuiteError:
            return None  # a row that cannot be arranged shows nothing

    def _fill(self, write: Write, sender: Sender, plan: Plan) -> dict[str, Any]:
        """The fields whose very value matters, where only an example of the spec succeeded."""
        repeated = {pointer: f"$request.path.{name}" for pointer, name in plan.repeats.items()}
        return {**self._fixed_values(write, sender, plan), **repeated}

    def _fixed_values(self, write: Write, sender: Sender, plan: Plan) -> dict[str, Any]:
        space = sender.space
        usual = space.complete() if space.media() is not None else None
        if not isinstance(plan.body, dict) or not isinstance(usual, dict):
            return {}
        if not any(plan.body == example.body for example in space.examples()):
            trial = self._safely(sender, replace(plan, body=usual))
            if trial is None or trial.succeeded:
                return {}
        references = {one.pointer for one in write.references} | {*plan.repeats}
        found = {}
        for name, value in plan.body.items():
            if name in references or name not in usual or isinstance(value, dict | list):
                continue
            trial = self._safely(sender, replace(plan, body={**plan.body, name: usual[name]}))
            if trial is not None and not trial.succeeded:
                found[name] = value
        return found

    # ---- who may

    def _with_matrix(self, seen: Seen, sender: Sender, plan: Plan) -> Seen:
        """Every actor with rows of its own, and who succeeds with those of the first caller.

        The success of another caller is one more trial: it tells the caller from a constant.
        """
        if not sender.shows_caller:
            return seen
        own: dict[str, int] = {plan.actor: seen.trials[0].status}
        foreign: dict[str, int] = {}
        trials = list(seen.trials)
        named = bool(sender.write.path or sender.write.references)
        for name in self.suite.mapping.actors:
            if name == plan.actor or self._strangers.get(name, 0) >= MOST_REFUSALS:
                continue
            mine = self._safely(sender, replace(plan, actor=name, owner=name))
            if mine is None:
                continue
            own[name] = mine.status
            self._strangers[name] = self._strangers.get(name, 0) + 1 if mine.status == 401 else 0
            if not mine.succeeded:
                continue
            trials += [mine] if len(trials) == len(seen.trials) else []
            other = self._safely(sender, replace(plan, actor=name, owner=plan.actor))
            if named and other is not None:
                foreign[name] = other.status
        return replace(seen, trials=tuple(trials), callers=Callers(own, foreign))

    def _with_key(self, seen: Seen, sender: Sender, plan: Plan) -> Seen:
        """What an idempotency key changes: tables that remember it, and that a repetition writes
        nothing."""
        entry = sender.write.entry
        if not (entry and entry.idempotency and entry.idempotency.header):
            return self._with_repeat(seen, sender, plan)
        first = self._safely(sender, replace(plan, key=unique()))
        if first is None or not first.succeeded:
            return seen
        known = {row.table for trial in seen.trials for row in trial.rows}
        keyed = dict.fromkeys(row.table for row in first.rows if row.table not in known)
        try:
            second = sender.try_(replace(plan, key=unique()), twice=True)
        except GenSuiteError:
            return replace(seen, keyed=tuple(keyed))
        repeats = second.succeeded and not second.rows
        scope = self._key_scope(seen, sender, plan) if repeats else ""
        return replace(seen, keyed=tuple(keyed), repeats=repeats, key_scope=scope)

    def _key_scope(self, seen: Seen, sender: Sender, plan: Plan) -> KeyScope:
        """Among whom the key of a request is one key: what another caller's request with it does."""
        home = self.facts.get(plan.actor, {})
        others = [n for n, s in seen.callers.own.items() if n != plan.actor and 200 <= s < 300]
        near = next(
            (n for n in others if self.facts.get(n, {}).get("tenant") == home.get("tenant")), ""
        )
        far = next(
            (n for n in others if self.facts.get(n, {}).get("tenant") != home.get("tenant")), ""
        )
        shared = [self._shares_key(sender, plan, name) for name in (near, far)]
        if shared[1]:
            return "all"
        if shared[0]:
            return "tenant" if far or home.get("tenant") is not None else "all"
        return "caller" if shared[0] is False else ""

    def _shares_key(self, sender: Sender, plan: Plan, other: str) -> bool | None:
        """Whether a request of another caller with the same key wrote nothing; None if it told
        nothing, as when it was refused."""
        if not other:
            return None
        try:
            again = sender.try_(replace(plan, key=unique(), again_as=other), twice=True)
        except GenSuiteError:
            return None
        return not again.rows if again.succeeded else None

    def _with_repeat(self, seen: Seen, sender: Sender, plan: Plan) -> Seen:
        """What the very same request does the second time."""
        if sender.write.kind != "creates":
            return seen
        try:
            return replace(seen, repeated=sender.try_(plan, twice=True))
        except GenSuiteError:
            return seen

    def _with_worker(self, seen: Seen, sender: Sender, plan: Plan) -> Seen:
        """What the worker makes of the rows that the operation left for it.

        Kept only where it changes more than the table of messages: that messages are sent is the
        worker's business, not the operation's.
        """
        schema = self.suite.resolved.schema
        if self.suite.mapping.target.worker is None or schema is None:
            return seen
        outboxes = set(Roles(schema).outboxes)
        left = {row.table for row in seen.trials[0].rows if row.kind == "insert"}
        if not left & outboxes:
            return seen
        found: list[Trial] = []
        for other in (plan, self._varied(sender.write, sender, plan)):
            try:
                trial = sender.try_(other, late=True)
            except GenSuiteError as error:
                self.remarks.append(error.message)
                return seen
            if not {row.table for row in trial.rows} - outboxes:
                return seen
            found.append(trial)
        return replace(seen, late=tuple(found))


@dataclass
class Progress:
    """How many of the operations are done, and how long the others will take."""

    total: int
    done: int = 0
    _began: float = field(default_factory=time.monotonic)
    _tried: int = 0

    def next(self) -> str:
        """One more is done: `[3/12, 20 s left]`."""
        self.done += 1
        self._tried += 1
        left = (time.monotonic() - self._began) / self._tried * (self.total - self.done)
        told = f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
        return f"[{self.done}/{self.total}, {told} left]"


def learn(
    suite: Suite,
    *,
    allowed: bool,
    dangerous: bool = False,
    only: Iterable[str] = (),
    tell: Callable[[str], None] = lambda text: None,
    keep: Callable[[Seen], None] = lambda seen: None,
    kept: Mapping[str, Seen] | None = None,
    seconds: float = SECONDS,
) -> Observations:
    """Start the application, try its operations, undo everything, stop it.

    `keep` gets what each operation did as soon as it is seen, `kept` is what an interrupted run had
    seen: these operations are not tried again. `seconds` are given to each that refuses.

    Raises Refused for a target that nobody allowed or that is not for tests, TargetError when the
    application or its database cannot be reached.
    """
    session = Session(suite, allowed)
    try:
        learner = Learner(
            suite, session, dangerous, frozenset(only), tell, keep, kept or {}, seconds
        )
        return learner.run()
    finally:
        session.close()


def _is_part(body: Any, space: PayloadSpace) -> bool:
    """Some of the fields that may be left out, and not all: the others were refused."""
    if not isinstance(body, dict):
        return False
    return set(space.example()) < set(body) < set(space.complete())


def _states(texts: Mapping[tuple[str, str], Iterable[str]]) -> set[tuple[str, str]]:
    return {(column, text) for (_, column), told in texts.items() for text in told}


def _said(refused: Trial | None) -> str:
    """What a refusal tells, cut only when its secrets are masked: no part of one is left."""
    text = mask_text(told(refused.answer)) if refused is not None else ""
    return text if len(text) <= LONGEST_SAID else f"{text[: LONGEST_SAID - 1]}…"


def _line(seen: Seen) -> str:
    if seen.skipped or seen.unsent:
        return f"{seen.label}: left out, {seen.skipped or seen.unsent}"
    if not seen.trials:
        status = f" ({seen.refused.status})" if seen.refused else ""
        said = f": {seen.said}" if seen.said else ""
        return f"{seen.label}: refused every request{status}{said}"
    tables = dict.fromkeys(row.table for trial in seen.trials for row in trial.rows)
    return f"{seen.label}: {seen.trials[0].status}, wrote {', '.join(tables) or 'nothing'}"
