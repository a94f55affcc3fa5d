"""Reads: customers as records to compare, everybody or a few, in a number of queries that does not grow with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.base.among import among
from zhike.core.duplicates.companies import is_chinese, take_apart
from zhike.core.duplicates.words import LEGAL_FORMS
from zhike.customers.models import Address, Contact, Customer, Reach
from zhike.engine.duplicates.reading import places, plain, read_record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.db.models import QuerySet

    from zhike.core.duplicates.records import Record

CREDIT = "credit_code"
CHUNK = 5_000
_PERSON_MAX = 4


def read_everybody() -> Iterator[Record]:
    """Yield everybody who is there, some thousands at a time, in the order of their ids."""
    after = 0
    while found := read_some(Customer.present.filter(pk__gt=after).order_by("pk")[:CHUNK]):
        yield from found
        after = found[-1].id


def read_some(rows: QuerySet[Customer]) -> list[Record]:
    """Return these customers as records, in the order of the rows."""
    columns = ("pk", "kind", "name", "birthday", "city", "custom__credit_code")
    told = list(rows.values_list(*columns))
    ids = [row[0] for row in told]
    people: dict[int, list[str]] = {}
    for pk, name in (
        Contact.objects.filter(customer__in=among(ids), left_on=None).order_by("pk").values_list("customer", "name")
    ):
        people.setdefault(pk, []).append(name)
    phones: dict[int, list[str]] = {}
    emails: dict[int, list[str]] = {}
    kinds = {Reach.Kind.PHONE: phones, Reach.Kind.EMAIL: emails}
    reaches = Reach.objects.filter(customer__in=among(ids), kind__in=kinds).order_by("pk")
    for pk, kind, value in reaches.values_list("customer", "kind", "value"):
        kinds[Reach.Kind(kind)].setdefault(pk, []).append(value)
    addresses = {
        address.customer_id: address.line
        for address in Address.objects.filter(customer__in=among(ids), is_primary=True)
    }
    return [
        record_of(
            pk,
            kind=kind,
            name=name,
            contacts=people.get(pk, ()),
            phones=phones.get(pk, ()),
            emails=emails.get(pk, ()),
            birthday=birthday.strftime("%Y%m%d") if birthday else "",
            city=city,
            address=addresses.get(pk, ""),
            credit_code=code,
        )
        for pk, kind, name, birthday, city, code in told
    ]


def record_of(  # noqa: PLR0913  one argument for each thing that is compared
    pk: int,
    *,
    name: str,
    kind: str = "",
    contacts: Collection[str] = (),
    phones: Collection[str] = (),
    emails: Collection[str] = (),
    birthday: str = "",
    city: str = "",
    address: str = "",
    credit_code: object = None,
) -> Record:
    """Return a customer as a record: a person by name, a company by its name and its contacts."""
    is_person = kind == Customer.Kind.PERSON or (not kind and not contacts and _is_called_like_a_person(name))
    return read_record(
        pk,
        company="" if is_person else name,
        people=[name, *contacts] if is_person else contacts,
        numbers=[str(credit_code)] if credit_code else (),
        phones=phones,
        emails=emails,
        birthday=birthday,
        city=city,
        address=address,
    )


def _is_called_like_a_person(name: str) -> bool:
    """Say whether a customer of whom nobody said what it is has a short Chinese name that no company would have."""
    text = plain(name)
    if not is_chinese(text) or len(text) > _PERSON_MAX or text.endswith(LEGAL_FORMS):
        return False
    return not take_apart(text, places()).trade
