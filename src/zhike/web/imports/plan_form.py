"""The plan of a file as a page shows it and takes it back: a row a column, the words of choices below.

Inputs are named by the place of the column in the file, so that no name of a column becomes the name of an input.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext

from zhike.accounts.policy import can, field_access
from zhike.accounts.queries import assignable_owners
from zhike.base.errors import current_language
from zhike.core.facts import FieldType
from zhike.core.text import fold
from zhike.customers.fields import FIELD_KINDS, active_fields, offered
from zhike.customers.models import Contact, Customer, CustomField
from zhike.imports.guessing import DATA
from zhike.imports.plans import ADDED, MATCHES, NEW, Mode, OnMatch, Plan, Use
from zhike.imports.profiles import profile_of
from zhike.imports.targets import CONTACT, CUSTOMER, EVENT, TARGETS, WORDS, target
from zhike.timeline.kinds import KINDS, Group

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

    from zhike.accounts.models import User
    from zhike.imports.models import Import
    from zhike.imports.profiles import Profile

# Kinds of own fields that a column of text can become.
_MADE = ("text", "long", "choice", "set", "integer", "decimal", "money", "date", "bool", "phone", "email", "url")
_MOST_WORDS = 40
# For a word that stands for nothing.
EMPTY, REFUSED = "-", ""


class Option(NamedTuple):
    """One line of a select."""

    key: str
    label: str


class Options(NamedTuple):
    """Lines under one heading."""

    heading: str
    options: Sequence[Option]


class Word(NamedTuple):
    """A word of a column, how often it stands there, and what it is taken for."""

    name: str
    word: str
    size: int
    key: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file on the page."""

    number: int
    name: str
    profile: Profile
    to: str
    mode: str
    words: Sequence[Word]
    choices: Sequence[Option]
    may_add: bool

    @property
    def is_new(self) -> bool:
        return self.to.startswith(NEW)

    @property
    def unknown(self) -> int:
        """Return how many words would refuse their rows."""
        return sum(not word.key for word in self.words)


def target_groups(what: str, user: User) -> list[Options]:
    """Return what a column can be, for this person."""
    language = current_language()
    customers, contacts = field_access(user, Customer), field_access(user, Contact)
    headings = {CUSTOMER: gettext("客户"), CONTACT: gettext("联系人"), EVENT: gettext("事件")}
    found = []
    for group in (EVENT, CUSTOMER, CONTACT):
        access = contacts if group == CONTACT else customers
        options = [
            Option(one.key, one.label.get(language))
            for one in TARGETS[what]
            if one.group == group and (not one.field or access.writes(one.field))
        ]
        if options:
            found.append(Options(headings[group], options))
    if what == "events":
        return [*found, Options(gettext("其他"), [Option(DATA, gettext("事件的数据"))])]
    own = [Option(field.name, field.label(language)) for field in active_fields() if customers.writes(field.name)]
    if own:
        found.append(Options(gettext("自定义字段"), own))
    if can(user, "create", CustomField):
        made = [Option(f"{NEW}{kind.key}", kind.label.get(language)) for kind in FIELD_KINDS if kind.key in _MADE]
        found.append(
            Options(
                gettext("新建字段"), [Option(key, gettext("新字段：%(kind)s") % {"kind": name}) for key, name in made]
            )
        )
    return found


def columns_of(imported: Import, plan: Plan, user: User) -> list[Column]:
    """Return the columns of a file with what they are taken for."""
    own = {field.name: field for field in CustomField.objects.all()}
    people = list(assignable_owners(user)) if any(use.to == "owner" for use in plan.uses.values()) else []
    found = []
    for number, name in enumerate(imported.columns):
        use = plan.uses.get(name, Use())
        profile = profile_of(imported.profile.get(name, {}))
        choices = _choices(use.to, own, people)
        may_add = use.to in own and can(user, "change", CustomField)
        otherwise = ADDED if may_add else REFUSED
        words = _words(number, profile, choices, plan.values.get(name, {}), use.to, otherwise) if choices else []
        found.append(Column(number, name, profile, use.to, use.mode, words, choices, may_add))
    return found


def _choices(to: str, own: Mapping[str, CustomField], people: Sequence[User]) -> list[Option]:
    """Return the choices of a target that has its own; nothing for one that takes any words."""
    if to in {"kind", "size"}:
        kind = Customer.Kind if to == "kind" else Customer.Size
        return [Option(key, str(label)) for key, label in kind.choices]
    if to == "contact.role":
        return [Option(key, str(label)) for key, label in Contact.Role.choices if key]
    if to == "owner":
        return [Option(user.email, user.name) for user in people]
    field = own.get(to)
    if field is not None and field.type in {FieldType.CHOICE, FieldType.SET} and field.choices:
        language = current_language()
        return [Option(str(one["key"]), str(one["en" if language == "en" else "zh"])) for one in offered(field.choices)]
    return []


def _words(
    number: int, profile: Profile, choices: Sequence[Option], said: Mapping[str, str], to: str, otherwise: str
) -> list[Word]:
    """Return the words of a column with what they are taken for: as was said, as they are called, or `otherwise`."""
    known = {fold(one.label): one.key for one in choices} | {fold(one.key): one.key for one in choices}
    given = {fold(word): key or EMPTY for word, key in said.items()}
    found = []
    for at, (word, size) in enumerate(list((profile.words or {}).items())[:_MOST_WORDS]):
        usual = known.get(fold(word)) or WORDS.get(to, {}).get(fold(word).replace(" ", "")) or otherwise
        found.append(Word(f"word-{number}-{at}", word, size, given.get(fold(word), usual)))
    return found


def read_plan(data: QueryDict, imported: Import, plan: Plan) -> Plan:
    """Return the plan that a person has sent. Whether it can be carried out is the action's to say."""
    what = str(data.get("what", plan.what))
    if what != plan.what and what in TARGETS:
        return replace(plan, what=what)
    uses: dict[str, Use] = {}
    values: dict[str, dict[str, str]] = {}
    for number, name in enumerate(imported.columns):
        to = str(data.get(f"to-{number}", plan.uses.get(name, Use()).to))
        mode = str(data.get(f"mode-{number}", ""))
        if to:
            uses[name] = Use(to, mode if mode in set(Mode) else "")
        words = list(profile_of(imported.profile.get(name, {})).words or {})[:_MOST_WORDS]
        for at, word in enumerate(words):
            key = str(data.get(f"word-{number}-{at}", REFUSED))
            if key:
                values.setdefault(name, {})[word] = "" if key == EMPTY else key
    on_match = str(data.get("on_match", plan.on_match))
    order = str(data.get("order", plan.order))
    return replace(
        plan,
        uses=uses,
        values=values,
        match=tuple(name for name in MATCHES if name in data.getlist("match")),
        on_match=on_match if on_match in set(OnMatch) else plan.on_match,
        owner="me" if data.get("owner") == "me" else "",
        order=order if order in {"ymd", "mdy", "dmy"} else plan.order,
        kind=str(data.get("kind", plan.kind)),
        unit="minor" if data.get("unit") == "minor" else "major",
        unknown=data.get("unknown") == "on",
    )


def kinds() -> list[Option]:
    """Return the kinds of events that a file may bring."""
    language = current_language()
    hidden = {Group.CLASS, Group.RECORD}
    return [Option(kind.key, kind.label.get(language)) for kind in KINDS.values() if kind.group not in hidden]


def match_options(plan: Plan) -> list[tuple[Option, bool, bool]]:
    """Return the keys by which rows can be matched: each with whether it is chosen, and whether the file has it."""
    language = current_language()
    targets = plan.targets()
    persons = {"contact.name", "contact.family", "contact.given"}
    found = []
    for name in MATCHES:
        known = target("customers", name)
        assert known is not None
        label = gettext("名称和城市") if name == "name" else known.label.get(language)
        is_there = name in targets or (name == "name" and bool(targets & persons))
        found.append((Option(name, label), name in plan.match and is_there, is_there))
    return found
