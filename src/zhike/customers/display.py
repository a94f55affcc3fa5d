"""Fields and stored values of customers as people read them: names, labels, amounts, days.

The one place that turns ``custom.<key>`` or a column and what is stored of it into words: the record, the
history, the list and the question who of two people is right all read it here.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import User
from zhike.accounts.policy import visible
from zhike.base.templatetags.zhike import MISSING, masked_phone
from zhike.core.facts import FieldType
from zhike.core.money import format_money
from zhike.customers.models import Contact, Customer, CustomField
from zhike.customers.phones import shown_phone
from zhike.customers.relations import words_of
from zhike.customers.values import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.utils.functional import Promise

    from zhike.core.text import Language

_CHOICES = {"kind": Customer.Kind, "size": Customer.Size, "role": Contact.Role}
# Columns that hold a day.
DAYS = frozenset({"birthday", "created_on", "next_contact_on"})
# What changes beside the customer's own columns, as an event names it, and what people call it.
BESIDE: Mapping[str, str | Promise] = {
    "reaches": _("联系方式"),
    "addresses": _("地址"),
    "relations": _("关系"),
    "parent": _("上级公司"),
}


def column_label(name: str) -> str:
    """Return what people call a column of customers."""
    return str(Customer._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


class Display:
    """Writes fields and values for one person. `load` fetches the names of all that will be named."""

    def __init__(
        self, user: User, fields: Iterable[CustomField], *, language: Language, currency: str, is_masked: bool = True
    ) -> None:
        self._user = user
        self.fields = {field.name: field for field in fields}
        self.language = language
        self.currency = currency
        self._is_masked = is_masked
        self._people: Mapping[str, str] = {}
        self._customers: Mapping[str, str] = {}

    def load(self, pairs: Iterable[tuple[str, object]]) -> None:
        """Fetch who is named in these fields, with at most one query for people and one for customers."""
        emails: set[str] = set()
        ids: set[str] = set()
        for name, value in pairs:
            field = self.fields.get(name)
            if value and (name == "owner" or (field and field.format == CustomField.Format.PERSON)):
                emails.add(str(value))
            elif value and field and field.format == CustomField.Format.CUSTOMER:
                ids.add(str(value))
            elif value and name in {"parent", "relations"}:
                ids.add(_other(value))
        if emails:
            self._people = dict(User.objects.filter(email__in=emails).values_list("email", "name"))
        if ids:
            found = visible(self._user, Customer).filter(pk__in=ids).values_list("pk", "name")
            self._customers = {str(pk): name for pk, name in found}

    def label(self, name: str) -> str:
        """Return what people call a field; of one that was deleted, its key."""
        if field := self.fields.get(name):
            return field.label(self.language)
        if name in BESIDE:
            return str(BESIDE[name])
        column = {"title": Contact, "role": Contact}.get(name, Customer)
        if name in {field.name for field in column._meta.concrete_fields}:
            return str(column._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        return name.removeprefix("custom.")

    def value(self, name: str, stored: object) -> str:
        """Return what is stored of a field as words; — for nothing."""
        if stored is None or stored in ("", []):
            return MISSING
        if field := self.fields.get(name):
            return self._own(field, stored)
        if name in _CHOICES:
            return str(dict(_CHOICES[name].choices).get(str(stored), stored))
        if name == "phone":
            return self._phone(str(stored))
        if name == "reaches" and isinstance(stored, list):
            return self._joined([self._reach(str(item)) for item in stored])
        if name in {"parent", "relations"}:
            return self._kin(stored)
        if isinstance(stored, bool):
            return gettext("是") if stored else gettext("否")
        if name == "owner":
            return self._people.get(str(stored), str(stored))
        return self._joined([str(item) for item in stored]) if isinstance(stored, list) else str(stored)

    def _own(self, field: CustomField, stored: object) -> str:
        value = read(stored, FieldType(field.type))
        labels = {choice["key"]: choice["zh" if self.language == "zh" else "en"] for choice in field.choices}
        match value:
            case None:
                return MISSING
            case bool():
                return gettext("是") if value else gettext("否")
            case int() if field.format == CustomField.Format.MONEY:
                return format_money(value, self.currency)
            case int():
                return f"{value:,}"
            case Decimal():
                return f"{value.normalize():,f}"
            case datetime():
                return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
            case date():
                return value.isoformat()
            case frozenset():
                order = list(labels)
                items = sorted(value, key=lambda item: (order.index(item) if item in labels else len(order), item))
                return self._joined([labels.get(item, item) for item in items]) if items else MISSING
            case str():
                return self._text(field, value, labels)

    def _text(self, field: CustomField, value: str, labels: Mapping[str, str]) -> str:
        match field.format:
            case CustomField.Format.PHONE:
                return self._phone(value)
            case CustomField.Format.PERSON:
                return self._people.get(value, value)
            case CustomField.Format.CUSTOMER:
                return self._customers.get(value) or gettext("不归你查看的客户")
            case _:
                return labels.get(value, value)

    def _reach(self, text: str) -> str:
        """Return one way to reach somebody; what is said of it stands before the number."""
        label, _space, value = text.rpartition(" ")
        is_phone = (value.startswith("+") and value[1:].isdigit()) or value.isdigit()
        return f"{label} {self._phone(value) if is_phone else value}".strip()

    def _kin(self, stored: object) -> str:
        """Return the parent, or another customer with what the two are to one another."""
        name = self._customers.get(_other(stored)) or gettext("不归你查看的客户")
        if not isinstance(stored, dict):
            return name
        what = words_of(str(stored.get("kind")), is_first="of" in stored)
        return " · ".join(word for word in (what, name, str(stored.get("note") or "")) if word)

    def _phone(self, number: str) -> str:
        return masked_phone(number) if self._is_masked else shown_phone(number)

    def _joined(self, words: list[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(words)

    def href(self, name: str, stored: object) -> str:
        """Return where a value leads: to a telephone, a mailbox, a page; nothing for most."""
        field = self.fields.get(name)
        if not stored or field is None:
            return ""
        match field.format:
            case CustomField.Format.PHONE:
                return f"tel:{stored}"
            case CustomField.Format.EMAIL:
                return f"mailto:{stored}"
            case CustomField.Format.URL:
                return str(stored)
            case CustomField.Format.CUSTOMER if str(stored) in self._customers:
                return f"/customers/{stored}/"
            case _:
                return ""


def _other(stored: object) -> str:
    """Return the number of the customer of whom a change of parent or relation tells."""
    return str(stored.get("of") or stored.get("by") or "") if isinstance(stored, dict) else str(stored)
