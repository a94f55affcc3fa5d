"""From the cells of a row to what they say of a customer, its contact and the ways to know them again.

What cannot be stored refuses the row, with its reason. An impossible telephone number, e-mail address or credit code
alone does not, as long as there is another way to reach them: it is left out, and said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from stdnum.cn import uscc

from zhike.accounts.actions import clean_email
from zhike.accounts.queries import assignable_owners, colleagues, company
from zhike.base.inputs import Invalid, line
from zhike.core.errors import ZhikeError
from zhike.core.money import minor_digits
from zhike.core.text import Text, fold
from zhike.customers.columns import clean
from zhike.customers.links import Linker
from zhike.customers.models import Contact, Customer, CustomField, Reach
from zhike.customers.names import sort_key
from zhike.customers.phones import parse_phone
from zhike.customers.reaches import NewReach
from zhike.engine.safe import from_cell
from zhike.imports.plans import ADDED, OWN
from zhike.imports.targets import DAYS, TARGETS, WORDS
from zhike.imports.values import day_of, own_value, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.imports.plans import Plan
    from zhike.imports.spool import Raw

CREDIT = "credit_code"
_SEPARATORS = re.compile(r"\s*(?::::|[;；,，、/|\n])\s*|\s{2,}")
_PERSON_FIELDS = ("phone", "email")
_LABELS = {one.key: one.label for targets in TARGETS.values() for one in targets}
# Targets that are columns of the same name.
_PLAIN = (
    *("name", "kind", "region", "city", "industry", "size", "source", "preferences", "campaign", "tags"),
    *("first_touch_channel", "first_touch_on", "created_on", "next_contact_on"),
)


@dataclass(slots=True)
class Given:
    """What one row says. `columns` and `contact` are checked; `known` is what the customer is known by, by kind.

    `left_out` is what cannot be, `withheld` what may not be written of this customer.

    `modes` has the columns that are not written as the plan usually does.
    """

    raw: Raw
    columns: dict[str, Any] = field(default_factory=dict)
    contact: dict[str, Any] = field(default_factory=dict)
    reaches: list[NewReach] = field(default_factory=list)
    contact_reaches: list[NewReach] = field(default_factory=list)
    known: dict[str, list[str]] = field(default_factory=dict)
    author: int | None = None
    left_out: list[Text] = field(default_factory=list)
    withheld: list[Text] = field(default_factory=list)
    refused: Text | None = None


class Reader:
    """Reads the rows of one import. What it has to know of the company is asked once."""

    def __init__(
        self,
        plan: Plan,
        columns: Sequence[str],
        *,
        by: User | None,
        fields: Sequence[CustomField] | None = None,
    ) -> None:
        ours = company()
        self.plan = plan
        self.zone = ours.zone
        self.fields = list(CustomField.objects.all()) if fields is None else list(fields)
        self._by = by
        self._digits = minor_digits(ours.currency)
        self._own = {one.key: one for one in self.fields}
        self._linker = Linker(self.fields, by=by)
        self._owners = _by_word(assignable_owners(by) if by else colleagues())
        self._authors = _by_word(colleagues())
        self._uses = [
            (
                index,
                plan.uses[column].to,
                {fold(word): key for word, key in plan.values.get(column, {}).items() if key != ADDED},
            )
            for index, column in enumerate(columns)
            if column in plan.uses and plan.uses[column].to
        ]
        self._knows = (
            *(plan, tuple(columns), by.pk if by else None, self.zone.key, self._digits),
            [[getattr(one, column.attname) for column in one._meta.concrete_fields] for one in self.fields],
            [{word: user.pk for word, user in people.items()} for people in (self._owners, self._authors)],
            self._linker.emails,
        )

    @property
    def asks(self) -> bool:
        """Say whether reading asks the database: rows may name other customers."""
        return self._linker.asks

    def is_like(self, other: Reader) -> bool:
        """Say whether the other one knows the same, and so reads the same."""
        return self._knows == other._knows

    def read(self, rows: Sequence[Raw]) -> list[Given]:
        """Return what the rows say, in their order."""
        found = [self._read(raw) for raw in rows]
        self._linker.read(given.columns for given in found)
        for given in found:
            if given.refused is None:
                try:
                    given.columns = clean(self._linker.resolve(given.columns), self.fields, self.zone) | _owner_of(
                        given
                    )
                except ZhikeError as error:
                    given.refused = _said(error)
        return found

    def _read(self, raw: Raw) -> Given:
        given = Given(raw)
        if raw.refused is not None:
            given.refused = raw.refused
            return given
        try:
            said = self._said(raw)
            self._fill(given, said)
            _check_name(given, said)
            self._know(given)
        except ZhikeError as error:
            given.refused = _said(error)
        return given

    def _said(self, raw: Raw) -> dict[str, Any]:
        """Return target → what stands there, empty cells left out."""
        said: dict[str, Any] = {}
        for index, to, words in self._uses:
            text = from_cell(raw.cells[index].strip()) if index < len(raw.cells) else ""
            if not text:
                continue
            if words and (meant := words.get(fold(text))) is not None:
                text = meant
            if not text:
                continue
            if to in {"phone2", "email2", "tags"}:
                said.setdefault(to, []).extend(words_of(text))
            elif to in DAYS:
                said[to] = day_of(text, self.plan.order, to)
            elif to in WORDS:
                said[to] = WORDS[to].get(fold(text).replace(" ", ""), text)
            else:
                said[to] = text
        return said

    def _fill(self, given: Given, said: dict[str, Any]) -> None:
        own = {
            to.removeprefix(OWN): own_value(text, self._own[to.removeprefix(OWN)], self.plan.order, self._digits)
            for to, text in said.items()
            if to.startswith(OWN) and to.removeprefix(OWN) in self._own
        }
        if (code := said.pop(CREDIT, "")) and (stored := self._credit_code(given, code)):
            own[CREDIT] = stored
        if own:
            given.columns["custom"] = own
        reaches = self._reaches(given, said)
        person = self._person(said)
        company_named = any(said.get(name) for name in ("name", "id")) or CREDIT in own
        if self.plan.what == "contacts" and not company_named:
            self._alone(said, person)
        given.columns |= {name: said[name] for name in _PLAIN if said.get(name)}
        if "id" in said:
            given.columns["key"] = said["id"]
        self._share_out(given, person, reaches, said, of_person=self.plan.what == "contacts" and company_named)
        if "owner" in said:
            given.columns["owner"] = self._owner(str(said["owner"]))
        if "author" in said:
            author = self._authors.get(fold(str(said["author"])))
            given.author = author.pk if author else None

    def _alone(self, said: dict[str, Any], person: dict[str, Any]) -> None:
        """Make a person who stands for no company a customer of its own."""
        said["name"] = person.pop("name", "") or said.get("name", "")
        said.setdefault("kind", Customer.Kind.PERSON.value)
        if "birthday" in person:
            said["birthday"] = person.pop("birthday")
        person.clear()

    def _share_out(
        self,
        given: Given,
        person: dict[str, Any],
        reaches: list[NewReach],
        said: Mapping[str, Any],
        *,
        of_person: bool,
    ) -> None:
        """Give ways to reach somebody to the contact or to the customer, the first of a kind as its column."""
        holder = person if of_person else given.columns
        for row in reaches:
            if row.kind in _PERSON_FIELDS and row.kind not in holder:
                holder[row.kind] = row.value
            elif of_person:
                given.contact_reaches.append(row)
            else:
                given.reaches.append(row)
        if "birthday" in said:
            holder.setdefault("birthday", said["birthday"])
        if person:
            given.contact = self._contact(person)

    def _person(self, said: Mapping[str, Any]) -> dict[str, Any]:
        names = ("name", "title", "phone", "email", "role", "birthday")
        person = {name: said[f"contact.{name}"] for name in names if said.get(f"contact.{name}")}
        family, first = str(said.get("contact.family", "")), str(said.get("contact.given", ""))
        if not person.get("name") and (family or first):
            person["name"] = f"{family}{first}" if not (family + first).isascii() else f"{first} {family}".strip()
        return person

    def _contact(self, person: dict[str, Any]) -> dict[str, Any]:
        """Return the checked columns of a contact."""
        columns: dict[str, Any] = {}
        for name in ("name", "title"):
            if name in person:
                columns[name] = line(str(person[name]), f"contact.{name}", 100)
        if person.get("phone"):
            columns["phone"], columns["phone_state"] = parse_phone(str(person["phone"]))
        if person.get("email"):
            columns["email"] = clean_email(str(person["email"]))
        if person.get("role"):
            if person["role"] not in Contact.Role.values:
                shown = str(person["role"])[:40]
                raise Invalid(f"没有角色 {shown}", f"there is no role {shown}", path="contact.role")
            columns["role"] = person["role"]
        if person.get("birthday"):
            columns["birthday"] = person["birthday"]
        if columns and not columns.get("name"):
            columns["name"] = columns.get("email") or columns.get("phone", "")
        return columns

    def _reaches(self, given: Given, said: dict[str, Any]) -> list[NewReach]:
        """Return the ways to reach them that are possible; refuse the row when all that is said is impossible."""
        found: list[NewReach] = []
        faults: list[Invalid] = []
        for kind, names in ((Reach.Kind.PHONE, ("phone", "phone2")), (Reach.Kind.EMAIL, ("email", "email2"))):
            for name in names:
                texts = said.pop(name, [])
                for text in [texts] if isinstance(texts, str) else texts:
                    _take(found, faults, kind.value, text)
        if wechat := said.pop("wechat", ""):
            found.append(NewReach(Reach.Kind.WECHAT.value, line(wechat, "wechat", Reach.VALUE_MAX)))
        if faults and not found:
            raise faults[0]
        given.left_out += [Text(fault.zh, fault.en) for fault in faults]
        return list(dict.fromkeys(found))

    def _credit_code(self, given: Given, text: str) -> str:
        code = uscc.compact(fold(text).upper())
        if uscc.is_valid(code):
            return str(code)
        shown = text[:40]
        given.left_out.append(
            Text(f"统一社会信用代码 {shown} 的校验位不对", f"the check digit of the credit code {shown} is wrong")
        )
        return ""

    def _owner(self, word: str) -> User:
        user = self._owners.get(fold(word))
        if user is None:
            shown = word[:60]
            if self._by is not None and fold(word) in self._authors:
                raise Invalid("你不能把客户交给这个人", "you may not give a customer to this person", path="owner")
            raise Invalid(
                f"没有邮箱或姓名为 {shown} 的成员",
                f"there is no user with the e-mail or the name {shown}",
                path="owner",
            )
        return user

    def _know(self, given: Given) -> None:
        """Write down what the customer of a row is known by."""
        columns = given.columns
        known = given.known
        if key := columns.get("key"):
            known["id"] = [line(str(key), "id", 100)]
        if code := columns.get("custom", {}).get(CREDIT):
            known[CREDIT] = [code]
        reaches = [NewReach(kind, columns[kind]) for kind in _PERSON_FIELDS if columns.get(kind)]
        if self.plan.what == "customers":
            reaches += [NewReach(kind, given.contact[kind]) for kind in _PERSON_FIELDS if given.contact.get(kind)]
        for row in (*reaches, *given.reaches):
            if row.kind in _PERSON_FIELDS:
                known.setdefault(row.kind, []).append(row.value)
        if name := columns.get("name"):
            known["name"] = [sort_key(line(str(name), "name", Customer.NAME_MAX))]


def _take(found: list[NewReach], faults: list[Invalid], kind: str, text: str) -> None:
    """Read a number or an address, or several in one cell."""
    try:
        found.append(NewReach(kind, _reach(kind, text)))
    except Invalid as whole:
        parts = [part for part in _SEPARATORS.split(text) if part and part.strip()]
        if len(parts) < 2:  # noqa: PLR2004
            faults.append(whole)
            return
        for part in parts:
            try:
                found.append(NewReach(kind, _reach(kind, part)))
            except Invalid as error:
                faults.append(error)


def _reach(kind: str, text: str) -> str:
    return parse_phone(text).number if kind == Reach.Kind.PHONE else clean_email(text)


def _check_name(given: Given, said: Mapping[str, Any]) -> None:
    columns = given.columns
    if columns.get("name") or columns.get("key") or CREDIT in columns.get("custom", {}):
        return
    reached = next((columns[kind] for kind in ("email", "phone") if columns.get(kind)), "")
    if not reached or (given.contact and "name" in said):
        raise Invalid("既没有编号也没有名称", "has neither an id nor a name")
    columns["name"] = reached


def _owner_of(given: Given) -> dict[str, Any]:
    return {"owner": given.columns["owner"]} if "owner" in given.columns else {}


def _by_word(people: Any) -> dict[str, User]:  # noqa: ANN401  a queryset of users
    """Return e-mail or name → person; a name that two have is nobody's."""
    found: dict[str, User] = {}
    twice: set[str] = set()
    for user in cast("list[User]", list(people)):
        if fold(user.name) in found:
            twice.add(fold(user.name))
        found[fold(user.name)] = user
    for name in twice:
        del found[name]
    return found | {fold(user.email): user for user in people}


def _said(error: ZhikeError) -> Text:
    """Return what is wrong, led by what the field is called."""
    label = _LABELS.get(error.path)
    if label is None:
        return Text(error.message("zh"), error.message("en"))
    return Text(f"{label.zh}：{error.zh}", f"{label.en}: {error.en}")
