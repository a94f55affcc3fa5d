"""What the editor of a draft is given, and what is said of a draft that was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from zhike.base.clock import now
from zhike.base.errors import current_language
from zhike.base.templatetags.zhike import moment
from zhike.classification.candidates import draft_fields, numbered
from zhike.core.conditions.describe import SYMBOLS, Writer
from zhike.core.conditions.nodes import Test
from zhike.core.conditions.parse import each_test, parse
from zhike.core.errors import ZhikeError
from zhike.customers.readable import readable
from zhike.web.classes.compare import count_changes
from zhike.web.classes.side import class_list
from zhike.web.conditions.answer import ROOT
from zhike.web.conditions.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from zhike.accounts.models import User
    from zhike.classification.models import SchemeVersion

HOUR = 60


def editor_data(
    draft: SchemeVersion, user: User, currency: str, fixed: Mapping[str, int], problems: Sequence[Mapping[str, str]]
) -> dict[str, object]:
    """Return the draft, what it was made from, and what conditions may be built of.

    `fixed` is how many customers people have put into each class.
    """
    base, dimension = draft.base, draft.scheme.dimension
    language = current_language()
    return {
        "urls": {
            "save": reverse("web:draft", args=[dimension]),
            "preview": reverse("web:draft_preview", args=[dimension]),
        },
        "data": draft.data,
        "moved": draft.moved,
        "revision": draft.revision,
        "before": base.data if base is not None else None,
        "was": _bounds(base, Writer(language, draft_fields(), currency)) if base is not None else {},
        "fixed": fixed,
        "sentences": sentences(draft, currency),
        "problems": problems,
        "catalogue": catalogue(readable(user, draft_fields()), language, currency, without=[f"class.{dimension}"]),
    }


def _bounds(version: SchemeVersion, writer: Writer) -> dict[str, dict[str, dict[str, str]]]:
    """Return class → place of a test → its bound and its value, in words."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for class_ in class_list(cast("Mapping[str, object]", version.data)):
        words: dict[str, dict[str, str]] = {}
        for place, item in each_test(class_.get("when"), ROOT):
            test = _test(item, writer, place)
            if test is not None:
                bound = writer.bound(test)
                words[place] = {"bound": bound, "value": bound.removeprefix(SYMBOLS.get(test.op, "")).strip()}
        found[str(class_.get("key"))] = words
    return found


def _test(item: object, writer: Writer, place: str) -> Test | None:
    """Return a test of a version that was in force; none where its field is no more."""
    try:
        test = parse(item, writer.fields, place)
    except ZhikeError:
        return None
    assert isinstance(test, Test)
    return test


def sentences(draft: SchemeVersion, currency: str) -> list[str]:
    """Return the condition of each class as a sentence, empty while it is not right yet."""
    writer = Writer(current_language(), draft_fields(), currency)
    data = _with_numbers(cast("Mapping[str, object]", draft.data))
    default = data.get("default")
    return [_sentence(class_, writer, is_default=class_ is default) for class_ in class_list(data)]


def _with_numbers(data: Mapping[str, object]) -> Mapping[str, object]:
    """Return the draft with what its quantiles come to; as it is where they cannot be had."""
    try:
        return numbered(data)
    except ZhikeError:
        return data


def _sentence(class_: Mapping[str, object], writer: Writer, *, is_default: bool) -> str:
    if is_default:
        return gettext("其余客户")
    if "when" not in class_:
        return gettext("由人指定")
    try:
        return writer.sentence(parse(class_["when"], writer.fields))
    except ZhikeError:
        return ""


def saved_line(draft: SchemeVersion) -> str:
    """Return 「周敏 10 分钟前保存 · 5 处改动」."""
    who = draft.updated_by.name if draft.updated_by else gettext("系统")
    saved = gettext("%(who)s %(when)s保存") % {"who": who, "when": ago(draft.updated_at)}
    if draft.base is None:
        return saved
    changes = count_changes(cast("Mapping[str, object]", draft.base.data), cast("Mapping[str, object]", draft.data))
    counted = ngettext("%(n)d 处改动", "%(n)d 处改动", changes) % {"n": changes} if changes else gettext("没有改动")
    return f"{saved} · {counted}"


def ago(instant: datetime) -> str:
    """Return 刚刚, 10 分钟前, or when it was."""
    minutes = round((now() - instant).total_seconds() / 60)
    if minutes < 1:
        return gettext("刚刚")
    if minutes < HOUR:
        return ngettext("%(n)d 分钟前", "%(n)d 分钟前", minutes) % {"n": minutes}
    return moment(instant)
