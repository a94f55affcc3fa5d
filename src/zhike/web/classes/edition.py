"""A newer edition of the pack beside the company's own rules, as its page shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from zhike.accounts.policy import visible
from zhike.classification.candidates import affected
from zhike.classification.editions import refuse_what_stands_in_the_way
from zhike.classification.models import Placement
from zhike.classification.pack_preview import preview_moves
from zhike.classification.packs import pack_of_today
from zhike.classification.rules import rulebook
from zhike.core.conditions.values import fact_name
from zhike.core.errors import ZhikeError
from zhike.core.pack_words import NOTHING
from zhike.customers.facts import custom_fields
from zhike.web.chips import class_chip
from zhike.web.classes.pack_plan import Line, Part, clash, line_of, named, new_fields
from zhike.web.classes.publication import Move

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.classification.editions import Edition, MergedRules, Words
    from zhike.classification.pack_preview import Moves
    from zhike.core.pack_diff import Difference
    from zhike.core.pack_merge import Conflict
    from zhike.core.packs import Pack
    from zhike.core.schemes import Scheme
    from zhike.core.text import Language, Text

_DIMENSIONS, _FIELDS, _PLANS = "dimensions", "fields", "plans"
_PLACE = re.compile(r"dimensions\[(\d+)\](?:\.(classes)\[(\d+)\]|\.(default))?")
_FEW = 4


@dataclass(frozen=True, slots=True)
class Question:
    """A place that both sides changed: what stood there, what we made of it, and what the edition does."""

    path: str
    name: str
    base: str
    ours: str
    theirs: str
    is_theirs: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What the merge does to the customers of one dimension."""

    key: str
    label: str
    is_new: bool
    customers: int  # who change their class, or get one in a new dimension
    counted: int
    missing: str
    moves: Sequence[Move]
    more: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the merge comes to with the choices made; `problem` says why it cannot be done."""

    problem: str = ""
    effects: Sequence[Effect] = ()
    gone: Sequence[Part] = ()
    fields: Sequence[str] = ()
    is_nothing: bool = False


def questions(edition: Edition, words: Words, language: Language) -> list[Question]:
    """Return what is to be chosen, with the choices made so far."""
    return [_question(conflict, words, language) for conflict in edition.conflicts]


def _question(conflict: Conflict, words: Words, language: Language) -> Question:
    name = conflict.name.get(language)

    def told(text: Text, instead: str) -> str:
        return instead if text == NOTHING else _bare(text.get(language), name)

    return Question(
        path=conflict.path,
        name=name,
        base=told(conflict.base, gettext("原来没有")),
        ours=told(conflict.ours, gettext("我们去掉了")),
        theirs=told(conflict.theirs, gettext("新版去掉了")),
        is_theirs=words.get(conflict.path) == "theirs",
    )


def grouped(found: Iterable[Difference], edition: Edition, language: Language) -> list[Part]:
    """Return differences under the dimensions in which they are."""
    groups: dict[str, list[Difference]] = {}
    for difference in found:
        steps = difference.path.split(".")
        groups.setdefault(steps[1] if steps[0] == _DIMENSIONS and len(steps) > 1 else steps[0], []).append(difference)
    return [_group(key, differences, edition, language) for key, differences in groups.items()]


def _group(key: str, found: Sequence[Difference], edition: Edition, language: Language) -> Part:
    sides = (edition.theirs, edition.ours, edition.base)
    tree = next((side.tree[_DIMENSIONS][key] for side in sides if key in side.tree[_DIMENSIONS]), None)
    others = {_FIELDS: gettext("自定义字段"), _PLANS: gettext("计划模板")}
    label = tree["label"][language] if tree else others.get(key, gettext("整个分类包"))
    return Part(key, label, lines=[_line(difference, label, language) for difference in found])


def _line(difference: Difference, label: str, language: Language) -> Line:
    line = line_of(difference, language, within=label)
    name = gettext("整个维度") if line.name == label else line.name
    return Line(name, line.kind, _bare(line.old, line.name), _bare(line.new, line.name))


def _bare(text: str, name: str) -> str:
    """Return what is said of a class or a dimension without its name, where that stands beside it."""
    last = name.rpartition(" › ")[2]
    return text.removeprefix(last + gettext("："))


def outcome(edition: Edition, words: Words, user: User, language: Language) -> Outcome:
    """Return what the merge does, among the customers that this person may see."""
    merged = edition.merged(words)
    try:
        pack = merged.pack()
        if problem := clash(pack):
            return Outcome(problem)
        refuse_what_stands_in_the_way(merged)
        effects = _effects(pack_of_today(merged.data), merged, user, language)
    except ZhikeError as error:
        return Outcome(f"{_place(error, merged.data, language)}{error.zh if language == 'zh' else error.en}")
    return Outcome(
        effects=effects,
        gone=[_gone(key, merged, user, language) for key in merged.gone],
        fields=[field.label.get(language) for field in new_fields(pack)],
        is_nothing=not (merged.changed or merged.gone),
    )


def _place(error: ZhikeError, data: Mapping[str, Any], language: Language) -> str:
    """Return how people call the place of an error in the merged rules."""
    found = _PLACE.match(error.path)
    if found is None:
        return ""
    dimension = data[_DIMENSIONS][int(found[1])]
    inner = dimension["classes"][int(found[3])] if found[2] else dimension["default"] if found[4] else None
    labels = [part["label"][language] for part in (dimension, inner) if part is not None]
    return " › ".join(labels) + gettext("：")


def _effects(pack: Pack, merged: MergedRules, user: User, language: Language) -> list[Effect]:
    touched = affected(pack.schemes, frozenset([*merged.changed, *merged.gone]))
    moves = preview_moves(pack, touched, user)
    before = {scheme.dimension: scheme for scheme in rulebook().schemes}
    fields = pack.fieldset(custom_fields())
    return [
        _effect(
            scheme,
            before.get(scheme.dimension),
            moves[scheme.dimension],
            named([fact_name(ref, fields[ref.field], language) for ref in moves[scheme.dimension].missing]),
            language,
        )
        for scheme in pack.schemes
        if scheme.dimension in moves
    ]


def _effect(scheme: Scheme, before: Scheme | None, found: Moves, missing: str, language: Language) -> Effect:
    rows = [
        Move(class_chip(before, flow.old, language), class_chip(scheme, flow.new, language), flow.customers)
        for flow in found.flows
        if before is not None
    ]
    return Effect(
        key=scheme.dimension,
        label=scheme.label.get(language),
        is_new=before is None,
        customers=found.changed,
        counted=found.counted,
        missing=missing,
        moves=rows[:_FEW],
        more=sum(move.customers for move in rows[_FEW:]),
    )


def _gone(key: str, merged: MergedRules, user: User, language: Language) -> Part:
    customers = visible(user, Placement).filter(dimension=key).count()
    return Part(key, merged.label(key).get(language), customers)
