"""Drafts: kept right or wrong, by one person at a time, and what they would do."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from tests.classification.deciding import NOW, TODAY, VALUE, pack
from tests.factories import make_customer, make_event, make_people
from tests.scenes import once, rules_in_force
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid
from zhike.classification.actions.back_tests import ask_back_test, run_waiting
from zhike.classification.actions.drafts import (
    add_dimension,
    discard_draft,
    reorder_dimensions,
    save_draft,
    start_draft,
)
from zhike.classification.actions.overrides import override_class
from zhike.classification.actions.publications import fill_kept_metrics
from zhike.classification.candidates import candidate, check_draft, draft_version
from zhike.classification.models import BackTest, CustomerFacts, KeptMetric, Scheme, SchemeVersion
from zhike.classification.preview import Flow, matches, moved_customers, preview
from zhike.core.errors import ConditionError, PackError

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(settings):
    settings.ZHIKE_NOW = NOW
    rules_in_force(pack())


@pytest.fixture
def people():
    return once("people", make_people)


def bound(value, **more):
    """Return the value dimension with another bound for the class `high`."""
    data = copy.deepcopy(VALUE)
    data["classes"][0]["when"] = {"field": "metric.revenue", "over": {"days": 30}, "op": "gte", "value": value} | more
    return data


def test_a_draft_begins_as_the_rules_in_force_and_there_is_one(people):
    draft = start_draft(dimension="value", by=people.bob)
    assert (draft.state, draft.number, draft.data, draft.base.number, draft.revision) == ("draft", 2, VALUE, 1, 1)
    assert start_draft(dimension="value", by=people.ada) == draft


def test_an_edit_is_kept_even_while_it_is_wrong(people):
    draft = start_draft(dimension="value", by=people.bob)
    saved = save_draft(draft=draft, data={"key": "value", "classes": [{}]}, revision=1, by=people.bob)
    assert (saved.data, saved.revision, saved.updated_by) == ({"key": "value", "classes": [{}]}, 2, people.bob)


def test_two_people_who_edit_one_draft_are_told_of_each_other(people):
    draft = start_draft(dimension="value", by=people.bob)
    save_draft(draft=draft, data=bound(500), revision=1, by=people.bob)
    with pytest.raises(Conflict) as caught:
        save_draft(draft=draft, data=bound(700), revision=1, by=people.ada)
    assert "Bob" in caught.value.zh
    assert SchemeVersion.objects.get(pk=draft.pk).data == bound(500)


@pytest.mark.parametrize("data", ["text", ["list"], {"key": "value", "note": "很" * 200_001}])
def test_what_is_no_draft_is_refused(people, data):
    draft = start_draft(dimension="value", by=people.bob)
    with pytest.raises(Invalid):
        save_draft(draft=draft, data=data, revision=1, by=people.bob)


def test_salespeople_draft_nothing(people):
    with pytest.raises(Forbidden):
        start_draft(dimension="value", by=people.alice)
    draft = start_draft(dimension="value", by=people.bob)
    with pytest.raises(Forbidden):
        save_draft(draft=draft, data=bound(1), revision=1, by=people.alice)
    with pytest.raises(Forbidden):
        discard_draft(draft=draft, by=people.alice)


def test_a_new_dimension_is_a_draft_and_goes_with_it(people):
    draft = add_dimension(key="risk", label={"zh": "风险", "en": "Risk"}, by=people.bob)
    assert (draft.scheme.dimension, draft.scheme.position, draft.scheme.current, draft.number) == ("risk", 2, None, 1)
    check_draft(draft.data, "risk")
    with pytest.raises(Conflict):
        add_dimension(key="risk", label={"zh": "风险", "en": "Risk"}, by=people.bob)
    with pytest.raises(PackError):
        add_dimension(key="Risk", label={"zh": "风险", "en": "Risk"}, by=people.bob)
    discard_draft(draft=draft, by=people.bob)
    assert not Scheme.objects.filter(dimension="risk").exists()


def test_dimensions_are_put_in_order(people):
    reorder_dimensions(dimensions=["care", "gone"], by=people.bob)
    assert list(Scheme.objects.values_list("dimension", "position")) == [("care", 0), ("value", 1)]


def test_errors_name_the_place_in_the_draft():
    data = bound(1)
    data["classes"][0]["when"] = {"all": [{"field": "metric.revenu", "op": "gte", "value": 1}]}
    with pytest.raises(ConditionError) as caught:
        check_draft(data, "value")
    assert caught.value.path == "classes[0].when.all[0].field"
    with pytest.raises(PackError) as caught:
        check_draft({**VALUE, "key": "worth"}, "value")
    assert caught.value.path == "key"


def test_what_would_break_another_dimension_is_refused(people):
    draft = start_draft(dimension="value", by=people.bob)
    data = bound(1)
    data["classes"][0]["key"] = "top"
    draft = save_draft(draft=draft, data=data, revision=1, by=people.bob)
    with pytest.raises(ConditionError) as caught:
        candidate([draft_version(draft)])
    assert caught.value.path.startswith("care.classes[0].when")


def _three(people):
    """Make customers with 600, 900 and 1500 this month, the first not Alice's."""
    made = []
    for owner, amount in ((people.charlie, 600), (people.alice, 900), (people.alice, 1500)):
        made.append(make_customer(owner=owner))
        make_event(made[-1], "order.placed", TODAY, amount=amount)
    return made


def test_a_preview_counts_who_goes_where(people):
    small, middle, large = _three(people)
    draft = save_draft(draft=start_draft(dimension="value", by=people.bob), data=bound(800), revision=1, by=people.bob)

    found = preview(draft, people.ada)
    assert found.flows == [Flow("high", "high", 1), Flow("regular", "high", 1), Flow("regular", "regular", 1)]
    assert (found.total, found.changed, found.overridden) == (3, 1, 0)
    assert found.sizes() == {"high": (1, 2), "low": (0, 0), "regular": (2, 1)}
    assert found.owners == [(people.alice.pk, "Alice", 1)]
    assert list(moved_customers(draft, people.ada)) == [middle]
    assert list(moved_customers(draft, people.ada, random=True)) == [middle]
    assert preview(draft, people.charlie).total == 1
    assert (small, large) != (middle, middle)


def test_whom_a_person_placed_is_counted_apart(people):
    _, middle, _ = _three(people)
    override_class(customer=middle, dimension="value", class_key="low", reason="欠款", by=people.alice)
    draft = save_draft(draft=start_draft(dimension="value", by=people.bob), data=bound(800), revision=1, by=people.bob)
    assert preview(draft, people.ada).overridden == 1


def test_each_row_of_a_condition_says_how_many_it_matches_alone(people):
    _three(people)
    scheme = check_draft(
        {
            **VALUE,
            "classes": [
                {
                    "key": "high",
                    "label": {"zh": "高", "en": "High"},
                    "when": {
                        "all": [
                            {"field": "metric.revenue", "op": "gte", "value": 900},
                            {"field": "customer.owner", "op": "contains", "value": "charlie"},
                        ]
                    },
                }
            ],
        },
        "value",
    )
    whole, alone = matches(scheme.classes[0].when, people.ada)
    assert (whole, list(alone.values())) == (0, [2, 1])


def test_a_quantile_has_todays_number_in_the_draft(people):
    _three(people)
    draft = start_draft(dimension="value", by=people.bob)
    draft = save_draft(draft=draft, data=bound({"quantile": 0.5}), revision=1, by=people.bob)
    assert draft_version(draft).data["classes"][0]["when"]["value"] == {"quantile": 0.5, "number": 900}
    assert draft.data == bound({"quantile": 0.5})
    assert preview(draft, people.ada).changed == 1


def test_a_metric_that_only_a_draft_reads_is_kept_and_filled_in(people):
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY - timedelta(days=40), amount=700)
    data = bound(500, over={"days": 77})
    draft = save_draft(draft=start_draft(dimension="value", by=people.bob), data=data, revision=1, by=people.bob)

    assert list(KeptMetric.objects.values_list("ref", "complete")) == [("metric.revenue@77", False)]
    assert "metric.revenue@77" not in CustomerFacts.objects.get(customer=customer).values
    fill_kept_metrics()
    assert KeptMetric.objects.get().complete
    assert CustomerFacts.objects.get(customer=customer).values["metric.revenue@77"] == 700
    assert preview(draft, people.ada).changed == 1

    make_event(customer, "order.placed", TODAY, amount=1)
    assert CustomerFacts.objects.get(customer=customer).values["metric.revenue@77"] == 701
    discard_draft(draft=draft, by=people.bob)
    assert not KeptMetric.objects.exists()


def test_a_back_test_says_what_the_classes_did_afterwards(people):
    loyal, once = (
        make_customer(created_on=TODAY - timedelta(days=400)),
        make_customer(created_on=TODAY - timedelta(days=400)),
    )
    for ago, amount in ((100, 900), (80, 400), (60, 300)):
        make_event(loyal, "order.placed", TODAY - timedelta(days=ago), amount=amount)
    make_event(once, "order.placed", TODAY - timedelta(days=100), amount=1200)
    draft = save_draft(draft=start_draft(dimension="value", by=people.bob), data=bound(800), revision=1, by=people.bob)
    ask_back_test(draft=draft, months=[3], outcome_days=90, by=people.bob)
    assert run_waiting() == 1

    test = BackTest.objects.get()
    day = "2026-08-20"
    assert (test.state, test.days, test.done, test.total) == ("done", [day], 2, 2)
    nothing = {"customers": 1, "bought": 0, "revenue": 0, "again": 0, "lost": 1}
    bought = {"customers": 1, "bought": 1, "revenue": 700, "again": 1, "lost": 0}
    both = {"customers": 2, "bought": 1, "revenue": 700, "again": 1, "lost": 1}
    assert test.result == {day: {"draft": {"high": both}, "published": {"high": nothing, "regular": bought}}}
    with pytest.raises(Invalid):
        ask_back_test(draft=draft, months=[13], outcome_days=90, by=people.bob)
