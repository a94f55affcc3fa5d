"""What a search found, in groups: customers, persons at them, and what was written down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext

from zhike.accounts.policy import field_access, visible
from zhike.base.templatetags.zhike import day, masked_phone
from zhike.customers.finding import POOL, Tier, find, needles, newest_customers, tier_of
from zhike.customers.models import Contact, Customer
from zhike.customers.queries import customers
from zhike.customers.searched import Reached, search_columns
from zhike.timeline.kinds import KINDS
from zhike.timeline.words import find_written, words
from zhike.web.customers.marks import Part, marked, marked_phone, marked_text, snippet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.core.text import Language
    from zhike.customers.finding import Hit
    from zhike.timeline.models import Event

CUSTOMERS_MAX, NOTES_MAX = 8, 4


@dataclass(frozen=True, slots=True)
class Line:
    """One result: where it leads, what it is called, and what else tells it from others."""

    url: str
    title: Sequence[Part]
    detail: Sequence[Part] = ()
    after: str = ""
    icon: str = ""
    keys: Sequence[str] = ()
    customer: Customer | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Results of one kind."""

    label: str
    lines: list[Line] = field(default_factory=list)


def plain(text: str) -> list[Part]:
    return [Part(text, found=False)] if text else []


def results(user: User, query: str, *, recent: Sequence[int], language: Language) -> list[Group]:
    """Return what was found, as far as this person may know it, in groups that are not empty."""
    hits = find(user, query, recent=recent, limit=CUSTOMERS_MAX)
    known = _load(user, hits)
    own, theirs = [], []
    for hit in hits:
        customer = known.get(hit.pk)
        if customer is None:
            continue
        line = _through(user, customer, query) if hit.tier is Tier.CONTACT else None
        if line is None:
            own.append(customer_line(customer, query, hit.tier))
        else:
            theirs.append(line)
    groups = [Group(gettext("客户"), own), Group(gettext("联系人"), theirs), Group(gettext("备注"), [])]
    access = field_access(user, Customer)
    groups[2].lines.extend(
        _note(event, access.redacted(event.customer), query, language) for event in _written(user, query)
    )
    return [group for group in groups if group.lines]


def _load(user: User, hits: Sequence[Hit]) -> dict[int, Customer]:
    """Load the customers, and the contacts of those who were found through one."""
    through = [hit.pk for hit in hits if hit.tier is Tier.CONTACT]
    rows = customers(user).filter(pk__in=[hit.pk for hit in hits])
    if through:
        people = visible(user, Contact).filter(customer__in=through).order_by("pk")
        rows = rows.prefetch_related(Prefetch("contacts", people))
    return read_as(user, rows)


def read_as(user: User, rows: QuerySet[Customer]) -> dict[int, Customer]:
    """Return these customers by id with what this person may read of each."""
    access = field_access(user, Customer)
    return {customer.pk: access.redacted(customer) for customer in rows}


def customer_line(customer: Customer, query: str = "", tier: Tier = Tier.INSIDE) -> Line:
    """Return a customer as a search shows them: with what was found, where that is not the name."""
    detail: Sequence[Part] = plain(customer.city)
    if tier in {Tier.PHONE_END, Tier.REACH}:
        detail = _reached(customer.phone, customer.email, query) or detail
    if tier in {Tier.EXACT, Tier.REACH} and customer.key:
        by_key = marked_text(customer.key, words(query))
        detail = by_key if any(part.found for part in by_key) else detail
    owner = customer.owner.name if customer.owner else ""
    return Line(_url(customer), marked(customer.name, query), detail, owner, customer=customer)


def _through(user: User, customer: Customer, query: str) -> Line | None:
    """Return the person at a customer whom the search found."""
    sought = needles(user, query)
    assert sought is not None
    access = field_access(user, Contact)
    for row in customer.contacts.all():
        contact = access.redacted(row)
        columns = search_columns(name="", contacts=[Reached(contact.name, (contact.phone,), (contact.email,))])
        texts = {name: value for name, value in columns.items() if isinstance(value, str)}
        if any(tier_of(one, texts) is not None for one in sought.each()):
            where = [*plain(contact.title), *plain(" · " if contact.title else "")]
            detail = [*where, *(_reached(contact.phone, contact.email, query) or [])]
            return Line(_url(customer), marked(contact.name, query), detail, customer.name, customer=customer)
    return None


def _reached(phone: str, email: str, query: str) -> Sequence[Part]:
    """Return the number or address in which something was found."""
    for parts in (marked_phone(masked_phone(phone), query), marked_text(email, words(query))):
        if any(part.found for part in parts):
            return parts
    return plain(masked_phone(phone))


def _written(user: User, query: str) -> list[Event]:
    seen = newest_customers(user)
    return find_written(user, query, of=seen if len(seen) <= POOL else None, limit=NOTES_MAX)


def _note(event: Event, customer: Customer, query: str, language: Language) -> Line:
    kind = KINDS[event.kind]
    title = snippet(str(event.data.get("text", "")), words(query))
    return Line(_url(customer), title, plain(customer.name), f"{kind.label.get(language)} {day(event.day)}", kind.icon)


def _url(customer: Customer) -> str:
    return reverse("web:customer", args=[customer.pk])
