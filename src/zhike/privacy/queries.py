"""Reads: what a customer has agreed to, what is owed an answer, what an erasure would take."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.db.models import Q

from zhike.accounts.policy import visible
from zhike.accounts.queries import company_zone
from zhike.base.clock import today
from zhike.base.inputs import Invalid
from zhike.jobs.models import Job
from zhike.privacy.models import Assessment, Consent, ConsentText, Request
from zhike.privacy.personal import ERASED, EVENTS_LABEL, FILES_LABEL
from zhike.privacy.purposes import GUARDIAN, PURPOSES, Purpose, is_child
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.core.text import Text
    from zhike.customers.models import Customer


class Standing(NamedTuple):
    """Where a customer stands with one purpose: ``none``, ``given``, ``stale``, ``refused`` or ``withdrawn``.

    Stale is what was given to words that have changed since.
    """

    purpose: Purpose
    state: str
    last: Consent | None
    text: ConsentText
    may_ask: bool

    @property
    def is_valid(self) -> bool:
        return self.state == "given"


def purpose_of(key: str) -> Purpose:
    found = PURPOSES.get(key)
    if found is None:
        raise Invalid("没有这个用途", "there is no such purpose", path="purpose")
    return found


def digest(zh: str, en: str) -> str:
    """Return by what the words of a consent are recognised."""
    return hashlib.sha256(f"{zh}\0{en}".encode()).hexdigest()


def current_text(purpose: Purpose) -> ConsentText:
    """Return the words in force; before anybody has agreed, those of the table, not saved yet."""
    found = ConsentText.objects.filter(purpose=purpose.key).order_by("-number").first()
    words = purpose.words
    return found or ConsentText(
        purpose=purpose.key, number=1, zh=words.zh, en=words.en, digest=digest(words.zh, words.en)
    )


def consents(user: User, customer: Customer) -> list[Standing]:
    """Return where the customer stands with each purpose."""
    rows = visible(user, Consent).filter(customer=customer.pk)
    return _standings(rows, PURPOSES.values())


def agreed(customer: Customer) -> list[Standing]:
    """Return what the person has ever said yes to, for the person themselves: it stands, or was taken back."""
    everything = _standings(Consent.objects.filter(customer=customer.pk), PURPOSES.values())
    return [one for one in everything if one.state in {"given", "stale", "withdrawn"}]


def may_use(customer: int, purpose: str) -> bool:
    """Say whether something may be sent or done for this purpose: asked right before it is, not when it is planned.

    For a child a guardian must have agreed as well, as long as it is one.
    """
    asked = purpose_of(purpose)
    (standing,) = _standings(Consent.objects.filter(customer=customer), [asked])
    if not standing.is_valid or not asked.is_marketing:
        return standing.is_valid
    birthday = standing.last.customer.birthday if standing.last else None
    return not is_child(birthday, today(company_zone())) or may_use(customer, GUARDIAN)


def _standings(rows: QuerySet[Consent], purposes: Iterable[Purpose]) -> list[Standing]:
    last: dict[str, Consent] = {}
    for one in rows.select_related("text", "by").order_by("pk"):
        last[one.purpose] = one
    day = today(company_zone())
    found = []
    for purpose in purposes:
        text, row = current_text(purpose), last.get(purpose.key)
        state = "none" if row is None else str(row.state)
        if row is not None and state == Consent.State.GIVEN and row.text.digest != text.digest:
            state = "stale"
        until = row.do_not_ask_until if row else None
        found.append(Standing(purpose, state, row, text, state != "given" and (until is None or until <= day)))
    return found


def open_requests(user: User) -> QuerySet[Request]:
    """Return what is owed an answer, the nearest day first."""
    rows = visible(user, Request).filter(state=Request.State.OPEN)
    return rows.select_related("customer", "by").order_by("due_on", "pk")


def assessment() -> Assessment | None:
    """Return the impact assessment on file."""
    return Assessment.objects.select_related("by").order_by("-number").first()


def rows_of(label: str, customer: int) -> QuerySet[Any]:
    """Return what a table holds of a customer."""
    rule = ERASED[label]
    found: QuerySet[Any] = apps.get_model(label)._default_manager.filter(
        Q(**{rule.path: customer}) | (Q(**{rule.other: customer}) if rule.other else Q(pk__in=[]))
    )
    return found


def what_goes(customer: Customer) -> list[tuple[Text, int]]:
    """Return what an erasure would take or blank, by kind, and nothing of it is done."""
    found = [(EVENTS_LABEL, Event.objects.filter(customer=customer.pk).count())]
    found += [(rule.label, rows_of(label, customer.pk).count()) for label, rule in ERASED.items()]
    found.append((FILES_LABEL, Job.objects.exclude(file="").count()))
    return [(label, count) for label, count in found if count]
