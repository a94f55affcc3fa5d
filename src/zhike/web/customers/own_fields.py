"""The company's own fields in a form: the right input for each, under its heading, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.accounts.queries import colleagues
from zhike.base.errors import current_language
from zhike.base.inputs import Invalid
from zhike.core.facts import FieldType
from zhike.core.money import minor_digits, symbol
from zhike.core.text import fold
from zhike.customers.fields import offered
from zhike.customers.models import Customer, CustomField
from zhike.customers.queries import find_customer
from zhike.customers.values import INTEGER_MAX, LONG_MAX, TEXT_MAX, read, typed_number, whole_minor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.utils.datastructures import MultiValueDict

    from zhike.accounts.models import User
    from zhike.core.text import Language

_SEPARATORS = ("，", "、", "；", ";")
CHOSEN = ".chosen"


class TagsField(forms.CharField):
    """Tags in one line, with commas of either language between them."""

    def prepare_value(self, value: object) -> object:
        return "，".join(value) if isinstance(value, list) else value

    def clean(self, value: object) -> list[str]:
        text: str = super().clean(value)
        for mark in _SEPARATORS:
            text = text.replace(mark, ",")
        return [tag for part in text.split(",") if (tag := part.strip())]


class NumberField(forms.CharField):
    """A number as people type it: 1,200 or 20 万. What cannot be read is left to the action, which says so."""

    def clean(self, value: object) -> object:
        return typed_number(str(super().clean(value)))


class MoneyInput(forms.TextInput):
    """An amount with the sign of the currency before it."""

    template_name = "web/widgets/money.html"

    def __init__(self, currency: str) -> None:
        super().__init__(attrs={"inputmode": "decimal", "class": "form-control"})
        self.currency = currency

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:  # noqa: ANN401  Django's own
        return {**super().get_context(name, value, attrs), "sign": symbol(self.currency).strip()}


class MoneyField(NumberField):
    """An amount in whole units with a point, kept in minor units."""

    def __init__(self, *, currency: str, **given: Any) -> None:  # noqa: ANN401  Django's own
        super().__init__(widget=MoneyInput(currency), **given)
        self._digits = minor_digits(currency)

    def prepare_value(self, value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool):
            major = Decimal(value).scaleb(-self._digits)
            return f"{major:,.{self._digits}f}" if major % 1 else f"{major:,.0f}"
        return value

    def clean(self, value: object) -> object:
        text = super().clean(value)
        if text == "":
            return None
        try:
            return whole_minor(Decimal(str(text)), self._digits, "")
        except InvalidOperation:
            raise forms.ValidationError(_("金额写成 1,200 或 20 万这样。")) from None
        except Invalid as error:
            raise forms.ValidationError(error.message(current_language())) from None


class PickInput(forms.TextInput):
    """A text in which a list is searched; what was chosen stands in a hidden input beside it."""

    template_name = "web/widgets/pick.html"

    def __init__(self, address: str) -> None:
        super().__init__(attrs={"class": "form-control", "autocomplete": "off", "role": "combobox"})
        self.address = address

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> object:
        text = super().value_from_datadict(data, files, name)
        return None if text is None else (data.get(name + CHOSEN) or "", str(text).strip())

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:  # noqa: ANN401  Django's own
        chosen, text = value if isinstance(value, tuple) else ("", value or "")
        context = super().get_context(name, text, attrs)
        return {**context, "chosen": chosen, "chosen_name": name + CHOSEN, "address": self.address}


class PersonField(forms.Field):
    """A colleague, by name or e-mail address; kept as the address."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  Django's own
        super().__init__(widget=PickInput(reverse("web:pick_people")), **given)

    def prepare_value(self, value: object) -> object:
        if isinstance(value, str) and value:
            person = colleagues().filter(email=value).first()
            return (value, person.name if person else value)
        return value

    def clean(self, value: Any) -> str:  # noqa: ANN401  what the widget gives
        chosen, text = value or ("", "")
        if not text:
            return ""
        found = [p for p in colleagues() if fold(text) in {fold(p.name), p.email}]
        if (named := [person for person in found if person.email == chosen]) or len(found) == 1:
            return (named or found)[0].email
        if found:
            raise forms.ValidationError(_("有几位同事叫这个名字，请从列表里选，或者写邮箱。"))
        raise forms.ValidationError(_("没有这位同事。"))


class CustomerLinkField(forms.Field):
    """Another customer, by name, key or number; kept as the number."""

    def __init__(self, *, by: User, **given: Any) -> None:  # noqa: ANN401  Django's own
        super().__init__(widget=PickInput(reverse("web:pick_customers")), **given)
        self._by = by

    def prepare_value(self, value: object) -> object:
        if isinstance(value, str) and value:
            found = find_customer(self._by, value)
            there = next((customer for customer in found if str(customer.pk) == value), None)
            return (value, there.name if there else gettext("不归你查看的客户"))
        return value

    def clean(self, value: Any) -> str:  # noqa: ANN401  what the widget gives
        chosen, text = value or ("", "")
        if not text:
            return ""
        if chosen and text == gettext("不归你查看的客户"):
            return str(chosen)
        found = find_customer(self._by, text)
        named = [customer for customer in found if str(customer.pk) == chosen]
        if named or len(found) == 1:
            return str((named or found)[0].pk)
        if found:
            raise forms.ValidationError(_("有几位客户是这个名字，请从列表里选一位。"))
        raise forms.ValidationError(_("没有这位客户。"))


def input_for(field: CustomField, by: User, currency: str, held: object = None) -> forms.Field:
    """Return the form field of an own field. What a record has already stays offered, though it be retired."""
    language = current_language()
    given: dict[str, Any] = {"label": field.label(language), "required": False, "help_text": field.help(language)}
    match field.format or field.type:
        case CustomField.Format.MONEY:
            return MoneyField(currency=currency, **given)
        case CustomField.Format.PERSON:
            return PersonField(**given)
        case CustomField.Format.CUSTOMER:
            return CustomerLinkField(by=by, **given)
        case FieldType.BOOL | FieldType.CHOICE | FieldType.SET as type_ if type_ == FieldType.BOOL or field.choices:
            return _choice_input(field, language, held, given)
        case other:
            return _TYPED.get(other, _text_input)(other, given)


def _choice_input(field: CustomField, language: Language, held: object, given: dict[str, Any]) -> forms.Field:
    if field.type == FieldType.BOOL:
        return forms.ChoiceField(choices=[("", _("未填写")), ("true", _("是")), ("false", _("否"))], **given)
    options = _options(field, language, held)
    if field.type == FieldType.SET:
        return forms.MultipleChoiceField(
            choices=options, widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}), **given
        )
    return forms.ChoiceField(choices=[("", _("未填写")), *options], **given)


def _text_input(form: str, given: dict[str, Any]) -> forms.Field:
    mode = {"inputmode": _MODES[form]} if form in _MODES else {}
    return forms.CharField(max_length=TEXT_MAX, widget=forms.TextInput(attrs=mode), **given)


def _long_input(_form: str, given: dict[str, Any]) -> forms.Field:
    return forms.CharField(max_length=LONG_MAX, widget=forms.Textarea(attrs={"rows": 3}), **given)


def _number_input(_form: str, given: dict[str, Any]) -> forms.Field:
    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    return NumberField(max_length=2 * len(str(INTEGER_MAX)), widget=widget, **given)


def _date_input(_form: str, given: dict[str, Any]) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **given)


def _moment_input(_form: str, given: dict[str, Any]) -> forms.Field:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(widget=widget, **given)


def _tags_input(_form: str, given: dict[str, Any]) -> forms.Field:
    return TagsField(max_length=TEXT_MAX, **given)


_MODES: Mapping[str, str] = {"phone": "tel", "email": "email", "url": "url"}
_TYPED: Mapping[str, Callable[[str, dict[str, Any]], forms.Field]] = {
    CustomField.Format.LONG: _long_input,
    FieldType.INTEGER: _number_input,
    FieldType.DECIMAL: _number_input,
    FieldType.DATE: _date_input,
    FieldType.DATETIME: _moment_input,
    FieldType.SET: _tags_input,
}


def _options(field: CustomField, language: Language, held: object) -> list[tuple[str, str]]:
    has = held if isinstance(held, list) else [held]
    shown = offered(field.choices, and_also={str(item) for item in has if item})
    return [(str(choice["key"]), str(choice["zh" if language == "zh" else "en"])) for choice in shown]


def initial_of(field: CustomField, stored: object) -> object:
    """Return what the input begins with."""
    match read(stored, FieldType(field.type)):
        case bool(value):
            return "true" if value else "false"
        case frozenset():
            return stored
        case Decimal() as value:
            return f"{value.normalize():f}"
        case datetime() | date() | int() | str() | None as value:
            return value


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """The fields under one heading, each with the kind of customers that have it."""

    label: str
    inputs: list[tuple[forms.BoundField, CustomField]]


def groups(form: forms.Form, fields: Iterable[CustomField]) -> list[OwnGroup]:
    """Return the own fields of a form by heading, in their order; those without one have the empty heading."""
    found: dict[str, OwnGroup] = {}
    for field in fields:
        if field.name not in form.fields:
            continue
        label = field.section.label(current_language()) if field.section else ""
        found.setdefault(label, OwnGroup(label, [])).inputs.append((form[field.name], field))
    return list(found.values())


def add_inputs(
    form: forms.Form, fields: Iterable[CustomField], *, by: User, currency: str, customer: Customer | None
) -> None:
    """Give a form the inputs of own fields, with what the customer has in them, or their defaults."""
    for field in fields:
        held = customer.custom.get(field.key) if customer else field.default
        form.fields[field.name] = input_for(field, by, currency, held)
        form.fields[field.name].asked = field.is_required  # type: ignore[attr-defined]
        if field.is_sensitive and customer and customer.kind != Customer.Kind.COMPANY:
            form.fields[field.name].consent_at = reverse("web:customer_privacy", args=[customer.pk])  # type: ignore[attr-defined]
        form.fields[field.name].is_wide = field.format == CustomField.Format.LONG  # type: ignore[attr-defined]
        form.initial[field.name] = initial_of(field, held)


def taken(cleaned: Mapping[str, Any], fields: Iterable[CustomField], kind: str) -> dict[str, object]:
    """Return what was typed, by key; what customers of this kind do not have is left as it is."""
    return {field.key: cleaned[field.name] for field in fields if field.name in cleaned and field.is_for(kind)}
