"""What differs between two packs: dimensions, classes, conditions, service policies and fields, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zhike.core.pack_tree import is_branch, is_default, is_list, same
from zhike.core.pack_words import NOTHING, order_name, place_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhike.core.pack_tree import Path
    from zhike.core.pack_words import Side
    from zhike.core.text import Text

type Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two packs differ. `name` is how people call it, `old` and `new` what stands there."""

    path: str
    kind: Kind
    name: Text
    old: Text
    new: Text


def differences(old: Side, new: Side) -> list[Difference]:
    """Return where the second pack differs from the first, in its order; the version says nothing."""
    return list(_walk((), old, new))


def _walk(path: Path, old: Side, new: Side) -> Iterator[Difference]:
    one, other = old.at(path), new.at(path)
    if same(one, other) and not is_list(path) and not is_branch(path):
        return
    if not is_branch(path) or _is_another(path, one, other):
        yield _difference("changed", path, old, new)
        return
    before, after = list(one or {}), list(other or {})
    if is_list(path):
        yield from _moved(path, old, new, before, after)
    for name in [*after, *(name for name in before if name not in after)]:
        place = (*path, name)
        if is_list(path) and name not in before:
            yield _difference("added", place, old, new)
        elif is_list(path) and name not in after:
            yield _difference("removed", place, old, new)
        else:
            yield from _walk(place, old, new)


def _is_another(path: Path, one: object, other: object) -> bool:
    """Say whether the default is another class now, not the same one changed."""
    if not is_default(path):
        return False
    assert isinstance(one, dict)
    assert isinstance(other, dict)
    return bool(one["key"] != other["key"])


def _moved(path: Path, old: Side, new: Side, before: list[str], after: list[str]) -> Iterator[Difference]:
    """Tell an order that changed among those that are in both; of classes the first that holds decides."""
    was = [name for name in before if name in after]
    now = [name for name in after if name in before]
    if was != now:
        yield Difference(
            ".".join(path), "moved", order_name(path, new, old), old.order(path, was), new.order(path, now)
        )


def _difference(kind: Kind, path: Path, old: Side, new: Side) -> Difference:
    """Return the difference of a place."""
    before = NOTHING if kind == "added" else old.tell(path)
    after = NOTHING if kind == "removed" else new.tell(path)
    return Difference(".".join(path), kind, place_name(path, new, old), before, after)
