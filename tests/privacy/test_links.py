"""Whoever has the link of a customer takes back what was agreed to, sees nobody's name and needs no password."""

from __future__ import annotations

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from tests.factories import make_customer, make_people
from zhike.audit.models import Entry
from zhike.privacy.actions.consents import record_consent
from zhike.privacy.links import consent_token
from zhike.privacy.models import Consent
from zhike.privacy.queries import may_use

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(db):
    customer = make_customer("王小明", owner=make_people().alice, kind="person", phone="13800138000")
    for purpose in ("email", "phone"):
        record_consent(customer=customer, purpose=purpose, state="given", channel="form", by=customer.owner)
    return customer


def address(customer) -> str:
    return reverse("web:withdraw", args=[consent_token(customer)])


def test_opening_it_shows_what_was_agreed_to_without_a_name_and_changes_nothing(customer):
    page = Client().get(address(customer))

    assert [row["key"] for row in page.context["rows"]] == ["phone", "email"]
    assert "王小明" not in page.text
    assert "138" not in page.text
    assert "no-store" in page["Cache-Control"]
    assert Consent.objects.count() == 2


def test_what_is_chosen_is_taken_back_at_once_and_proved(customer):
    answer = Client(REMOTE_ADDR="192.0.2.7").post(address(customer), {"purpose": ["email"]})

    assert (answer.status_code, answer["Location"]) == (302, address(customer))
    assert (may_use(customer.pk, "email"), may_use(customer.pk, "phone")) == (False, True)
    last = Consent.objects.latest("pk")
    assert (last.state, last.channel, last.evidence, last.by) == ("withdrawn", "link", "192.0.2.7", None)
    entry = Entry.objects.filter(action="consent.changed").latest("pk")
    assert (entry.door, entry.actor, entry.data["state"]) == ("link", None, "withdrawn")
    again = Client().get(address(customer))
    assert [(row["key"], row["stands"]) for row in again.context["rows"]] == [("phone", True), ("email", False)]


@pytest.mark.parametrize("purposes", [[], ["nonsense"], ["phone", "wechat"]])
def test_nothing_or_what_was_never_agreed_to_is_refused_as_a_whole(customer, purposes):
    answer = Client().post(address(customer), {"purpose": purposes})

    assert answer.status_code == 422
    assert answer.context["problem"]
    assert may_use(customer.pk, "phone")


def test_a_link_of_ones_own_making_or_of_who_is_gone_opens_nothing(customer):
    made = [signing.Signer().sign_object(customer.pk), consent_token(customer)[:-1], str(customer.pk)]
    assert [Client().get(reverse("web:withdraw", args=[token])).status_code for token in made] == [404] * 3
    type(customer).objects.filter(pk=customer.pk).update(deleted_at="2026-01-01T00:00Z")
    assert Client().get(address(customer)).status_code == 404


def test_staff_find_the_link_where_the_consents_are(customer, client):
    client.force_login(customer.owner)
    assert address(customer) in client.get(reverse("web:customer_privacy", args=[customer.pk])).text
