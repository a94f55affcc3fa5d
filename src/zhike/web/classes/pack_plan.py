"""What putting a pack in force would replace, in words, before anybody does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from zhike.classification.models import Placement
from zhike.classification.packs import original_pack, present_pack, rules_seen, side_of
from zhike.core.errors import ZhikeError
from zhike.core.facts import Ref
from zhike.core.pack_diff import differences
from zhike.customers.facts import custom_fields
from zhike.followups.queries.templates import own_keys
from zhike.web.plans.words import outlines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.core.facts import Field
    from zhike.core.pack_diff import Difference
    from zhike.core.pack_tree import Path
    from zhike.core.pack_words import Side
    from zhike.core.packs import Pack
    from zhike.core.text import Language
    from zhike.web.plans.words import Outline

_DIMENSIONS, _TEMPLATES = "dimensions", "plans"
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One difference, in one language."""

    name: str
    kind: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Part:
    """One dimension: how many customers have a class in it now, and what becomes different."""

    key: str
    label: str
    customers: int = 0
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Templates:
    """What happens to the plan templates: those of packs are replaced, the company's own stay."""

    gone: Sequence[Part] = ()
    changed: Sequence[Part] = ()
    added: Sequence[Outline] = ()
    same: Sequence[Part] = ()
    own: Sequence[Part] = ()

    @property
    def is_nothing(self) -> bool:
        return not (self.gone or self.changed or self.added)


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to each dimension, the fields that are made, and what was changed here and would be lost.

    `templates` says the same of plan templates. `seen` names the rules in force that this was worked out from; `problem` says why it cannot be done.
    """

    gone: Sequence[Part]
    changed: Sequence[Part]
    added: Sequence[Part]
    same: Sequence[Part]
    fields: Sequence[str]
    templates: Templates
    own_changes: Sequence[Line]
    seen: str
    problem: str = ""

    @property
    def is_nothing(self) -> bool:
        return not (self.gone or self.changed or self.added or self.fields) and self.templates.is_nothing


def plan(pack: Pack, data: Mapping[str, Any], language: Language) -> Plan:
    """Compare the rules in force with a pack."""
    new, old = side_of(data), _present()
    found = differences(old, new) if old else []
    before = old.tree[_DIMENSIONS] if old else {}
    parts = {
        key: _part((_DIMENSIONS, key), tree["label"], found, language)
        for key, tree in {**before, **new.tree[_DIMENSIONS]}.items()
    }
    both = [key for key in new.tree[_DIMENSIONS] if key in before]
    return Plan(
        gone=[_with_customers(parts[key]) for key in before if key not in new.tree[_DIMENSIONS]],
        changed=[parts[key] for key in both if parts[key].lines],
        added=[parts[key] for key in new.tree[_DIMENSIONS] if key not in before],
        same=[parts[key] for key in both if not parts[key].lines],
        fields=[field.label.get(language) for field in new_fields(pack)],
        templates=_templates(pack, old, new, found, language),
        own_changes=_own_changes(old, language),
        seen=rules_seen(),
        problem=clash(pack),
    )


def _present() -> Side | None:
    """Return the rules in force; None where there are none, or they can no longer be read."""
    try:
        return side_of(present_pack())
    except ZhikeError:
        return None


def _templates(pack: Pack, old: Side | None, new: Side, found: Sequence[Difference], language: Language) -> Templates:
    """Return what becomes of the templates in use, and those that come; of the company's own only one of the same key changes."""
    before: Mapping[str, Any] = old.tree.get(_TEMPLATES, {}) if old else {}
    after: Mapping[str, Any] = new.tree.get(_TEMPLATES, {})
    parts = {key: _part((_TEMPLATES, key), tree["name"], found, language) for key, tree in {**before, **after}.items()}
    own = own_keys()
    left = [key for key in before if key not in after]
    both = [key for key in after if key in before]
    return Templates(
        gone=[parts[key] for key in left if key not in own],
        changed=[parts[key] for key in both if parts[key].lines],
        added=[outline for outline in outlines(pack.plans, pack.schemes, language) if outline.key not in before],
        same=[parts[key] for key in both if not parts[key].lines],
        own=[parts[key] for key in left if key in own],
    )


def _part(path: Path, named: Mapping[str, str], found: Sequence[Difference], language: Language) -> Part:
    label, within = str(named[language]), f"{'.'.join(path)}."
    lines = [line_of(d, language, within=label) for d in found if d.path.startswith(within)]
    return Part(path[-1], label, lines=lines)


def line_of(difference: Difference, language: Language, *, within: str = "") -> Line:
    """Return a difference; where it stands under a heading its name does not repeat that."""
    texts = (difference.name, difference.old, difference.new)
    name, old, new = (text.get(language) for text in texts)
    return Line(name.removeprefix(f"{within} › "), difference.kind, old, new)


def _with_customers(part: Part) -> Part:
    return Part(part.key, part.label, Placement.objects.filter(dimension=part.key).count())


def new_fields(pack: Pack) -> list[Field]:
    known = {field.key for field in custom_fields()}
    return [field for field in pack.fields if field.key not in known]


def _own_changes(present: Side | None, language: Language) -> list[Line]:
    """Return what was changed here since the rules were put in force."""
    original = original_pack()
    if original is None or present is None:
        return []
    stay = {f"{_TEMPLATES}.{key}" for key in own_keys()}
    try:
        found = differences(side_of(original.data), present)
        return [line_of(d, language) for d in found if not (d.kind == "added" and d.path in stay)]
    except ZhikeError:  # a field that the delivered rules read is of another kind by now
        return []


def clash(pack: Pack) -> str:
    """Say which field of the company's is of another type than the pack needs."""
    own = {field.key: field for field in custom_fields(says_retired=False)}
    for field in pack.fields:
        found = own.get(field.key)
        if found is not None and found.type != field.type:
            names = {"name": Ref(field.key).name, "found": found.type, "wanted": field.type}
            return gettext("公司的字段 %(name)s 是 %(found)s，这个分类包需要 %(wanted)s。") % names
    return ""


def named(names: Sequence[str]) -> str:
    """Return names in a row, not too many of them."""
    row = gettext("、").join(names[:_NAMED])
    return row if len(names) <= _NAMED else gettext("%(row)s 等 %(n)d 项") % {"row": row, "n": len(names)}
