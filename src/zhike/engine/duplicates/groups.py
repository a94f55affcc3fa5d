"""Groups that pairs make: whoever is one with the same third."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def groups_of(pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Return the groups that pairs make, each in order."""
    head: dict[int, int] = {}

    def top(one: int) -> int:
        while head.setdefault(one, one) != one:
            head[one] = one = head[head[one]]
        return one

    for one, other in pairs:
        head[top(one)] = top(other)
    groups: dict[int, list[int]] = {}
    for one in sorted(head):
        groups.setdefault(top(one), []).append(one)
    return list(groups.values())
