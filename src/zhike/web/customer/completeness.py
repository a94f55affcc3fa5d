"""What is still to be asked of a customer: how much is known, and what would decide its classes first."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from zhike.accounts.policy import field_access
from zhike.base.forms import VersionForm
from zhike.core.facts import FieldType
from zhike.core.missing import deciding_fields
from zhike.customers.completeness import missing_of, value_of
from zhike.customers.models import Customer
from zhike.web.customers.forms import CustomerForm
from zhike.web.customers.own_fields import input_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import QueryDict

    from zhike.accounts.models import User
    from zhike.classification.queries import Story
    from zhike.customers.display import Display
    from zhike.customers.models import CustomField

FIELD, VALUE = "field", "value"
# What is never asked in passing: it is nobody's answer, or has its own place.
_NOT_ASKED = frozenset({"owner", "created_on", "name"})
MOST_SHOWN = 6


class AnswerForm(VersionForm):
    """One field of a customer, answered on its page. The input is that of the customer's form."""

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        name: str,
        by: User,
        currency: str,
        customer: Customer,
        own: CustomField | None,
    ) -> None:
        super().__init__(data, initial={"version": customer.version})
        self.name = name
        self.own = own
        field = input_for(own, by, currency) if own else deepcopy(CustomerForm.base_fields[name])
        self.fields[name] = field
        field.required = True
        field.widget.attrs["id"] = f"answer-{name.replace('.', '-')}"
        self.fields["version"].widget.attrs["id"] = f"version-{name.replace('.', '-')}"
        if isinstance(field.widget, forms.RadioSelect):
            field.widget = forms.Select(choices=field.widget.choices)
        self.dress()

    @property
    def input(self) -> forms.BoundField:
        return self[self.name]

    def given(self) -> dict[str, Any]:
        """Return what the action takes."""
        value = self.cleaned_data[self.name]
        return {"custom": {self.own.key: value}} if self.own else {self.name: value}


@dataclass(frozen=True, slots=True)
class Question:
    """One missing field: what it is called, which classes it would decide, and the form to answer it."""

    name: str
    label: str
    decides: Sequence[str]
    form: AnswerForm


@dataclass(frozen=True, slots=True)
class ToAsk:
    """The share that is known, and what is still to be asked, the deciding first."""

    share: int
    questions: Sequence[Question]
    more: int


def to_ask(
    user: User,
    told: Story,
    fields: Iterable[CustomField],
    display: Display,
    currency: str,
    *,
    sent: AnswerForm | None = None,
) -> ToAsk:
    """Return what to ask of a customer. `sent` is an answer that could not be saved, shown as it was typed."""
    own = {field.name: field for field in fields if not field.is_retired}
    customer = told.customer
    decides = _deciding(told, display)
    counted = [field for field in own.values() if field.is_required]
    asked = [name for name in missing_of(customer.kind, value_of(customer), counted) if name not in _NOT_ASKED]
    names = list(dict.fromkeys([*decides, *asked]))
    access = field_access(user, Customer)
    names = [name for name in names if _may_be_asked(name, own, customer.kind) and access.writes(name)]
    if sent is not None:
        names = [sent.name, *(name for name in names if name != sent.name)]
    questions = [
        Question(
            name,
            display.label(name),
            decides.get(name, ()),
            sent
            if sent is not None and sent.name == name
            else AnswerForm(name=name, by=user, currency=currency, customer=customer, own=own.get(name)),
        )
        for name in names[:MOST_SHOWN]
    ]
    return ToAsk(customer.completeness, questions, max(0, len(names) - MOST_SHOWN))


def _may_be_asked(name: str, own: dict[str, CustomField], kind: str) -> bool:
    if name.startswith("custom."):
        return name in own and own[name].is_for(kind)
    return name in CustomerForm.base_fields


def _deciding(told: Story, display: Display) -> dict[str, list[str]]:
    """Return the missing fields that would decide classes, with the names of the dimensions."""
    open_ones = {d for d, p in told.placements.items() if p.undetermined}
    schemes = [s for s in told.rules.schemes if s.dimension not in told.history.fixed and s.mode != "manual"]
    labels = {scheme.dimension: scheme.label.get(display.language) for scheme in schemes}
    found = deciding_fields(schemes, told.facts, told.rules.fields, waiting=open_ones)
    return {
        one.ref.field.removeprefix("customer."): [labels[dimension] for dimension in one.dimensions]
        for one in found
        if one.ref.name not in _NOT_ASKED and told.rules.fields[one.ref.field].type in FieldType
    }
