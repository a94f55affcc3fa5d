"""Whom no rule may place: persons before the assessment is on file, and children without a guardian's consent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_customer, make_event, make_people
from tests.scenes import rules_in_force
from zhike.base.inputs import Invalid
from zhike.classification.actions.assessments import file_assessment
from zhike.classification.actions.overrides import override_class
from zhike.classification.batch import place_customers
from zhike.classification.candidates import draft_fields
from zhike.classification.consents import with_consents
from zhike.classification.due import place_due
from zhike.classification.models import Placement
from zhike.classification.saved_views import matching
from zhike.core.conditions.parse import parse
from zhike.customers.actions.customers import update_customer
from zhike.customers.models import Customer
from zhike.privacy.actions.consents import record_consent
from zhike.privacy.models import Assessment
from zhike.privacy.profiling import bar_of, grown_up_on, unprofiled
from zhike.privacy.purposes import is_child
from zhike.privacy.queries import may_use
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
CHILD = date(2013, 3, 1)
DRAFT = {"purpose": "一", "necessity": "二", "impact": "三", "measures": "四"}


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = NOW
    return settings


@pytest.fixture
def people():
    found = make_people()
    rules_in_force()
    return found


@pytest.fixture
def unassessed(people):
    Assessment.objects.all().delete()


def buyer(people, name="王小明", **given):
    made = make_customer(name, owner=people.alice, **{"kind": "person", **given})
    make_event(made, "order.placed", amount=30_000_000)
    return Customer.objects.get(pk=made.pk)


def classes(customer) -> dict[str, str]:
    return dict(Placement.objects.filter(customer=customer.pk).values_list("dimension", "class_key"))


def agree(customer, state="given", purpose="guardian"):
    record_consent(customer=customer, purpose=purpose, state=state, channel="paper", by=None)


# --- The assessment ---


def test_without_an_assessment_persons_stand_in_no_class_and_businesses_do(people, unassessed):
    person, business = buyer(people), buyer(people, "清源水厂", kind="company")
    unsaid = buyer(people, "不知道", kind="")
    assert (classes(person), classes(business)["value"], classes(unsaid)["value"]) == ({}, "high", "high")
    assert not Event.objects.filter(kind="class.changed", customer=person).exists()
    assert [bar_of(one) for one in (person, business, unsaid)] == ["unassessed", "", ""]
    assert person.facts.values["metric.orders"] == 1  # the figures that every page shows


def test_filing_it_places_every_person_by_the_clock(people, unassessed):
    person = buyer(people)
    file_assessment(by=people.ada, **DRAFT)
    assert place_due().customers == 1
    assert classes(person)["value"] == "high"
    file_assessment(by=people.ada, **{**DRAFT, "impact": "小"})
    assert place_due().customers == 0


def test_live_and_set_wise_say_the_same(people, unassessed):
    person = buyer(people)
    place_customers([person.pk], as_of=NOW.date())
    assert classes(person) == {}
    file_assessment(by=people.ada, **DRAFT)
    place_customers([person.pk], as_of=NOW.date())
    assert classes(person)["value"] == "high"


def test_a_person_may_still_be_served_by_hand(people, unassessed):
    person = buyer(people)
    override_class(customer=person, dimension="value", class_key="low", reason="看过", by=people.alice)
    assert classes(person) == {"value": "low"}


def test_what_persons_would_be_is_not_counted_either(people, unassessed):
    from zhike.classification.preview import matches
    from zhike.core.conditions.nodes import EVERYONE

    buyer(people)
    buyer(people, "清源水厂", kind="company")
    assert matches(EVERYONE, people.ada)[0] == 1
    file_assessment(by=people.ada, **DRAFT)
    assert matches(EVERYONE, people.ada)[0] == 2


# --- Children ---


def test_a_child_is_not_classified_until_a_guardian_agrees_and_no_longer_when_they_withdraw(people):
    child = buyer(people, birthday=CHILD)
    assert (classes(child), bar_of(child)) == ({}, "child")
    agree(child)
    assert (classes(child)["value"], bar_of(child)) == ("high", "")
    agree(child, "withdrawn")
    assert (classes(child), bar_of(child)) == ({}, "child")


def test_a_birthday_that_becomes_known_takes_the_labels_away(people):
    child = buyer(people)
    assert classes(child)["value"] == "high"
    update_customer(customer=child, version=Customer.objects.get(pk=child.pk).version, by=people.alice, birthday=CHILD)
    assert classes(child) == {}


def test_on_the_fourteenth_birthday_rules_place_them(people, clock):
    child = buyer(people, birthday=CHILD)
    clock.ZHIKE_NOW = datetime(2027, 2, 28, 15, 59, tzinfo=UTC)  # a minute before midnight in Shanghai
    place_due()
    assert classes(child) == {}
    clock.ZHIKE_NOW = datetime(2027, 2, 28, 16, 0, 1, tzinfo=UTC)
    place_due()
    assert classes(child)["status"] == "won"
    assert place_due().customers == 0


def test_marketing_waits_for_the_guardian_too_at_every_door(people):
    child, view = buyer(people, birthday=CHILD), {"field": "consent.email", "op": "eq", "value": "given"}

    def in_view() -> bool:
        node = parse(view, with_consents(draft_fields()), "where")
        return Customer.objects.filter(matching(node), pk=child.pk).exists()

    with pytest.raises(Invalid):
        agree(child, purpose="email")
    agree(child)
    agree(child, purpose="email")
    assert (may_use(child.pk, "email"), in_view()) == (True, True)
    agree(child, "withdrawn")
    assert (may_use(child.pk, "email"), in_view()) == (False, False)


def test_a_consent_from_before_the_birthday_was_known_counts_no_longer(people):
    child = buyer(people)
    agree(child, purpose="email")
    assert may_use(child.pk, "email")
    Customer.objects.filter(pk=child.pk).update(birthday=CHILD)
    assert not may_use(child.pk, "email")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    birthday=st.dates(date(2009, 1, 1), date(2016, 12, 31)) | st.just(date(2012, 2, 29)),
    today=st.dates(date(2025, 1, 1), date(2028, 12, 31)) | st.sampled_from([date(2026, 2, 28), date(2026, 3, 1)]),
)
def test_the_database_and_the_one_answer_agree_on_who_is_a_child(people, clock, birthday, today):
    clock.ZHIKE_NOW = datetime(today.year, today.month, today.day, 4, tzinfo=UTC)
    child = Customer.objects.filter(name="x").first() or make_customer("x", kind="person")
    Customer.objects.filter(pk=child.pk).update(birthday=birthday)
    child.refresh_from_db()
    barred = Customer.objects.filter(unprofiled(), pk=child.pk).exists()
    assert barred == (bar_of(child) == "child") == is_child(birthday, today) == (today < grown_up_on(birthday))
    assert Customer.objects.exclude(unprofiled()).filter(pk=child.pk).exists() == (not barred)


def test_nobody_is_due_again_and_again(people, clock):
    buyer(people, birthday=date(2012, 2, 29))
    clock.ZHIKE_NOW = datetime(2026, 2, 27, 16, 0, 1, tzinfo=UTC)
    place_due()
    clock.ZHIKE_NOW += timedelta(minutes=1)
    assert place_due().customers == 0
