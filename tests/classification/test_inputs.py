"""What a dimension may not read is not read: not by the rules in force, not by a draft, not by a pack."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from tests.classification.deciding import NOW, TODAY, VALUE, pack
from tests.factories import make_customer, make_event, make_people
from tests.failing import everything
from tests.scenes import rules_in_force
from zhike.audit.models import Entry
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.classification.actions.drafts import save_draft, start_draft
from zhike.classification.actions.inputs import allow_input, allow_sensitive, bar_input
from zhike.classification.actions.packs import install_pack
from zhike.classification.actions.publications import publish, run_publication
from zhike.classification.audit import audit
from zhike.classification.candidates import draft_problems
from zhike.classification.inputs import barred, barred_by_default, uses
from zhike.classification.models import Placement, Scheme
from zhike.core.errors import PackError
from zhike.core.text import Text
from zhike.customers.actions.fields import add_field
from zhike.customers.fields import KINDS_BY_KEY
from zhike.privacy.models import BarredInput

pytestmark = pytest.mark.django_db

REVENUE = "metric.revenue"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = NOW


@pytest.fixture
def people(db):
    rules_in_force(pack())
    return make_people()


@pytest.fixture
def high(people):
    made = make_customer(owner=people.alice, created_on=TODAY)
    make_event(made, "order.placed", TODAY - timedelta(days=10), amount=1500)
    return made


def stands(customer):
    return Placement.objects.get(customer=customer, dimension="value").class_key


def bar(people, **given):
    return bar_input(**{"dimension": "value", "name": REVENUE, "reason": "不按金额待人", "by": people.ada, **given})


def test_rules_that_use_it_are_named_with_those_that_read_their_class(people):
    assert [(use.dimension, use.class_key, use.through) for use in uses(REVENUE)] == [
        ("value", "high", ""),
        ("care", "close", "value"),
    ]


def test_rules_are_published_as_if_it_were_missing_and_everyone_follows(people, high):
    assert stands(high) == "high"
    made, publication = bar(people)
    assert publication is not None
    assert run_publication(publication.pk).state == "done"

    assert stands(high) == "regular"
    assert uses(REVENUE) == []
    assert audit().differences == []
    assert (made.reason, made.by) == ("不按金额待人", people.ada)
    assert Entry.objects.get(action="input.barred").data == {
        "dimension": "value",
        "input": REVENUE,
        "rules": ["high"],
    }


def test_what_no_rule_uses_changes_no_rules(people, high):
    _, publication = bar(people, name="customer.city")

    assert publication is None
    assert Scheme.objects.get(dimension="value").versions.count() == 1


def test_a_draft_or_a_pack_that_uses_it_is_refused_in_words(people, high):
    _, publication = bar(people)
    run_publication(publication.pk)
    draft = start_draft(dimension="value", by=people.ada)
    draft = save_draft(draft=draft, data=copy.deepcopy(VALUE), revision=draft.revision, by=people.ada)
    before = everything()

    assert [error.path for error in draft_problems(draft)] == ["classes[0].when"]
    with pytest.raises(PackError, match=REVENUE):
        publish(drafts=[draft], by=people.ada)
    with pytest.raises(PackError, match=REVENUE):
        install_pack(pack=pack(), by=people.ada)
    assert everything() == before


def test_allowed_again_the_draft_can_be_published(people, high):
    made, publication = bar(people)
    run_publication(publication.pk)
    allow_input(barred=made, by=people.ada)
    draft = start_draft(dimension="value", by=people.ada)
    draft = save_draft(draft=draft, data=copy.deepcopy(VALUE), revision=draft.revision, by=people.ada)
    run_publication(publish(drafts=[draft], by=people.ada).pk)

    assert stands(high) == "high"
    with pytest.raises(Conflict):
        allow_input(barred=made, by=people.ada)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"dimension": "nothing"}, Invalid),
        ({"name": "customer.shoe_size"}, Invalid),
        ({"name": "class.care"}, Invalid),
        ({"reason": " "}, Invalid),
    ],
)
def test_what_makes_no_sense_is_refused(people, given, error):
    before = everything()
    with pytest.raises(error):
        bar(people, **given)
    assert everything() == before


def test_only_administrators_bar_and_once(people):
    with pytest.raises(Forbidden):
        bar(people, by=people.bob)
    assert not BarredInput.objects.exists()
    bar(people, name="customer.city")
    with pytest.raises(Conflict):
        bar(people, name="customer.city")


def test_with_a_draft_open_it_waits_for_the_draft(people):
    start_draft(dimension="value", by=people.ada)
    with pytest.raises(Conflict):
        bar(people)
    assert not BarredInput.objects.exists()


def test_a_sensitive_field_is_barred_until_somebody_allows_it_in_a_dimension(people):
    field = add_field(field_kind=KINDS_BY_KEY["text"], by=None, label=Text("病史", ""), is_sensitive=True)
    assert barred(["value", "intent"]) == {"value": {field.name}, "intent": {field.name}}
    with pytest.raises(Forbidden):
        allow_sensitive(dimension="value", name=field.name, by=people.alice)

    allow_sensitive(dimension="value", name=field.name, by=people.ada)

    assert barred(["value", "intent"]) == {"value": set(), "intent": {field.name}}
    assert (barred_by_default("value"), barred_by_default("intent")) == ([], [field])
    with pytest.raises(Conflict):
        allow_sensitive(dimension="value", name=field.name, by=people.ada)
    entry = Entry.objects.filter(action="input.allowed").get()
    assert (entry.actor, entry.data) == (people.ada, {"dimension": "value", "input": field.name})

    bar(people, name=field.name)
    assert barred(["value"]) == {"value": {field.name}}
