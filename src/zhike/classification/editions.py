"""A newer edition of the pack in force: what it changes, what was changed here, and where both changed the same.

Three packs are compared: the edition that was put in force (`base`), the newer one (`theirs`) and the
rules of now (`ours`). Nothing here writes; `actions.editions` puts the merged rules in force.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from zhike.base.errors import Conflict
from zhike.classification.models import Override, Publication, SchemeVersion
from zhike.classification.packs import original_pack, present_pack, rules_seen, side_of
from zhike.core.pack_diff import differences
from zhike.core.pack_merge import merge
from zhike.core.pack_tree import data_of, same
from zhike.core.packs import parse_pack
from zhike.core.plans import without_strangers
from zhike.core.text import Text
from zhike.customers.facts import custom_fields
from zhike.packs import load_data, shipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.classification.models import InstalledPack
    from zhike.core.pack_diff import Difference
    from zhike.core.pack_merge import Conflict as Place
    from zhike.core.pack_merge import Word
    from zhike.core.pack_tree import Tree
    from zhike.core.pack_words import Side
    from zhike.core.packs import Pack

type Words = Mapping[str, Word]

_DIMENSIONS, _CLASSES = "dimensions", "classes"


@dataclass(frozen=True, slots=True)
class Edition:
    """The newer edition beside what stands here. `seen` tells this state of affairs from all others."""

    original: InstalledPack
    version: int
    data: Mapping[str, Any]
    seen: str
    base: Side
    theirs: Side
    ours: Side
    conflicts: Sequence[Place] = field(default=())

    def brought(self) -> list[Difference]:
        """Return what the edition changes here, without the places of conflict."""
        return self._only(self.theirs, self.ours)

    def kept(self) -> list[Difference]:
        """Return what was changed here and stays, without the places of conflict."""
        return self._only(self.ours, self.theirs)

    def _only(self, side: Side, other: Side) -> list[Difference]:
        found = differences(self.base, side)
        return [d for d in found if not self._is_asked(d.path) and not _is_same(d, side, other)]

    def _is_asked(self, path: str) -> bool:
        return any(_is_within(path, c.path) or _is_within(c.path, path) for c in self.conflicts)

    def merged(self, words: Words) -> MergedRules:
        """Return the merged rules; where both changed the same, ours unless `words` says otherwise."""
        tree = merge(self.base, self.theirs, self.ours, word="ours", words=words).tree
        data = without_strangers(data_of(tree, key=self.original.key, version=self.version))
        return MergedRules(data, tree, self.ours.tree)


@dataclass(frozen=True, slots=True)
class MergedRules:
    """The merged rules, as data and as a tree, beside those of now."""

    data: Mapping[str, Any]
    tree: Tree
    before: Tree

    def pack(self) -> Pack:
        """Return the merged rules as a pack. Raises where they are none, with the place."""
        return parse_pack(self.data, custom_fields())

    @property
    def order(self) -> list[str]:
        return list(self.tree[_DIMENSIONS])

    @property
    def changed(self) -> list[str]:
        """Return the dimensions whose rules become others, and the new ones."""
        return [key for key, rules in self.tree[_DIMENSIONS].items() if not _same_rules(rules, self._before(key))]

    @property
    def gone(self) -> list[str]:
        return [key for key in self.before[_DIMENSIONS] if key not in self.tree[_DIMENSIONS]]

    def dimension(self, key: str) -> Mapping[str, Any]:
        """Return the merged rules of one dimension. Raises `StopIteration` where there are none."""
        return next(rules for rules in self.data[_DIMENSIONS] if rules["key"] == key)

    @property
    def renamed(self) -> dict[str, Tree]:
        """Return the fields of the company's that are called otherwise, or whose choices are."""
        fields, before = self.tree["fields"], self.before["fields"]
        both = {name: field for name, field in fields.items() if name in before and "label" in field}
        return {name: field for name, field in both.items() if not same(field, before[name])}

    def label(self, key: str) -> Text:
        """Return how people call a dimension, also one that goes."""
        label = (self.tree[_DIMENSIONS].get(key) or self.before[_DIMENSIONS][key])["label"]
        return Text(label["zh"], label["en"])

    def _before(self, key: str) -> Tree | None:
        return cast("Tree | None", self.before[_DIMENSIONS].get(key))


def newer_version() -> tuple[str, int] | None:
    """Return the name and the version of the edition that is newer than the pack in force; None when there is none."""
    original = original_pack()
    if original is None or original.key not in shipped():
        return None
    version = int(_shipped(original.key)["version"])
    return (original.key, version) if version > original.version else None


def read_edition() -> Edition | None:
    """Return the edition that is newer than the pack in force, ready to be merged; None when there is none.

    Raises `ZhikeError` where one of the three can no longer be read.
    """
    original, newer = original_pack(), newer_version()
    if original is None or newer is None:
        return None
    name, version = newer
    data = _shipped(name)
    base, theirs, ours = side_of(original.data), side_of(data), side_of(present_pack())
    conflicts = merge(base, theirs, ours).conflicts
    return Edition(original, version, data, seen_of(original, version), base, theirs, ours, conflicts)


def merging() -> Publication | None:
    """Return the merge that is on its way into force."""
    return Publication.objects.filter(kind=Publication.Kind.EDITION, finished_at=None).first()


def seen_of(original: InstalledPack, version: int) -> str:
    """Return what tells these rules, this base and this edition from all others."""
    return f"{original.pk}.{version}.{rules_seen()}"


def refuse_what_stands_in_the_way(merged: MergedRules) -> None:
    """Raise `Conflict` for what has to be settled before a merge."""
    for key in merged.changed:
        _refuse_held(merged, key)
    touched = [*merged.changed, *merged.gone]
    drafts = SchemeVersion.objects.filter(state=SchemeVersion.State.DRAFT, scheme__dimension__in=touched)
    waiting = set(drafts.values_list("scheme__dimension", flat=True))
    if waiting:
        labels = [merged.label(key) for key in touched if key in waiting]
        zh, en = "、".join(label.zh for label in labels), ", ".join(label.en for label in labels)
        raise Conflict(
            f"「{zh}」有还没发布的草稿，请先发布或放弃，再合并",
            f"There are drafts of {en}: publish them or give them up before you merge",
        )


def _refuse_held(merged: MergedRules, key: str) -> None:
    """Refuse what would leave people in a class that somebody has put them into and that is no more."""
    rules, label = merged.tree[_DIMENSIONS][key], merged.label(key)
    known = {*rules[_CLASSES], rules["default"]["key"]}
    customers = Override.objects.filter(dimension=key, ended_at=None).exclude(class_key__in=known).count()
    if customers:
        raise Conflict(
            f"「{label.zh}」有 {customers} 位客户由人指定在合并后没有的类别里，请先改指定，再合并",
            f"Customers put by hand into classes of {label.en} that go: {customers}. Change that before you merge",
        )


def _shipped(name: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", load_data(name))


def _is_within(path: str, place: str) -> bool:
    """Say whether a place is another or in it; the order of classes is a place by itself."""
    steps = place.split(".")
    is_order = steps[0] == _DIMENSIONS and steps[2:] == [_CLASSES]
    return path == place or (not is_order and path.startswith(f"{place}."))


def _is_same(difference: Difference, one: Side, other: Side) -> bool:
    """Say whether the other side changed it alike."""
    path = tuple(difference.path.split("."))
    if difference.kind == "moved":
        return list(one.at(path) or ()) == list(other.at(path) or ())
    return same(one.at(path), other.at(path))


def _same_rules(one: Tree, other: Tree | None) -> bool:
    """Say whether two dimensions are the same, with the order of their classes."""
    return other is not None and same(one, other) and list(one[_CLASSES]) == list(other[_CLASSES])


def own_words(given: Iterable[tuple[str, str]], conflicts: Iterable[Place]) -> dict[str, Word]:
    """Return the choices that are meant for these conflicts; whatever else was sent says nothing."""
    known = {conflict.path for conflict in conflicts}
    return {path: "theirs" for path, word in given if path in known and word == "theirs"}
