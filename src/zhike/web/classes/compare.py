"""Two versions of a dimension beside each other: class by class, as sentences and in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.classification.models import Scheme as SchemeRow
from zhike.web.chips import class_chip
from zhike.web.classes.cards import class_sentence
from zhike.web.classes.side import class_list
from zhike.web.classes.words import demote_names, look_names, owner_names, tone_names
from zhike.web.services import method_names

if TYPE_CHECKING:
    from zhike.base.chips import Chip
    from zhike.core.conditions.describe import Writer
    from zhike.core.schemes import Class, Scheme


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that differs, in words; an empty side has nothing there."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ClassPair:
    """A class in both versions, or in one of them."""

    key: str
    old_chip: Chip | None
    new_chip: Chip | None
    old_sentence: str
    new_sentence: str
    old_place: int | None
    new_place: int | None
    parts: Sequence[Part]

    @property
    def is_same(self) -> bool:
        return not self.parts and self.old_sentence == self.new_sentence and self.old_place == self.new_place


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different between two versions."""

    parts: Sequence[Part]
    pairs: Sequence[ClassPair]

    @property
    def is_same(self) -> bool:
        return not self.parts and all(pair.is_same for pair in self.pairs)


def compare(old: Scheme, new: Scheme, writer: Writer) -> Comparison:
    """Compare two versions: the classes in the order of the new, those that are gone last."""
    keys = dict.fromkeys([*(c.key for c in new.classes), *(c.key for c in old.classes)])
    return Comparison(
        parts=_parts(_dimension_words(old, writer), _dimension_words(new, writer)),
        pairs=[_pair(old, new, key, writer) for key in keys],
    )


def _pair(old: Scheme, new: Scheme, key: str, writer: Writer) -> ClassPair:
    before, after = _find(old, key), _find(new, key)
    both = before is not None and after is not None
    return ClassPair(
        key=key,
        old_chip=class_chip(old, key, writer.language) if before else None,
        new_chip=class_chip(new, key, writer.language) if after else None,
        old_sentence=class_sentence(old, before, writer) if before else "",
        new_sentence=class_sentence(new, after, writer) if after else "",
        old_place=_place(old, key) if before else None,
        new_place=_place(new, key) if after else None,
        parts=_parts(_class_words(before, writer), _class_words(after, writer)) if both else [],
    )


def _find(scheme: Scheme, key: str) -> Class | None:
    return next((class_ for class_ in scheme.classes if class_.key == key), None)


def _place(scheme: Scheme, key: str) -> int:
    return 1 + [class_.key for class_ in scheme.classes].index(key)


def _parts(old: Mapping[str, str], new: Mapping[str, str]) -> list[Part]:
    return [Part(label, old[label], new[label]) for label in new if old[label] != new[label]]


def _dimension_words(scheme: Scheme, writer: Writer) -> dict[str, str]:
    return {
        gettext("名称"): scheme.label.get(writer.language),
        gettext("图标"): scheme.icon,
        gettext("方式"): str(SchemeRow.Mode(scheme.mode).label),
        gettext("人工指定多久到期"): _days(scheme.override_days),
        gettext("没有数据时显示未判定"): gettext("是") if scheme.needs_evidence else gettext("否"),
    }


def _class_words(class_: Class | None, writer: Writer) -> dict[str, str]:
    if class_ is None:
        return {}
    language, service = writer.language, class_.service
    methods = method_names()
    return {
        gettext("名称"): class_.label.get(language),
        gettext("定义"): class_.definition.get(language),
        gettext("别名"): gettext("、").join(class_.aliases),
        gettext("颜色"): tone_names()[class_.tone],
        gettext("图标"): class_.icon,
        gettext("样式"): look_names()[class_.look],
        gettext("台阶"): str(class_.level or ""),
        gettext("高低"): str(class_.rank or ""),
        gettext("防抖"): _days(class_.hold_days) if class_.hold_days > 1 else "",
        gettext("降级"): demote_names()[class_.demote],
        gettext("提前提醒"): _days(class_.warn_days),
        gettext("多久联系一次"): _days(service.cadence_days),
        gettext("联系方式"): gettext("、").join(methods[method] for method in service.methods),
        gettext("由谁负责"): owner_names()[service.owner or "any"],
        gettext("承诺"): service.promise.get(language) if service.promise else "",
        gettext("内容"): service.content.get(language) if service.content else "",
        gettext("几小时内答复"): str(service.sla_hours or ""),
    }


def _days(days: int | None) -> str:
    return gettext("%(n)d 天") % {"n": days} if days else ""


def count_changes(old: Mapping[str, object], new: Mapping[str, object]) -> int:
    """Return in how many places a draft differs from what it was made from; it may hold anything."""
    before, after = _by_key(old), _by_key(new)
    total = _differing(old, new, ("classes", "default"))
    total += len(before.keys() ^ after.keys())
    shared = [key for key in after if key in before]
    total += shared != [key for key in before if key in after]
    for key in shared:
        total += _differing(before[key], after[key], ("service", "when"))
        total += _differing(_mapping(before[key].get("service")), _mapping(after[key].get("service")))
        total += _condition_changes(before[key].get("when"), after[key].get("when"))
    return total


def _by_key(data: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
    return {str(class_.get("key")): class_ for class_ in class_list(data)}


def _mapping(data: object) -> Mapping[str, object]:
    return data if isinstance(data, Mapping) else {}


def _differing(old: Mapping[str, object], new: Mapping[str, object], apart: Sequence[str] = ()) -> int:
    return sum(old.get(name) != new.get(name) for name in (old.keys() | new.keys()) - set(apart))


def _condition_changes(old: object, new: object) -> int:
    """Count tests that are new, gone or changed; tests that only stand otherwise are one change."""
    if old == new:
        return 0
    before, after = Counter(_tests(old)), Counter(_tests(new))
    return max((after - before).total(), (before - after).total(), 1)


def _tests(data: object) -> Iterator[str]:
    waiting = [data]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            if "field" in item:
                yield json.dumps(item, sort_keys=True, ensure_ascii=False)
            else:
                waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
