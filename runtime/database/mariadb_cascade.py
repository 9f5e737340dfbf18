"""MariaDB and MySQL: rows that foreign keys change on their own, logged by the trigger on their parent.

Actions of foreign keys fire no triggers. So a BEFORE trigger on the parent logs the children that are
about to go (`D`) or to get another reference (`U`, before and after), and theirs, along the graph of
foreign keys. Children are read with a shared lock, hence as they are now and not as an old snapshot shows
them; logged rows are read without one, hence without a gap lock that would stop other writers.

What is logged here happens only if the parent's own step is logged after it (IGNORE may skip the row);
readers drop it otherwise.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .engine import Unsupported
from .mariadb_capture import CAUSE, HOOK, entry, facts, log, meta
from .mariadb_session import quoted
from .mariadb_survey import ACTIONS, Layout, Reference, Survey
from .mariadb_wait import number

MOST_ROWS = "18446744073709551615"  # a LIMIT, so that a number is drawn once per row
Term = Callable[[str], str]


@dataclass(slots=True)
class Reach:
    """What a write to one table can do to others: tables whose rows go, and columns that change."""

    gone: dict[int, list[Reference]] = field(default_factory=dict)
    changed: dict[int, list[Reference]] = field(default_factory=dict)

    def columns(self, table: int) -> set[str]:
        return {column for ref in self.changed.get(table, ()) for column, _ in ref.pairs}


def reach(survey: Survey, root: int, op: str) -> Reach:
    """Follows the foreign keys from a deleted (`D`) or updated (`U`) row of `root`."""
    found = Reach()
    todo: list[tuple[int, str, frozenset[str] | None]] = [(root, op, None)]
    seen = set()
    while todo:
        table, how, moved = todo.pop()
        if (table, how, moved) in seen:
            continue
        seen.add((table, how, moved))
        for ref in survey.references:
            effect = _effect(ref, how, moved) if ref.parent == table else ""
            if not effect:
                continue
            refs = (found.gone if effect == "D" else found.changed).setdefault(ref.child, [])
            if ref not in refs:
                refs.append(ref)
            columns = frozenset(found.columns(ref.child)) if effect == "U" else None
            todo.append((ref.child, effect, columns))
    return found


def _effect(ref: Reference, how: str, moved: frozenset[str] | None) -> str:
    """`D`, `U` or "": what becomes of the child when its parent goes, or changes in `moved` (None: any)."""
    if how == "D":
        return {"CASCADE": "D", "SET NULL": "U"}.get(ref.on_delete, "")
    if ref.on_update not in ACTIONS or ref.child == ref.parent:
        return ""  # InnoDB refuses to update the table it has come from
    referenced = {column for _, column in ref.pairs}
    return "U" if moved is None or referenced & moved else ""


class Cascades:
    """Writes the bodies of the BEFORE triggers of one database."""

    def __init__(self, database: str, survey: Survey, base: int) -> None:
        self.database = database
        self.survey = survey
        self.base = base
        self.layouts = {layout.number: layout for layout in survey.layouts}

    def body(self, root: Layout, op: str) -> str:
        """The statements for one table and event; "" when no foreign key acts on them."""
        found = reach(self.survey, root.number, op)
        if not found.gone and not found.changed:
            return ""
        self._refuse(root, found)
        start = self._effects(root.number, root, op, None, _row("OLD"), _row("NEW"), CAUSE)
        parts = [*start, *self._deeper(root, op, found)]
        for kind, tables in (("D", found.gone), ("U", found.changed)):
            parts += [
                f"CALL {quoted(self.database, HOOK)}({table}, '{kind}', NULL, {CAUSE});"
                for table in tables
            ]
        return " ".join(parts)

    def _refuse(self, root: Layout, found: Reach) -> None:
        """Shapes whose rows afterwards cannot be told beforehand."""
        for table, refs in found.changed.items():
            child = self.layouts[table]
            if all(ref.parent == root.number for ref in refs) or len(refs) < 2:
                continue
            names = ", ".join(ref.name for ref in refs)
            if not child.key:
                why = "has no primary key"
            elif sum(bool({c for c, _ in ref.pairs} & set(child.key)) for ref in refs) > 1:
                why = "would change its key by several of them"
            else:
                continue
            raise Unsupported(
                f"{child.name} {why}, and a write to {root.name} reaches it by the foreign keys {names}: "
                "what becomes of its rows cannot be captured",
                hint=f"give {child.name} a primary key that these foreign keys do not change",
            )

    # --- one parent row ---------------------------------------------------------------------------

    def _effects(
        self,
        table: int,
        root: Layout,
        how: str,
        moved: set[str] | None,
        before: Term,
        after: Term,
        via: str,
    ) -> Iterator[str]:
        """Logs what one parent row, gone or changed, does to its children."""
        gone: dict[int, list[Reference]] = {}
        changed: dict[int, list[Reference]] = {}
        for ref in self.survey.references:
            if ref.parent == table:
                effect = _effect(ref, how, None if moved is None else frozenset(moved))
                if effect:
                    (gone if effect == "D" else changed).setdefault(ref.child, []).append(ref)
        for child, refs in gone.items():
            yield self._log_gone(root, self.layouts[child], refs, before, via)
        for child, refs in changed.items():
            statement = self._log_changed(
                root, self.layouts[child], refs, gone.get(child, []), how, before, after, via
            )
            if how == "D":
                yield statement
                continue
            columns = dict.fromkeys(column for ref in refs for _, column in ref.pairs)
            # to the byte: a changed letter case is cascaded, too
            same = " AND ".join(
                f"{exactly(before(c))} <=> {exactly(after(c))}"
                for c, exactly in ((c, self.layouts[table].column(c).exactly) for c in columns)
            )
            yield f"IF NOT ({same}) THEN {statement} END IF;"

    def _log_gone(
        self, root: Layout, child: Layout, refs: Sequence[Reference], before: Term, via: str
    ) -> str:
        where = _any(_matches("x", ref, before) for ref in refs)
        if child is root and root.key:
            where += f" AND NOT ({_same_row('x', 'OLD', root)})"
        values = facts(number(self.base), "D", CAUSE, str(root.number), via)
        return (
            f"INSERT INTO {log(self.database, child)} ({entry(child)})"
            f" SELECT {values}, {', '.join(child.image('x'))} FROM {child.source} x"
            f" WHERE {where} LOCK IN SHARE MODE;"
        )

    def _log_changed(
        self,
        root: Layout,
        child: Layout,
        refs: Sequence[Reference],
        also_gone: Sequence[Reference],
        how: str,
        before: Term,
        after: Term,
        via: str,
    ) -> str:
        where = _any(_matches("x", ref, before) for ref in refs)
        if also_gone:
            where += (
                f" AND NOT COALESCE({_any(_matches('x', r, before) for r in also_gone)}, FALSE)"
            )
        if child is root and root.key:
            where += f" AND NOT ({_same_row('x', 'OLD', root)})"
        images = [f"k.{name}" for name in child.names()]
        places = {column.name: place for place, column in enumerate(child.columns)}
        for ref in refs:
            nulls = (ref.on_delete if how == "D" else ref.on_update) == "SET NULL"
            hit = f"s.side = 1 AND {_matches('k', ref, before)}"
            for column, parent_column in ref.pairs:
                value = "NULL" if nulls else after(parent_column)
                images[places[column]] = f"IF({hit}, {value}, {images[places[column]]})"
        rows = (
            f"(SELECT {number(self.base)} AS {meta('v')}, {', '.join(child.image('x'))}"
            f" FROM {child.source} x WHERE {where} LIMIT {MOST_ROWS} LOCK IN SHARE MODE)"
        )
        named = ", ".join(f"{v} AS {n}" for v, n in zip(images, child.names(), strict=True))
        shown = (
            f"IF(y.side = 1, ({column.expression}), y.{quoted(column.name)})"
            if column.generated
            else f"y.{quoted(column.name)}"
            for column in child.columns
        )
        values = facts(f"y.{meta('v')} + y.side", "U", CAUSE, str(root.number), via)
        return (
            f"INSERT INTO {log(self.database, child)} ({entry(child)})"
            f" SELECT {values}, {', '.join(shown)} FROM (SELECT k.{meta('v')}, s.side, {named}"
            f" FROM {rows} k JOIN (SELECT 0 AS side UNION ALL SELECT 1) s) y;"
        )

    # --- the children's children ------------------------------------------------------------------

    def _deeper(self, root: Layout, op: str, found: Reach) -> Iterator[str]:
        gone = [t for t in found.gone if self._acts(t, "D", None)]
        order, cyclic = parents_first(gone, found.gone)
        parts = [self._expand(root, table, "D", None) for table in order]
        lasts = [f"DECLARE last_d{table} BIGINT DEFAULT 0;" for table in order]
        changed = [t for t in found.changed if self._acts(t, "U", found.columns(t))]
        then, circle = parents_first(changed, found.changed)
        if circle:
            names = ", ".join(self.layouts[table].name for table in then)
            raise Unsupported(
                f"an update of {root.name} goes round in a circle of foreign keys: {names}",
                hint="drop ON UPDATE from one of these foreign keys",
            )
        lasts += [f"DECLARE last_u{table} BIGINT DEFAULT 0;" for table in then]
        if not order and not then:
            return
        body = " ".join(parts)
        if cyclic:
            body = f"REPEAT SET more = 0; {body} UNTIL more = 0 END REPEAT;"
        rest = " ".join(self._expand(root, table, "U", found.columns(table)) for table in then)
        yield f"BEGIN DECLARE more INT DEFAULT 0; {' '.join(lasts)} {body} {rest} END;"

    def _acts(self, table: int, how: str, moved: set[str] | None) -> bool:
        columns = None if moved is None else frozenset(moved)
        return any(r.parent == table and _effect(r, how, columns) for r in self.survey.references)

    def _expand(self, root: Layout, table: int, how: str, moved: set[str] | None) -> str:
        """For each row of a table that this write has logged so far: what happens to its children."""
        layout = self.layouts[table]
        columns = list(
            dict.fromkeys(
                c for r in self.survey.references if r.parent == table for _, c in r.pairs
            )
        )
        last, logged = f"last_{how.lower()}{table}", log(self.database, layout)
        wanted = [f"b.{quoted(c)}" for c in columns]
        declared = [self._variable(layout, c, f"b{i}") for i, c in enumerate(columns)]
        source = f"{logged} b"
        if how == "U":
            wanted += [f"a.{quoted(c)}" for c in columns]
            declared += [self._variable(layout, c, f"a{i}") for i, c in enumerate(columns)]
            source += f" JOIN {logged} a ON a.{meta('v')} = b.{meta('v')} + 1"
        targets = [f"b{i}" for i in range(len(columns))]
        targets += [f"a{i}" for i in range(len(columns))] if how == "U" else []
        effects = self._effects(
            table,
            root,
            how,
            moved,
            lambda c: f"b{columns.index(c)}",
            lambda c: f"a{columns.index(c)}",
            "step",
        )
        return (
            f"BEGIN DECLARE done INT DEFAULT 0; DECLARE step BIGINT; {' '.join(declared)}"
            f" DECLARE logged CURSOR FOR SELECT b.{meta('v')}, {', '.join(wanted)} FROM {source}"
            f" WHERE b.{meta('v')} > GREATEST({last}, {CAUSE}) AND b.{meta('cause')} = {CAUSE}"
            f" AND b.{meta('op')} = '{how}' AND b.{meta('v')} % 2 = 0 ORDER BY b.{meta('v')};"
            " DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;"
            " OPEN logged; each_row: LOOP"
            f" FETCH logged INTO step, {', '.join(targets)}; IF done THEN LEAVE each_row; END IF;"
            f" SET {last} = step, more = 1; {' '.join(effects)} END LOOP; CLOSE logged; END;"
        )

    def _variable(self, layout: Layout, name: str, variable: str) -> str:
        column = layout.column(name)
        text = (
            f" CHARACTER SET {column.charset} COLLATE {column.collation}" if column.charset else ""
        )
        return f"DECLARE {variable} {column.declared}{text};"


def _row(name: str) -> Term:
    return lambda column: f"{name}.{quoted(column)}"


def _matches(row: str, ref: Reference, parent: Term) -> str:
    pairs = (f"{row}.{quoted(column)} = {parent(to)}" for column, to in ref.pairs)
    return f"({' AND '.join(pairs)})"


def _same_row(row: str, other: str, layout: Layout) -> str:
    return " AND ".join(f"{row}.{quoted(c)} <=> {other}.{quoted(c)}" for c in layout.key)


def _any(conditions: Iterator[str] | Sequence[str]) -> str:
    return f"({' OR '.join(conditions)})"


def parents_first(
    tables: Sequence[int], edges: dict[int, list[Reference]]
) -> tuple[list[int], bool]:
    """Parents before children, and whether that is impossible because they form a circle."""
    order: list[int] = []
    left = list(tables)
    while left:
        free = [t for t in left if not any(ref.parent in left for ref in edges[t])]
        if not free:
            return order + left, True
        order += free
        left = [t for t in left if t not in free]
    return order, False


def soft_columns(survey: Survey) -> dict[int, frozenset[str]]:
    """Per table the columns that foreign keys rewrite: after several of them, each log row knows its own."""
    found: dict[int, set[str]] = {}
    for ref in survey.references:
        if ref.on_delete == "SET NULL" or ref.on_update in ACTIONS:
            found.setdefault(ref.child, set()).update(column for column, _ in ref.pairs)
    return {table: frozenset(columns) for table, columns in found.items()}


@functools.lru_cache(maxsize=8)
def caused_by(survey: Survey) -> Mapping[int, frozenset[int]]:
    """Per table the tables whose writes reach it by foreign keys; worked out once for a survey."""
    found: dict[int, set[int]] = {}
    for layout in survey.layouts:
        for op in "DU":
            for kind in (reached := reach(survey, layout.number, op)).gone, reached.changed:
                for child in kind:
                    found.setdefault(child, set()).add(layout.number)
    return {child: frozenset(roots) for child, roots in found.items()}
