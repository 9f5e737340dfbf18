"""Parts of a suite for several machines, the same on each of them."""

from __future__ import annotations

from collections.abc import Mapping


def modules_of_shard(tests: Mapping[str, int], number: int, of: int) -> frozenset[str]:
    """The modules of the part `number`, from 1, of so many; `tests` is module -> how many tests it has.

    The largest module goes to the part that has least by then, so parts differ by one module at most.
    Only names and counts decide, so that machines which do not know of each other agree.
    """
    parts: list[list[str]] = [[] for _ in range(of)]
    sizes = [0] * of
    for module in sorted(tests, key=lambda name: (-tests[name], name)):
        least = sizes.index(min(sizes))
        parts[least].append(module)
        sizes[least] += tests[module]
    return frozenset(parts[number - 1])
