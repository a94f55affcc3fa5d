"""Three-way merge of packs by their keys, not by lines of text.

What only one side changed is taken from it; what both changed differently is a conflict, unless the
caller says whose word counts, for all of them or place by place. In a list, the order that only one side changed is taken from it, and
what the other side added stands after what it stood after there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from zhike.core.pack_tree import is_branch, is_default, is_list, is_service, same
from zhike.core.pack_words import order_name, place_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.core.pack_tree import Path, Tree
    from zhike.core.pack_words import Side
    from zhike.core.text import Text

type Word = Literal["", "ours", "theirs"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A place that both sides changed, each in their own way."""

    path: str
    name: Text
    base: Text
    theirs: Text
    ours: Text


@dataclass(slots=True)
class Merged:
    """The merged tree; where there are conflicts that nobody decided, it holds ours."""

    tree: Tree
    conflicts: list[Conflict] = field(default_factory=list)


def merge(base: Side, theirs: Side, ours: Side, *, word: Word = "", words: Mapping[str, Word] | None = None) -> Merged:
    """Merge what they changed since `base` into ours.

    Where both changed the same, `words` decides by the path of the conflict, and `word` for all other places.
    """
    merger = _Merger(base, theirs, ours, word, words or {})
    return Merged(merger.at(()), merger.conflicts)


@dataclass(slots=True)
class _Merger:
    base: Side
    theirs: Side
    ours: Side
    word: Word
    words: Mapping[str, Word]
    conflicts: list[Conflict] = field(default_factory=list)

    def at(self, path: Path) -> Any:  # noqa: ANN401  as JSON has it
        """Return what stands at a place after the merge, None for nothing."""
        base, theirs, ours = self.base.at(path), self.theirs.at(path), self.ours.at(path)
        if _looked_into(path, base, theirs, ours):
            merged = self._branch(path, base or {}, theirs or {}, ours or {})
            is_gone = theirs is None and ours is None
            return None if not merged and (is_gone or is_service(path)) else merged
        if same(theirs, ours) or same(base, theirs):
            return ours
        if same(base, ours):
            return theirs
        return self._decide(path, theirs, ours)

    def _branch(self, path: Path, base: Tree, theirs: Tree, ours: Tree) -> Tree:
        names = list(dict.fromkeys([*ours, *theirs, *base]))
        merged = {name: self.at((*path, name)) for name in names}
        kept = {name: value for name, value in merged.items() if value is not None}
        return {name: kept[name] for name in self._order(path, base, theirs, ours, kept)}

    def _order(self, path: Path, base: Tree, theirs: Tree, ours: Tree, kept: Tree) -> list[str]:
        if not is_list(path):
            return list(kept)
        common = [name for name in base if name in theirs and name in ours]
        by_theirs = [name for name in theirs if name in common]
        by_ours = [name for name in ours if name in common]
        if by_ours in (common, by_theirs):
            return _woven(list(theirs), list(ours), kept)
        if by_theirs == common:
            return _woven(list(ours), list(theirs), kept)
        return self._decide_order(path, list(theirs), list(ours), kept)

    def _decide_order(self, path: Path, theirs: list[str], ours: list[str], kept: Tree) -> list[str]:
        word = self._word(path)
        if path[-1] == "classes" and not word:  # of all lists, only here the order decides anything
            common = [name for name in self.base.at(path) if name in theirs and name in ours]
            told = [
                side.order(path, [name for name in side.at(path) if name in common])
                for side in (self.base, self.theirs, self.ours)
            ]
            name = order_name(path, self.ours, self.theirs, self.base)
            self.conflicts.append(Conflict(".".join(path), name, *told))
        first, second = (theirs, ours) if word == "theirs" else (ours, theirs)
        return _woven(first, second, kept)

    def _decide(self, path: Path, theirs: Any, ours: Any) -> Any:  # noqa: ANN401  as JSON has it
        word = self._word(path)
        if not word:
            told = [side.tell(path) for side in (self.base, self.theirs, self.ours)]
            name = place_name(path, self.ours, self.theirs, self.base)
            self.conflicts.append(Conflict(".".join(path), name, *told))
        return theirs if word == "theirs" else ours

    def _word(self, path: Path) -> Word:
        return self.words.get(".".join(path), self.word)


def _looked_into(path: Path, *values: Any) -> bool:  # noqa: ANN401  as JSON has it
    """Say whether a place is merged by what is in it: not where one side took it away, or it is another class."""
    if not is_branch(path):
        return False
    base, theirs, ours = values
    if base is not None and (theirs is None) != (ours is None):
        return is_service(path)
    if is_default(path):
        return len({value["key"] for value in values if value}) == 1
    return True


def _woven(order: list[str], others: list[str], kept: Tree) -> list[str]:
    """Return the kept names in `order`; those of `others` only, after what they stand after there."""
    found = [name for name in order if name in kept]
    for index, name in enumerate(others):
        if name in kept and name not in found:
            before = next((other for other in reversed(others[:index]) if other in found), None)
            found.insert(found.index(before) + 1 if before else 0, name)
    return found
