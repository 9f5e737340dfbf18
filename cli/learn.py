"""`gen-suite learn`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import click

from .. import __version__
from ..errors import MappingError, TargetError, UsageError
from ..mapping.infer import THRESHOLD
from ..mapping.infer.compare import Facts, Place, compare, facts
from ..mapping.infer.guess import SEEN, Guess
from ..mapping.infer.kept_seen import KeptSeen
from ..mapping.infer.seen_callers import CallerStudy
from ..mapping.read import find_mapping, read_mapping
from .project import allow_db_option, config_option
from .proposing import LOOSE, Draft, look, make_draft, options_for, say_result

MOST = 12
BUDGET = 20.0
EPILOG = """\b
Examples:
  gen-suite learn --allow-db                   all but dangerous operations
  gen-suite learn --allow-db --yes             deletes, payments and logins too
  gen-suite learn --allow-db --only "POST /orders" --diff

Each operation is called on the test database, and what it wrote is undone before the next.
"""


@click.command(epilog=EPILOG)
@config_option
@allow_db_option
@click.option("--only", multiple=True, metavar="OPERATION", help='Only this one, "POST /orders".')
@click.option("--yes", is_flag=True, help="Run operations that look dangerous too.")
@click.option("--again", is_flag=True, help="Forget what an interrupted run has seen; start anew.")
@click.option(
    "--budget",
    type=click.FloatRange(min=0),
    default=BUDGET,
    show_default=True,
    metavar="SECONDS",
    help="How long to look for a request that an operation accepts.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=THRESHOLD,
    show_default=True,
    help="How sure a guess must be to count.",
)
@click.option("--diff", is_flag=True, help="Show what would be written; write nothing.")
@click.option("--quiet", is_flag=True, help="No line per operation.")
def command(
    config: Path | None,
    allow_db: bool,
    only: tuple[str, ...],
    yes: bool,
    again: bool,
    budget: float,
    threshold: float,
    diff: bool,
    quiet: bool,
) -> None:
    """Run the operations once, see which rows change, and correct the mapping file by that.

    What was seen is kept as it is seen: after Ctrl-C, or when the application ends, the next run goes
    on where this one stopped.
    """
    path = find_mapping(config or Path.cwd()).absolute()
    mapping = read_mapping(path)
    if mapping.target.database is None:
        raise UsageError(
            "the mapping names no database to learn from", hint="state target.database in it"
        )
    schema = look(str(mapping.target.database), mapping.target.schemas, allowed=allow_db)
    options = options_for(mapping.spec_path, path)
    draft = make_draft(mapping.spec_path, path, schema, options, threshold)
    for label in only:
        draft.document.operation(label)
    kept = kept_seen(draft)
    if again:
        kept.remove()
    draft = learned(
        draft, kept, allow_db=allow_db, dangerous=yes, only=only, quiet=quiet or diff, budget=budget
    )
    if diff:
        click.echo(draft.diff(), nl=False)
        _say_remarks(draft)
    else:
        made = draft.write()
        say_result(draft, made)
    kept.remove()


def kept_seen(draft: Draft) -> KeptSeen:
    """Where what is seen is kept; it holds while spec, schema and mapping are the same."""
    from ..runtime.secrets import mask_text

    schema = draft.schema.to_json() if draft.schema is not None else {}
    rests_on = [__version__, draft.text, draft.document.raw, schema]
    state = hashlib.sha256(json.dumps(rests_on, default=str, sort_keys=True).encode()).hexdigest()
    return KeptSeen(draft.folder, state, mask_text)


def learned(
    draft: Draft,
    kept: KeptSeen,
    *,
    allow_db: bool,
    dangerous: bool,
    only: tuple[str, ...] = (),
    quiet: bool = False,
    budget: float = BUDGET,
) -> Draft:
    """The draft after its operations were run: those that create first, then, with what they
    showed, the others."""
    from ..runtime.learn import learn
    from ..runtime.suite import Suite

    before = facts(draft.resolved(filled=False))
    tried = replace(draft, threshold=LOOSE).settled().resolved()
    earlier = kept.read()
    earlier = {label: seen for label, seen in earlier.items() if label not in only}
    if earlier and not only:
        click.echo(
            f"  going on where an interrupted run stopped: {len(earlier)} operations were seen "
            f"{kept.age / 60:.0f} min ago (--again starts anew)",
            err=True,
        )
    try:
        observations = learn(
            Suite(tried.mapping, tried),
            allowed=allow_db,
            dangerous=dangerous,
            only=only,
            tell=(lambda text: None) if quiet else (lambda text: click.echo(f"  {text}", err=True)),
            keep=kept.add,
            kept=earlier,
            seconds=budget,
        )
    except (KeyboardInterrupt, TargetError):
        if kept.path.is_file():
            click.echo("what was seen so far is kept; `gen-suite learn` goes on there", err=True)
        raise
    stated = {name: actor.facts for name, actor in tried.mapping.actors.items()}
    for name in CallerStudy(observations, stated).distrusted():
        click.echo(
            f"  ! actor {name}: every request answered 401; its credentials are looked at as wrong, "
            "nothing was learned of it",
            err=True,
        )
    made = draft.confirmed(observations, tried)
    after = facts(made.resolved(filled=False))
    _say_learned(before, after)
    tried_well = {label for label, seen in observations.operations.items() if seen.trials}
    try:
        seen = facts(made.alone())
    except MappingError:
        return made  # without what stands in the file it says nothing that could be compared
    _say_otherwise(after, {p: v for p, v in seen.items() if _was_seen(p, made)}, tried_well)
    return made


def _say_remarks(draft: Draft) -> None:
    """What a person should look at, beside the diff that programs read."""
    for remark in draft.proposal.remarks:
        click.echo(f"  ! {remark}", err=True)
    for place, notes in draft.proposal.notes.items():
        if place[0] == "operations" and len(place) == 2:
            for note in notes:
                click.echo(f"  ? {place[1]}: {note}", err=True)


def _say_otherwise(written: Facts, seen: Facts, labels: set[str]) -> None:
    """What a person wrote is left as it is; that it was seen to be otherwise is said."""
    agreement = compare(written, seen, "tables", "columns", "transforms", "changes", "rules")
    told = [
        f"{place}: you wrote {said}, seen was {right}"
        for place, said, right in agreement.wrong
        if place.about in labels
    ]
    told += [
        f"{place}: not in the mapping, seen was {seen[place]}"
        for place in agreement.missing
        if place.about in labels
    ]
    for line in told[:MOST]:
        click.echo(f"  ! {line}", err=True)
    if len(told) > MOST:
        click.echo(f"  ! and {len(told) - MOST} more", err=True)


def _was_seen(place: Place, draft: Draft) -> bool:
    """Who may call is guessed too, where no caller told."""
    if place.aspect != "allow":
        return True
    guess = draft.proposal.at("operations", place.about, "allow", place.field)
    return isinstance(guess, Guess) and guess.evidence.startswith(SEEN)


def _say_learned(before: Facts, after: Facts) -> None:
    agreement = compare(before, after, "tables", "columns", "transforms")
    click.echo(
        f"{len(agreement.right)} guesses confirmed, {len(agreement.wrong)} corrected, "
        f"{len(agreement.missing)} found",
        err=True,
    )
    changes = compare(before, after, "changes")
    if changes.missing:
        click.echo(
            f"{len(changes.missing)} changes beside the operations' own rows found", err=True
        )
    for place, said, right in agreement.wrong:
        click.echo(f"  {place}: not {said} but {right}", err=True)
