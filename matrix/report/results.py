"""The merged results themselves, in the format of the results file: the base of a later comparison."""

from __future__ import annotations

from ...errors import UsageError
from ..results import results_text
from .view import View


def matrix(view: View) -> str:
    """The same as `gaps`."""
    return gaps(view)


def gaps(view: View) -> str:
    """`results.schema.json` says what it holds. Raises UsageError before a run."""
    if view.results is None:
        raise UsageError(
            "there are no results before a run", hint="gen-suite gaps --format results"
        )
    return results_text(view.results)
