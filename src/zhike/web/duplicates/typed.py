"""Who may be there already while somebody types a customer: beside the form, and once more before it is saved.

Whom a person may not see is not told of, but for one sentence: that there is a duplicate, and whom to ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.shortcuts import render
from django.views.decorators.http import require_POST

from zhike.accounts.policy import can, get_visible, require
from zhike.base.errors import Forbidden, NotFound, current_language
from zhike.core.duplicates.evidence import LIKELY
from zhike.customers.models import Contact, Customer
from zhike.duplicates.actions.pairs import as_data, part_from
from zhike.duplicates.candidates import look_up, told, without_decided
from zhike.duplicates.listing import BANDS, band_of
from zhike.duplicates.reading import CREDIT, record_of
from zhike.web.duplicates.rows import Said, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django import forms
    from django.http import HttpResponse, QueryDict

    from zhike.accounts.models import User
    from zhike.core.duplicates.records import Record
    from zhike.web.request import Request

LONGEST = 300
_SHOWN = 4
_LEAST = 2
# What is compared: a change of anything else is saved without asking.
_COMPARED = frozenset({"name", "kind", "phone", "email", "city", "birthday", f"custom.{CREDIT}"})


class Alike(NamedTuple):
    """Somebody who may be the same, as far as the person may know."""

    customer: Customer
    band: str
    said: Sequence[Said]


class Warned(NamedTuple):
    """What stands beside the form. `is_hidden`: there is somebody whom the person does not see."""

    found: Sequence[Alike]
    is_hidden: bool

    def __bool__(self) -> bool:
        return bool(self.found) or self.is_hidden


@require_POST
def typed(request: Request) -> HttpResponse:
    """Who may be the customer that is being typed: a piece of the form."""
    given = request.POST.get("of", "")
    customer = get_visible(request.user, Customer, pk=int(given)) if given.isdecimal() and len(given) < 19 else None  # noqa: PLR2004  a bigint
    if given and customer is None:
        raise NotFound
    if customer is not None:
        require(request.user, "change", customer)
    elif not can(request.user, "create", Customer):
        raise Forbidden
    record = _record(request.POST, customer)
    context = {"alike": _warned(request.user, record, least=None) if record else None}
    return render(request, "web/alike.html", context)


def warn_before_saving(
    request: Request, form: forms.Form, *, customer: Customer | None = None, form_key: UUID | None = None
) -> Warned | None:
    """Return whom the customer that is about to be saved may be; nothing once the person has seen them.

    A form that is sent again has made its customer already: nobody is their own duplicate.
    """
    if "anyway" in request.POST or (customer is not None and not _COMPARED & set(form.changed_data)):
        return None
    record = _record(request.POST, customer)
    warned = _warned(request.user, record, least=LIKELY) if record else None
    # Asked after the search: the first of two clicks may have saved while the second one's form was read.
    if warned and form_key is not None and Customer.objects.filter(form_key=form_key).exists():
        return None
    return warned or None


def keep_apart(request: Request, customer: Customer) -> None:
    """Remember that a customer who was saved all the same is none of those who had been named."""
    seen = [int(one) for one in request.POST.getlist("seen")[:_SHOWN] if one.isdecimal() and len(one) < 19]  # noqa: PLR2004  a bigint
    if "anyway" in request.POST and seen:
        part_from(customer=customer, others=seen, by=request.user)


def _warned(user: User, record: Record, *, least: float | None) -> Warned:
    found = look_up(record) if least is None else look_up(record, least=least)
    if record.id:
        found = without_decided(record.id, found)
    language = current_language()
    mine = told(user, found)
    shown = [
        Alike(
            customer,
            BANDS[band_of(comparison.score)][2].get(language),
            [one for one in say(as_data(comparison), language) if one.is_for],
        )
        for customer, comparison in mine.found[:_SHOWN]
    ]
    return Warned(shown, mine.hidden > 0)


def _record(given: QueryDict, customer: Customer | None) -> Record | None:
    """Return what is typed as a record to compare; nothing as long as it could be anybody."""

    def text(name: str) -> str:
        return given.get(name, "").replace("\0", "").strip()[:LONGEST]

    name, phone, email, code = text("name"), text("phone"), text("email"), text(f"custom.{CREDIT}")
    if len(name) < _LEAST and not phone and "@" not in email and not code:
        return None
    is_company = text("kind") == Customer.Kind.COMPANY
    contact = text("contact-name") if is_company else ""
    people = [contact] if contact else []
    if customer is not None and is_company:
        people += Contact.objects.filter(customer=customer, left_on=None).values_list("name", flat=True)
    return record_of(
        customer.pk if customer else 0,
        name=name,
        kind=text("kind"),
        contacts=people,
        phones=[one for one in (phone, text("contact-phone")) if one],
        emails=[email] if email else [],
        birthday=text("birthday"),
        city=text("city"),
        credit_code=code,
    )
