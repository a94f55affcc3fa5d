"""Whom no rule may put into a class: one answer for one customer, and the same for the database.

A customer who refuses; a natural person as long as no impact assessment is on file; a child under
fourteen without the consent of a guardian. Businesses are nobody of whom that is asked.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.privacy.models import Assessment, Consent
from zhike.privacy.purposes import ADULT_ENOUGH, GUARDIAN, PURPOSES, is_child
from zhike.privacy.queries import current_text, may_use

if TYPE_CHECKING:
    from zhike.customers.models import Customer

PERSON = "person"
REFUSED, UNASSESSED, CHILD = "refused", "unassessed", "child"


def bar_of(customer: Customer) -> str:
    """Return why no rule may place a customer: ``refused``, ``unassessed``, ``child``, or nothing."""
    if customer.no_profiling:
        return REFUSED
    if customer.kind != PERSON:
        return ""
    if not Assessment.objects.exists():
        return UNASSESSED
    if customer.birthday is None:
        return ""
    is_barred = is_child(customer.birthday, today(company_zone())) and not may_use(customer.pk, GUARDIAN)
    return CHILD if is_barred else ""


def unprofiled() -> Q:
    """Return the condition that no rule may place a customer: that `bar_of` says something."""
    persons = Q(kind=PERSON)
    return Q(no_profiling=True) | (persons & Q(~Exists(Assessment.objects.all()))) | (persons & unguarded())


def unguarded() -> Q:
    """Return the condition that somebody is a child of whom no guardian has agreed."""
    said = Consent.objects.filter(customer=OuterRef("pk"), purpose=GUARDIAN)
    later = Consent.objects.filter(customer=OuterRef("customer"), purpose=GUARDIAN, pk__gt=OuterRef("pk"))
    words = current_text(PURPOSES[GUARDIAN]).digest
    agreed = said.filter(state=Consent.State.GIVEN, text__digest=words).exclude(Exists(later))
    is_young = Q(birthday__isnull=False, birthday__gt=_fourteen_years_before(today(company_zone())))
    return is_young & Q(~Exists(agreed))


def grown_up_on(birthday: date) -> date:
    """Return the day on which somebody is a child no longer."""
    try:
        return birthday.replace(year=birthday.year + ADULT_ENOUGH)
    except ValueError:  # born on 29 February
        return date(birthday.year + ADULT_ENOUGH, 3, 1)


def _fourteen_years_before(day: date) -> date:
    """Return the last birthday of those who are children no longer on a day."""
    try:
        return day.replace(year=day.year - ADULT_ENOUGH)
    except ValueError:
        return date(day.year - ADULT_ENOUGH, 2, 28)
