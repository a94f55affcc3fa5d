"""A masked value is told for a reason, written down, and only so often a day."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.classification.test_concurrency import at_once
from tests.factories import make_customer, make_people, make_user
from tests.failing import everything
from tests.scenes import once
from zhike.accounts.models import Role
from zhike.audit.models import Entry
from zhike.base.errors import NotFound
from zhike.base.inputs import Invalid
from zhike.classification.models import Notification
from zhike.customers.actions.contacts import add_contact
from zhike.privacy.actions.reveals import TooManyReveals, reveal

pytestmark = pytest.mark.django_db

PHONE = "+8613800138000"


@pytest.fixture
def people(db):
    return once("people", make_people)


@pytest.fixture
def audra(db):
    """Somebody who looks on, and sees telephone numbers masked."""
    return make_user("Audra", role=Role.AUDITOR)


@pytest.fixture
def customer(people):
    made = make_customer("王小明", owner=people.alice, phone="138 0013 8000", email="wang@example.com")
    add_contact(customer=made, by=None, name="沈一帆", phone="139 0013 9000")
    return made


def revealed():
    rows = Entry.objects.filter(action="field.revealed").order_by("pk")
    return [(row.actor.name, row.subject_type, row.data["field"], row.data["reason"]) for row in rows]


def test_value_is_told_and_written_down_without_itself(audra, customer):
    assert reveal(row=customer, field="phone", reason="audit", by=audra) == PHONE
    assert reveal(row=customer.contacts.get(), field="phone", reason="call", by=audra) == "+8613900139000"

    assert revealed() == [
        ("Audra", "customers.Customer", "phone", "audit"),
        ("Audra", "customers.Contact", "phone", "call"),
    ]
    assert "13800138000" not in str(list(Entry.objects.values()))


def test_whoever_reads_it_anyway_is_not_counted(people, customer):
    assert reveal(row=customer, field="phone", reason="call", by=people.alice) == PHONE
    assert revealed() == []


@pytest.mark.parametrize(
    ("given", "error"),
    [({"reason": ""}, Invalid), ({"reason": "curiosity"}, Invalid), ({"field": "nothing"}, NotFound)],
)
def test_without_a_reason_nothing_is_told(audra, customer, given, error):
    before = everything()
    with pytest.raises(error):
        reveal(**{"row": customer, "field": "phone", "reason": "audit", "by": audra, **given})
    assert everything() == before


def test_a_stranger_learns_nothing(people, customer):
    with pytest.raises(NotFound):
        reveal(row=customer, field="phone", reason="call", by=people.charlie)
    assert revealed() == []


def test_only_so_many_a_day_and_those_who_answer_for_it_hear(audra, people, customer, settings):
    settings.ZHIKE_REVEALS_A_DAY = 5
    for _ in range(5):
        reveal(row=customer, field="phone", reason="audit", by=audra)
    with pytest.raises(TooManyReveals):
        reveal(row=customer, field="email", reason="audit", by=audra)

    assert len(revealed()) == 5
    told = Notification.objects.filter(kind="reveals").order_by("pk").values_list("user", "text")
    assert list(told) == [(people.ada.pk, "Audra 4/5"), (people.ada.pk, "Audra 5/5")]


@pytest.mark.django_db(transaction=True)
def test_asking_twice_at_once_tells_no_more(settings):
    settings.ZHIKE_REVEALS_A_DAY = 3
    people, audra = make_people(), make_user("Audra", role=Role.AUDITOR)
    customer = make_customer(owner=people.alice, phone="138 0013 8000")

    def ask() -> object:
        try:
            return reveal(row=customer, field="phone", reason="audit", by=audra)
        except TooManyReveals:
            return None

    found = at_once(*[ask] * 6)

    assert Entry.objects.filter(action="field.revealed").count() == 3
    assert found is None or sorted(found, key=str) == [PHONE, PHONE, PHONE, None, None, None]


def test_page_shows_the_mask_then_once_the_value(audra, customer, client):
    client.force_login(audra)
    page = client.get(reverse("web:customer", args=[customer.pk])).content.decode()
    assert "138****8000" in page
    assert "13800138000" not in page.replace(" ", "")
    address = reverse("web:reveal", args=[customer.pk, "phone"])
    assert address in page

    assert client.post(address, {"reason": ""}).status_code == 422
    answer = client.post(address, {"reason": "audit"})
    assert PHONE in answer.content.decode()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert PHONE not in client.get(address).content.decode()
    assert PHONE not in client.get(reverse("web:customer", args=[customer.pk])).content.decode()


def test_page_says_when_it_was_enough(audra, customer, client, settings):
    settings.ZHIKE_REVEALS_A_DAY = 1
    client.force_login(audra)
    address = reverse("web:reveal", args=[customer.pk, "phone"])
    client.post(address, {"reason": "audit"})
    answer = client.post(address, {"reason": "audit"})

    assert answer.status_code == 429
    assert PHONE not in answer.content.decode()
