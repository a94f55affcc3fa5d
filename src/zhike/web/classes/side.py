"""The left column of the studio: the dimensions in their order, and what is the matter with each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext, ngettext

from zhike.accounts.policy import can
from zhike.classification.models import Scheme, SchemeVersion
from zhike.classification.queries import dimensions, drafts
from zhike.classification.rules import rulebook
from zhike.core.advice import advise_on_number
from zhike.web.scorecard.rows import lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User
    from zhike.core.text import Language
    from zhike.web.scorecard.rows import Line


@dataclass(frozen=True, slots=True)
class Entry:
    """One dimension of the column."""

    key: str
    label: str
    icon: str
    line: str
    in_force: bool
    has_draft: bool
    is_broken: bool
    is_paused: bool


@dataclass(frozen=True, slots=True)
class Side:
    """The column, and what this person may do to the rules."""

    entries: Sequence[Entry]
    classes: int
    may_change: bool
    may_publish: bool
    too_many: Sequence[Line]

    @property
    def in_force(self) -> int:
        return sum(entry.in_force for entry in self.entries)


def read_side(user: User, language: Language) -> Side:
    """Return the left column for somebody."""
    broken, waiting = rulebook().broken, drafts(user)
    rows = dimensions(user)
    entries = [
        _entry(row, waiting.get(row.dimension), language, is_broken=row.dimension in broken)
        for row in rows
        if row.current is not None or row.dimension in waiting
    ]
    retired = [
        _entry(row, None, language, is_broken=False)
        for row in rows
        if row.current is None and row.dimension not in waiting
    ]
    return Side(
        entries=[*entries, *retired],
        classes=sum(len(class_list(row.current.data)) for row in rows if row.current is not None),
        may_change=can(user, "change", Scheme),
        may_publish=can(user, "publish", Scheme),
        too_many=lines(advise_on_number(sum(entry.in_force for entry in entries)), language),
    )


def _entry(scheme: Scheme, draft: SchemeVersion | None, language: Language, *, is_broken: bool) -> Entry:
    version = scheme.current or draft or scheme.versions.order_by("-number").first()
    data = cast("Mapping[str, object]", version.data) if version is not None else {}
    return Entry(
        key=scheme.dimension,
        label=label_of(data, language) or scheme.dimension,
        icon=icon_of(data),
        line=_line(scheme, draft, len(class_list(data))),
        in_force=scheme.current is not None,
        has_draft=draft is not None,
        is_broken=is_broken,
        is_paused=scheme.is_paused,
    )


def _line(scheme: Scheme, draft: SchemeVersion | None, size: int) -> str:
    """Return 「3 类 · v3，草稿 v4」."""
    counted = ngettext("%(n)d 类", "%(n)d 类", size) % {"n": size}
    if scheme.current is not None and draft is not None:
        numbers = {"number": scheme.current.number, "draft": draft.number}
        return f"{counted} · {gettext('v%(number)d，草稿 v%(draft)d') % numbers}"
    if draft is not None:
        return f"{counted} · {gettext('草稿 v%(draft)d') % {'draft': draft.number}}"
    if scheme.current is not None:
        return f"{counted} · v{scheme.current.number}"
    return gettext("已停用")


def class_list(data: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Return the classes of a dimension's data, the default last; a draft may hold anything."""
    listed = data.get("classes")
    items = [*(listed if isinstance(listed, list) else []), data.get("default")]
    return [item for item in items if isinstance(item, Mapping)]


def label_of(data: Mapping[str, object], language: Language) -> str:
    """Return what a dimension or a class of a draft is called, its key for want of a name."""
    label = data.get("label")
    words = label.get(language) if isinstance(label, Mapping) else None
    return words if isinstance(words, str) and words.strip() else str(data.get("key", ""))


def icon_of(data: Mapping[str, object]) -> str:
    """Return the icon of a dimension, else the first of its classes'."""
    icons = [data.get("icon"), *(class_.get("icon") for class_ in class_list(data))]
    return next((icon for icon in icons if isinstance(icon, str) and icon), "stairs-up")
