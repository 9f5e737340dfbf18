"""A condition on rows that a test asserts: whether it holds, and why it does not."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import TargetError


@dataclass(frozen=True, slots=True)
class Check:
    """An answer that explains itself: truthy when it holds, its repr shows why it does not.

    `known` is False when the engine cannot tell; the check is then truthy and its reason says so.
    """

    ok: bool
    reason: str = ""
    known: bool = True

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        if not self.known:
            return f"not known: {self.reason}"
        return self.reason or ("holds" if self.ok else "does not hold")


class NotShown(TargetError):  # noqa: N818 - a statement, not a mistake
    """What a test brings about and cannot force did not come off, so that it shows nothing either way."""


@dataclass(frozen=True, slots=True, repr=False)
class Condition(Check):
    """A check without which a test shows nothing: `assert` on one that does not hold raises NotShown.

    `ok` tells without raising.
    """

    def __bool__(self) -> bool:
        __tracebackhide__ = True  # pytest shows the line of the test
        if not self.ok:
            raise NotShown(self.reason)
        return True
