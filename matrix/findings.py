"""Findings by what they may cost, where only one of many can be named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

NO_ROWS = "no row changes"
"""How a finding ends that tells of a request which did nothing."""
RANK = {"high": 0, "medium": 1, "low": 2}


def worst_first(findings: Iterable[str], risks: Mapping[str, str]) -> list[str]:
    """Those of operations of high risk first, those of requests that changed nothing last.

    `risks` maps the labels of operations to `high`, `medium` or `low`. Of one rank the order stays.
    """
    labels = sorted(risks, key=len, reverse=True)

    def rank(finding: str) -> tuple[bool, int]:
        label = next((one for one in labels if finding.startswith((f"{one}:", f"{one} "))), "")
        return finding.endswith(NO_ROWS), RANK.get(risks.get(label, ""), len(RANK))

    return sorted(findings, key=rank)
