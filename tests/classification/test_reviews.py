"""What is put before people, what becomes of it, and what they are told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.classification.deciding import NOW, TODAY, classes, pack, placement
from tests.factories import make_customer, make_event, make_people
from tests.scenes import once
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid
from zhike.classification.actions.notifications import choose_notification, mark_read
from zhike.classification.actions.overrides import override_class
from zhike.classification.actions.packs import install_pack
from zhike.classification.actions.reviews import decide_review, decide_reviews, report_wrong
from zhike.classification.actions.warnings import raise_warnings
from zhike.classification.batch import drift, place_everyone
from zhike.classification.due import place_due
from zhike.classification.models import Notification, Override, Review, Scheme
from zhike.timeline.actions import void
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = NOW


@pytest.fixture
def people():
    return once("people", make_people)


def rules(**value):
    install_pack(pack=pack(**value), by=None)


def later(settings, days):
    settings.ZHIKE_NOW = NOW + timedelta(days=days)
    place_due()


def items(**where):
    rows = Review.objects.filter(**where).order_by("pk")
    return list(rows.values_list("kind", "from_key", "to_key", "state"))


def test_where_rules_only_suggest_the_class_waits(people):
    rules(mode="suggest")
    customer = make_customer(owner=people.alice)
    order = make_event(customer, "order.placed", TODAY, amount=1500)

    assert classes(customer) == {"value": "regular", "care": "usual"}
    assert placement(customer).computed_key == "high"
    assert items() == [("suggestion", "regular", "high", "open")]
    assert drift() == []

    void(order, by=None)
    assert items() == [("suggestion", "regular", "high", "obsolete")]


def test_accepting_a_suggestion_lets_it_take_effect(people):
    rules(mode="suggest")
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500)
    item = decide_review(review=Review.objects.get(), verdict="accept", by=people.alice)

    assert (item.state, item.decided_by) == ("accepted", people.alice)
    assert classes(customer) == {"value": "high", "care": "close"}
    assert placement(customer).source == "rule"
    assert items() == [("suggestion", "regular", "high", "accepted")]
    assert place_everyone().changed == 0


def test_keeping_makes_an_override(people):
    rules(mode="suggest")
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500)
    decide_review(review=Review.objects.get(), verdict="keep", by=people.bob, answer="一次性采购")

    assert classes(customer) == {"value": "regular", "care": "usual"}
    override = Override.objects.get()
    assert (override.class_key, override.was_key, override.reason, override.by) == (
        "regular",
        "high",
        "一次性采购",
        people.bob,
    )
    assert items() == [("suggestion", "regular", "high", "kept")]


def test_a_demotion_that_must_be_reviewed_waits_and_a_promotion_does_not(people, settings):
    rules(high={"demote": "review"})
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500)
    assert classes(customer)["value"] == "high"

    later(settings, 30)
    assert classes(customer) == {"value": "high", "care": "close"}
    assert items() == [("suggestion", "high", "regular", "open")]
    assert drift() == []

    later(settings, 60)
    assert items() == [("suggestion", "high", "regular", "obsolete"), ("suggestion", "high", "low", "open")]
    decide_review(review=Review.objects.get(state="open"), verdict="accept", by=people.alice)
    assert classes(customer) == {"value": "low", "care": "usual"}


def test_a_demotion_by_the_clock_takes_effect_and_is_listed(people, settings):
    rules()
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500)
    later(settings, 30)

    assert classes(customer)["value"] == "regular"
    assert items() == [("demotion", "high", "regular", "open")]
    decide_review(review=Review.objects.get(), verdict="keep", by=people.alice)
    assert classes(customer) == {"value": "high", "care": "close"}
    assert Override.objects.get().class_key == "high"


def test_what_was_listed_is_settled_when_the_customer_comes_back(people, settings):
    rules()
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500)
    later(settings, 30)
    make_event(customer, "order.placed", TODAY + timedelta(days=30), amount=1500)
    assert items() == [("demotion", "high", "regular", "obsolete")]


def test_bulk_history_lists_nothing_and_tells_nobody(people):
    rules()
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500)
    Notification.objects.all().delete()
    place_everyone(as_of=TODAY - timedelta(days=1))
    assert classes(customer)["value"] == "regular"
    assert items() == []
    assert not Notification.objects.exists()


def test_a_warning_comes_before_time_demotes_and_goes_when_it_does_not(people, settings):
    rules()
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500)
    Notification.objects.all().delete()

    settings.ZHIKE_NOW = NOW + timedelta(days=24)
    assert raise_warnings() == {"warning": 0, "escalated": 0, "expiring": 0}
    settings.ZHIKE_NOW = NOW + timedelta(days=25)
    assert raise_warnings() == {"warning": 1, "escalated": 0, "expiring": 0}
    assert raise_warnings() == {"warning": 0, "escalated": 0, "expiring": 0}
    warning = Review.objects.get()
    assert (warning.kind, warning.from_key, warning.to_key, warning.due_on) == (
        "warning",
        "high",
        "regular",
        TODAY + timedelta(days=30),
    )
    assert list(Notification.objects.values_list("user", "kind", "day")) == [
        (people.alice.pk, "warning", TODAY + timedelta(days=30))
    ]

    make_event(customer, "order.placed", TODAY + timedelta(days=25), amount=1500)
    assert items() == [("warning", "high", "regular", "obsolete")]


def test_the_manager_hears_of_it_a_day_before(people, settings):
    rules()
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500)
    settings.ZHIKE_NOW = NOW + timedelta(days=26)
    raise_warnings()
    settings.ZHIKE_NOW = NOW + timedelta(days=28)
    assert raise_warnings()["escalated"] == 0
    settings.ZHIKE_NOW = NOW + timedelta(days=29)
    assert raise_warnings()["escalated"] == 1
    assert raise_warnings()["escalated"] == 0
    assert list(Notification.objects.filter(kind="warning").values_list("user", flat=True).order_by("pk")) == [
        people.alice.pk,
        people.bob.pk,
    ]


def test_a_class_says_how_long_before_it_warns(people, settings):
    rules(high={"warn_days": 10})
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500)
    settings.ZHIKE_NOW = NOW + timedelta(days=19)
    assert raise_warnings()["warning"] == 0
    settings.ZHIKE_NOW = NOW + timedelta(days=20)
    assert raise_warnings()["warning"] == 1


def test_an_override_about_to_end_is_put_to_review_and_may_be_kept(people, settings):
    rules()
    customer = make_customer(owner=people.alice)
    override_class(
        customer=customer,
        dimension="value",
        class_key="high",
        reason="战略客户",
        by=people.alice,
        expires_on=TODAY + timedelta(days=8),
    )
    assert raise_warnings()["expiring"] == 0
    settings.ZHIKE_NOW = NOW + timedelta(days=1)
    assert raise_warnings()["expiring"] == 1
    assert items(kind="expiring") == [("expiring", "high", "regular", "open")]

    decide_review(review=Review.objects.get(kind="expiring"), verdict="keep", by=people.bob)
    assert Override.objects.get(ended_at=None).expires_on == TODAY + timedelta(days=91)
    assert classes(customer)["value"] == "high"


def test_the_owner_is_told_of_ups_and_downs_but_not_of_their_own_doing(people, settings):
    rules()
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500, by=people.alice)
    assert not Notification.objects.exists()
    later(settings, 30)
    assert list(Notification.objects.values_list("user", "kind", "dimension", "from_key", "to_key")) == [
        (people.alice.pk, "changed", "value", "high", "regular")
    ]


def test_a_person_chooses_what_to_hear_of(people):
    rules()
    customer = make_customer(owner=people.alice)
    choose_notification(user=people.alice, dimension="value", class_key="high", wanted=False)
    choose_notification(user=people.alice, dimension="care", class_key="close", wanted=True)
    make_event(customer, "order.placed", TODAY, amount=1500)
    assert list(Notification.objects.values_list("dimension", "to_key")) == [("care", "close")]
    assert mark_read(user=people.bob) == 0
    assert mark_read(user=people.alice) == 1
    with pytest.raises(Invalid):
        choose_notification(user=people.alice, dimension="value", class_key="best", wanted=True)


def test_what_was_decided_cannot_be_decided_again(people):
    rules(mode="suggest")
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500)
    item = Review.objects.get()
    assert decide_reviews(reviews=[item], verdict="accept", by=people.alice) == 1
    assert decide_reviews(reviews=[item], verdict="keep", by=people.bob) == 0
    with pytest.raises(Conflict) as caught:
        decide_review(review=item, verdict="keep", by=people.bob)
    assert caught.value.zh == "Alice已经处理过这一项：接受"
    assert not Override.objects.exists()


def test_what_the_customer_has_overtaken_cannot_be_decided(people):
    rules(mode="suggest")
    customer = make_customer(owner=people.alice)
    order = make_event(customer, "order.placed", TODAY, amount=1500)
    item = Review.objects.get()
    void(order, by=None)
    with pytest.raises(Conflict) as caught:
        decide_review(review=item, verdict="keep", by=people.bob)
    assert caught.value.zh == "客户已经变了，这一项不用处理了"
    assert not Override.objects.exists()


def test_a_stranger_decides_nothing(people):
    rules(mode="suggest")
    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=1500)
    with pytest.raises(NotFound):
        decide_review(review=Review.objects.get(), verdict="accept", by=people.charlie)
    assert classes(customer)["value"] == "regular"


def test_what_a_salesperson_finds_wrong_reaches_the_owner_of_the_rules(people):
    rules()
    Scheme.objects.filter(dimension="value").update(owner=people.bob)
    customer = make_customer(owner=people.alice)
    item = report_wrong(customer=customer, dimension="value", said="上月刚签了框架协议", by=people.alice)

    assert list(Notification.objects.values_list("user", "kind", "text")) == [
        (people.bob.pk, "feedback", "上月刚签了框架协议")
    ]
    with pytest.raises(Forbidden):
        decide_review(review=item, verdict="accept", by=people.alice)
    with pytest.raises(Invalid):
        decide_review(review=item, verdict="keep", by=people.bob)
    decide_review(review=item, verdict="accept", by=people.bob, answer="下一版加上合同")
    assert items() == [("feedback", "regular", "", "accepted")]
    assert Notification.objects.filter(user=people.alice, kind="answered", text="下一版加上合同").exists()
    assert not Override.objects.exists()


def test_without_an_owner_the_administrators_hear_of_it(people):
    rules()
    customer = make_customer(owner=people.alice)
    report_wrong(customer=customer, dimension="value", said="不对", by=people.alice)
    assert list(Notification.objects.values_list("user", flat=True)) == [people.ada.pk]
    with pytest.raises(Invalid):
        report_wrong(customer=customer, dimension="value", said=" ", by=people.alice)


def test_in_a_paused_dimension_nobody_moves_and_nothing_is_asked(people):
    rules()
    customer = make_customer(owner=people.alice)
    Scheme.objects.filter(dimension="value").update(is_paused=True)
    make_event(customer, "order.placed", TODAY, amount=1500)
    assert classes(customer) == {"value": "regular", "care": "usual"}
    assert placement(customer).computed_key == "high"
    assert items() == []
    newcomer = make_customer(owner=people.alice)
    assert classes(newcomer) == {"value": "regular", "care": "usual"}

    Scheme.objects.filter(dimension="value").update(is_paused=False)
    place_everyone()
    assert classes(customer) == {"value": "high", "care": "close"}


def test_a_recomputed_past_is_said_with_its_cause(people):
    rules()
    customer = make_customer(owner=people.alice)
    order = make_event(customer, "order.placed", TODAY - timedelta(days=3), amount=1500)
    void(order, by=None)
    moves = Event.objects.filter(kind="class.changed", data__dimension="value").order_by("pk")
    assert [(e.data["to"], e.data.get("recomputed")) for e in moves] == [("high", "late"), ("regular", "voided")]
