"""Which column is what, told from its name, other names for it in both languages and pinyin, and from what stands in it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from zhike.core.facts import FieldType
from zhike.customers.names import syllables
from zhike.imports.plans import MATCHES, NEW, OWN, UNUSED, Plan, Use
from zhike.imports.presets import norm, preset_for
from zhike.imports.profiles import Profile
from zhike.imports.targets import CONTACT, TARGETS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from zhike.customers.models import CustomField
    from zhike.imports.presets import Preset

# Several columns may be these.
REPEATED = frozenset({"phone2", "email2", "tags", "data"})
# In files of persons, what is said of the person.
_SECOND = {"phone": "phone2", "email": "email2"}
_CHOICES_MAX = 20
_LONG = 150
_LEAST_OF_EACH = 2
_SHORTEST_ENDING = 2
DATA = "data"
# What we have put into a file ourselves: why its rows were refused.
_OURS = frozenset({"原因", "reason"})


@cache
def _words(what: str) -> dict[str, str]:
    """Return name → target; an earlier row of the table wins."""
    found: dict[str, str] = {}
    for one in TARGETS[what]:
        names = (one.key, one.label.zh, one.label.en, *one.words)
        for word in names:
            found.setdefault(norm(word), one.key)
    for word, key in list(found.items()):
        if not word.isascii():
            found.setdefault("".join(syllables(word)), key)
    return found


def by_name(column: str, what: str) -> str:
    """Return what a column of this name is, or nothing."""
    words, wanted = _words(what), norm(column)
    if wanted in words:
        return words[wanted]
    if wanted.isascii():
        return ""
    endings = [word for word in words if len(word) >= _SHORTEST_ENDING and wanted.endswith(word) and not word.isascii()]
    longest = max(endings, key=len, default="")
    # 最近成交日期 is a day, but not the day of the order that this row would be.
    is_sure = longest and (what != "events" or len(longest) * 2 >= len(wanted))
    return words[longest] if is_sure and _says_as_much(wanted, longest) else ""


def _says_as_much(wanted: str, ending: str) -> bool:
    """Say whether what stands before the ending only says whose it is."""
    return wanted.removesuffix(ending) in {
        "客户",
        "公司",
        "企业",
        "单位",
        "所属",
        "所在",
        "主要",
        "我的",
        "会员",
        "当前",
    }


def what_of(columns: Collection[str], profiles: Mapping[str, Profile]) -> str:
    """Say what the rows of a file are."""
    named = {by_name(column, "customers") for column in columns}
    events = {by_name(column, "events") for column in columns}
    is_log = "occurred_at" in events and bool(events & {"kind", "amount"})
    # A list of customers may say when and how much they bought last; a log names each of its orders.
    if is_log and ("key" in events or not named & {"phone", "email", "contact.name", "city", "industry"}):
        return "events"
    persons = {"contact.name", "contact.given", "contact.family"}
    has_company = "name" in named or any(profile.looks == "company" for profile in profiles.values())
    is_list_of_persons = "contact.title" in named and "id" not in named
    if named & persons and (not has_company or "contact.family" in named or is_list_of_persons):
        return "contacts"
    return "customers"


def guess(
    columns: Sequence[str],
    profiles: Mapping[str, Profile],
    fields: Collection[CustomField],
    *,
    what: str = "",
    makes_fields: bool = True,
) -> Plan:
    """Return a plan for a file: each target once, where it is most likely."""
    preset = preset_for(columns)
    if preset is not None and what in {"", preset.what}:
        kind = preset.what
    else:
        preset, kind = None, what or what_of(columns, profiles)
    uses: dict[str, Use] = dict.fromkeys(columns, UNUSED)
    if preset is not None:
        _apply(preset, uses)
    _by_names(uses, kind, preset)
    own = _own_fields(fields)
    for column, use in uses.items():
        if not use.to and (key := own.get(norm(column))) and kind != "events":
            uses[column] = Use(f"{OWN}{key}")
    passed = {norm(name) for name in preset.passed} if preset else set()
    passed |= _OURS
    _by_content(uses, profiles, kind, passed)
    if makes_fields:
        for column, use in uses.items():
            profile = profiles.get(column, Profile())
            if not use.to and profile.filled and norm(column) not in passed:
                uses[column] = Use(DATA if kind == "events" else f"{NEW}{kind_of(profile)}")
    orders = [profile.order for profile in profiles.values() if profile.order]
    targets = {use.to for use in uses.values()}
    return Plan(
        what=kind,
        uses=uses,
        match=tuple(name for name in MATCHES if name in targets or (name == "name" and "contact.name" in targets)),
        order=max(orders, key=orders.count) if orders else (preset.order if preset else "ymd"),
        preset=preset.key if preset else "",
    )


def _apply(preset: Preset, uses: dict[str, Use]) -> None:
    known = {norm(column): column for column in uses}
    for name, key in preset.uses.items():
        if (column := known.get(norm(name))) is not None:
            uses[column] = Use(key)


def _by_names(uses: dict[str, Use], what: str, preset: Preset | None) -> None:
    taken = {use.to for use in uses.values()}
    passed = {norm(name) for name in preset.passed} if preset else set()
    # Exact names first: of 电话 and 公司电话 the former is the telephone number.
    exact = sorted(uses, key=lambda column: norm(column) not in _words(what))
    for column in exact:
        if uses[column].to or norm(column) in passed:
            continue
        key = by_name(column, what)
        if key in taken:
            key = _SECOND.get(key, key)
        if key and (key not in taken or key in REPEATED):
            uses[column] = Use(key)
            taken.add(key)


def _own_fields(fields: Collection[CustomField]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in fields:
        if not one.is_retired:
            for word in (one.key, one.label_zh, one.label_en):
                found.setdefault(norm(word), one.key)
    return found


_LOOKS = {"email": "email", "phone": "phone", "credit_code": "credit_code", "company": "name"}


def _by_content(uses: dict[str, Use], profiles: Mapping[str, Profile], what: str, passed: Collection[str]) -> None:
    taken = {use.to for use in uses.values()}
    for column, use in uses.items():
        looks = profiles.get(column, Profile()).looks
        key = _LOOKS.get(looks, "")
        if use.to or not key or norm(column) in passed or (what == "events" and key not in _words(what).values()):
            continue
        if key in taken:
            key = _SECOND.get(key, "") if what != "events" else ""
        if key:
            uses[column] = Use(key)
            taken.add(key)


def kind_of(profile: Profile) -> str:
    """Return the kind of own field that a column would make."""
    if profile.looks in {"email", "url", "phone", "money", "date"}:
        return profile.looks
    if profile.type in {FieldType.INTEGER, FieldType.DECIMAL, FieldType.DATE, FieldType.BOOL}:
        return profile.type
    words = profile.words
    if words and len(words) <= _CHOICES_MAX and profile.filled >= _LEAST_OF_EACH * len(words) and len(words) > 1:
        return "choice"
    return "long" if profile.longest > _LONG else "text"


def is_of_contact(key: str, what: str) -> bool:
    """Say whether a target is about the person, and not about the company."""
    return any(one.key == key and one.group == CONTACT for one in TARGETS[what])
