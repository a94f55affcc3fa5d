"""Whoever refuses to be classified is asked about by no rule: live, set-wise, by the clock, in a preview."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.classification.deciding import NOW, TODAY, pack
from tests.factories import make_customer, make_event, make_people
from tests.failing import counted, everything, failing, rolled_back
from tests.scenes import rules_in_force
from zhike.accounts.models import User
from zhike.audit.models import Entry
from zhike.base.errors import Conflict, NotFound
from zhike.classification.actions.drafts import start_draft
from zhike.classification.actions.overrides import lift_override, override_class
from zhike.classification.actions.publications import publish, run_publication
from zhike.classification.actions.refusals import allow_profiling, contest_class, refuse_profiling
from zhike.classification.audit import audit
from zhike.classification.batch import drift, place_customers, place_everyone
from zhike.classification.due import place_due, place_lagging
from zhike.classification.models import CustomerFacts, Override, Placement, Review, Staged
from zhike.classification.preview import preview
from zhike.classification.rules import ALWAYS
from zhike.privacy.models import Request
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from zhike.customers.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = NOW
    return settings


@pytest.fixture
def people(db):
    rules_in_force(pack())
    return make_people()


@pytest.fixture
def customer(people) -> Customer:
    """A customer who is high, and stays so until the order is thirty days old."""
    made = make_customer(owner=people.alice, created_on=TODAY, kind="person")
    make_event(made, "order.placed", TODAY - timedelta(days=10), amount=1500)
    return made


def classes(customer: Customer) -> dict[str, tuple[str, str]]:
    rows = Placement.objects.filter(customer=customer)
    return {row.dimension: (row.class_key, row.source) for row in rows}


def test_refusing_deletes_the_labels_and_all_metrics_but_the_figures_of_every_page(customer, people):
    assert classes(customer)["value"] == ("high", "rule")

    refuse_profiling(customer=customer, by=people.alice, said="不要给我贴标签", channel="phone", identity="回拨核实")

    assert classes(customer) == {}
    facts = CustomerFacts.objects.get(customer=customer)
    assert set(facts.values) <= {str(ref) for ref in ALWAYS}
    assert facts.revenue_year == 1500
    assert (facts.contact_every, facts.contact_due_on) == (None, None)
    assert Event.objects.filter(customer=customer, kind="profiling.refused").count() == 1
    request = Request.objects.get(customer=customer)
    assert (request.kind, request.state, request.identity) == ("refuse", "done", "回拨核实")
    assert Entry.objects.get(action="profiling.refused").actor == people.alice


def _live(customer: Customer) -> None:
    make_event(customer, "order.placed", TODAY, amount=99_000)


def _clock(customer: Customer, settings) -> None:
    settings.ZHIKE_NOW = NOW + timedelta(days=40)
    place_due()


def test_no_way_of_placing_gives_a_class_again(customer, people, clock):
    refuse_profiling(customer=customer, by=people.alice)

    _live(customer)
    assert classes(customer) == {}
    assert CustomerFacts.objects.get(customer=customer).revenue_year == 100_500
    place_customers([customer.pk])
    place_everyone()
    CustomerFacts.objects.filter(customer=customer).delete()
    place_lagging()
    assert classes(customer) == {}
    assert CustomerFacts.objects.get(customer=customer).revenue_year == 100_500
    _clock(customer, clock)
    assert classes(customer) == {}
    assert drift() == []
    assert audit().differences == []


def test_new_rules_pass_by(customer, people):
    other = make_customer(owner=people.alice, created_on=TODAY)
    refuse_profiling(customer=customer, by=people.alice)
    draft = start_draft(dimension="value", by=people.ada)
    data = {**draft.data, "classes": [{**draft.data["classes"][0], "when": None}, *draft.data["classes"][1:]]}
    data["classes"][0]["when"] = {"field": "metric.revenue", "op": "gte", "value": 0}
    draft.data = data
    draft.save(update_fields=["data"])

    assert preview(draft, people.ada).total == 1
    run_publication(publish(drafts=[draft], by=people.ada).pk)

    assert classes(customer) == {}
    assert classes(other) != {}
    assert not Staged.objects.exists()


def test_a_class_set_by_hand_holds_until_its_day_and_then_there_is_none(customer, people, clock):
    refuse_profiling(customer=customer, by=people.alice)
    override_class(
        customer=customer,
        dimension="value",
        class_key="low",
        reason="熟人",
        by=people.alice,
        expires_on=TODAY + timedelta(days=5),
    )
    assert classes(customer) == {"value": ("low", "person")}
    placement = Placement.objects.get(customer=customer)
    assert placement.reason["values"] == {}
    place_everyone()
    assert classes(customer) == {"value": ("low", "person")}
    assert audit().differences == []

    clock.ZHIKE_NOW = NOW + timedelta(days=5)
    place_due()

    assert classes(customer) == {}
    assert Override.objects.get(customer=customer).end == "expired"


def test_an_override_that_held_before_goes_on_and_can_be_lifted(customer, people):
    override_class(customer=customer, dimension="value", class_key="low", reason="欠款", by=people.alice)
    refuse_profiling(customer=customer, by=people.alice)
    assert classes(customer) == {"value": ("low", "person")}

    lift_override(customer=customer, dimension="value", by=people.alice)

    assert classes(customer) == {}


def test_allowed_again_the_rules_are_asked(customer, people):
    refuse_profiling(customer=customer, by=people.alice)
    allow_profiling(customer=customer, by=people.alice)

    assert classes(customer)["value"] == ("high", "rule")
    assert audit().differences == []


def test_what_waits_for_review_is_closed(customer, people):
    Review.objects.create(
        customer=customer, dimension="value", kind="suggestion", from_key="high", to_key="low", created_at=NOW
    )
    refuse_profiling(customer=customer, by=people.alice)

    assert Review.objects.get().state == "obsolete"


def test_twice_and_by_a_stranger_it_is_refused(customer, people):
    with pytest.raises(NotFound):
        refuse_profiling(customer=customer, by=people.charlie)
    assert classes(customer)["value"] == ("high", "rule")
    refuse_profiling(customer=customer, by=people.alice)
    before = everything()
    with pytest.raises(Conflict):
        refuse_profiling(customer=customer, by=people.alice)
    assert everything() == before


def test_contesting_reaches_the_owner_of_the_rules_and_is_owed_an_answer(customer, people):
    request = contest_class(customer=customer, dimension="value", said="我不是大客户", by=people.alice)

    review = Review.objects.get(kind="feedback")
    assert (review.customer_id, review.dimension, review.said) == (customer.pk, "value", "我不是大客户")
    assert (request.state, (request.due_on - request.received_on).days) == ("open", 30)


def test_whichever_statement_fails_nothing_is_half_refused(customer, people):
    from django.db import OperationalError

    def refuse() -> None:
        refuse_profiling(customer=customer, by=alice())

    def alice() -> User:
        """Return her as a request finds her: what she may is asked for again."""
        return User.objects.get(pk=people.alice.pk)

    before = everything()
    with rolled_back(), counted() as fails:
        refuse()
    for where in fails.breaks():
        with rolled_back():
            with failing(where), pytest.raises(OperationalError):
                refuse()
            assert everything() == before, where
            refuse()
            assert classes(customer) == {}
