"""What the quick log asks beside its own fields: those that the steps at hand of the customer's plans name.

So the log of a customer looks as their class or product line wants it. An empty answer changes nothing.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from zhike.accounts.policy import field_access, visible
from zhike.customers.fields import active_fields
from zhike.customers.models import Customer
from zhike.followups.models import Plan, Task
from zhike.followups.queries.plans import steps_of
from zhike.web.customers.forms import CustomerForm
from zhike.web.customers.own_fields import input_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.core.text import Language
    from zhike.customers.models import CustomField

CUSTOM = "custom."
MOST = 6
_NEVER = frozenset({"owner", "name", "kind", "next_contact_on", "tags"})
ASKED = "asked."


@dataclass(frozen=True, slots=True)
class Question:
    """A field of the customer that the log asks for, and the own field that it is, if it is one."""

    name: str
    own: CustomField | None

    @property
    def input_name(self) -> str:
        return ASKED + self.name


def askable_fields(language: Language) -> list[tuple[str, str]]:
    """Return what a step may have the log ask for, with what each is called: the customer's fields, then the company's own."""
    known = [
        (name, str(field.label))
        for name, field in CustomerForm.base_fields.items()
        if name not in _NEVER and field.label
    ]
    return [*known, *((field.name, field.label(language)) for field in active_fields())]


def asked_fields(user: User, customer: Customer) -> list[str]:
    """Return the names of the fields that the open steps of the active plans ask for, in their order."""
    names: dict[str, None] = {}
    plans = visible(user, Plan).filter(customer=customer, state=Plan.State.ACTIVE)
    for plan in plans.order_by("pk"):
        waiting = set(Task.objects.filter(plan=plan, state=Task.State.OPEN).values_list("step", flat=True))
        for step in steps_of(plan):
            if step.key in waiting:
                names |= dict.fromkeys(step.form)
    return list(names)


def add_questions(form: forms.Form, customer: Customer, *, by: User, currency: str) -> list[Question]:
    """Give the form an input for each of them that this person may write and that is not filled in."""
    if not customer.pk:
        return []
    names = asked_fields(by, customer)
    if not names:
        return []
    own = {field.name: field for field in active_fields()}
    access = field_access(by, Customer)
    found: list[Question] = []
    for name in _writable(names, own, access.writes, customer):
        field = own.get(name)
        asked = input_for(field, by, currency) if field else deepcopy(CustomerForm.base_fields[name])
        asked.required = False
        if isinstance(asked.widget, forms.RadioSelect):
            asked.widget = forms.Select(choices=asked.widget.choices)
        question = Question(name, field)
        form.fields[question.input_name] = asked
        found.append(question)
    return found[:MOST]


def _writable(
    names: Iterable[str], own: Mapping[str, CustomField], writes: Callable[[str], bool], customer: Customer
) -> list[str]:
    found = []
    for name in names:
        known = own.get(name) or own.get(CUSTOM + name)
        if known is not None:
            held = customer.custom.get(known.key)
            if known.is_for(customer.kind) and writes(known.name) and held in (None, "", []):
                found.append(known.name)
        elif name in CustomerForm.base_fields and name not in _NEVER and writes(name) and not getattr(customer, name):
            found.append(name)
    return list(dict.fromkeys(found))[:MOST]


def answered(questions: Sequence[Question], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was answered, as the action for customers takes it."""
    given: dict[str, Any] = {}
    for question in questions:
        value = cleaned.get(question.input_name)
        if value in (None, "", []):
            continue
        if question.own is None:
            given[question.name] = value
        else:
            given.setdefault("custom", {})[question.own.key] = value
    return given
