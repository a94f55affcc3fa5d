"""What may be recorded, and what of it is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import make_customer, make_event, make_people
from zhike.accounts.actions import set_company
from zhike.base.errors import NotFound
from zhike.base.inputs import Invalid
from zhike.classification.actions.packs import install_pack
from zhike.timeline.actions import record, record_many, void
from zhike.timeline.kinds import GROUPS, KINDS, Erase, Group, kinds_of
from zhike.timeline.models import Event
from zhike.timeline.queries import timeline
from zhike.timeline.rows import NewEvent

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = NOW


def test_event_is_stored_as_it_was_said():
    people = make_people()
    customer = make_customer(owner=people.alice)

    event = record(
        customer,
        "order.placed",
        by=people.alice,
        occurred_at=datetime(2026, 11, 18, 17, 0, tzinfo=UTC),
        amount=12_345,
        data={"title": " 滤芯  48 支 ", "quantity": "48", "line": "product", "note": "", "colour": 7},
        subject=("deal", "9"),
        channel="wechat",
        source="shop",
        key="SO-1",
    )

    stored = Event.objects.get(pk=event.pk)
    assert (stored.kind, stored.actor, stored.recorded_at) == ("order.placed", people.alice, NOW)
    assert stored.day == date(2026, 11, 19)  # in Shanghai
    assert (stored.amount, stored.currency, stored.base_amount) == (12_345, "CNY", 12_345)
    assert stored.data == {"title": "滤芯 48 支", "quantity": 48, "line": "product", "colour": 7}
    assert (stored.subject_type, stored.subject_id, stored.channel, stored.key) == ("deal", "9", "wechat", "SO-1")


@pytest.mark.parametrize(
    ("kind", "given", "path"),
    [
        ("order.plced", {}, "kind"),
        ("call.made", {"occurred_at": datetime(9999, 12, 31, 23, tzinfo=UTC)}, "occurred_at"),
        ("call.made", {"occurred_at": datetime(2026, 11, 21, 16, tzinfo=UTC)}, "occurred_at"),
        ("call.made", {"occurred_at": datetime(1899, 1, 1, tzinfo=UTC)}, "occurred_at"),
        ("order.placed", {"amount": 10**30}, "amount"),
        ("order.placed", {"amount": -1}, "amount"),
        ("order.placed", {"amount": 1, "currency": "USD"}, "currency"),
        ("call.made", {"data": {"text": "a\x00b"}}, "data.text"),
        ("call.made", {"data": {"text": "x" * 10_001}}, "data.text"),
        ("call.made", {"data": {"result": "x" * 501}}, "data.result"),
        ("call.made", {"data": {"minutes": "many"}}, "data.minutes"),
        ("survey.answered", {"data": {"score": "NaN"}}, "data.score"),
        ("call.made", {"data": {f"k{n}": 1 for n in range(51)}}, "data"),
        ("call.made", {"key": "x" * 201}, "key"),
        ("call.made", {"channel": "x" * 33}, "channel"),
    ],
)
def test_what_cannot_be_is_refused_in_words(kind, given, path):
    customer = make_customer()

    with pytest.raises(Invalid) as caught:
        record(customer, kind, by=None, **given)

    assert caught.value.path == path
    assert caught.value.zh
    assert not Event.objects.exclude(kind="customer.created").exists()


def test_end_of_tomorrow_is_still_possible():
    event = record(make_customer(), "call.made", by=None, occurred_at=datetime(2026, 11, 21, 15, 59, tzinfo=UTC))

    assert event.day == date(2026, 11, 21)


def test_foreign_money_needs_its_worth_at_home():
    event = record(make_customer(), "order.placed", by=None, amount=100, currency="USD", base_amount=712)

    assert (event.amount, event.currency, event.base_amount) == (100, "USD", 712)


def test_day_is_the_companys():
    set_company(by=None, timezone="America/New_York")

    event = record(make_customer(), "call.made", by=None, occurred_at=datetime(2026, 11, 19, 4, 59, tzinfo=UTC))

    assert event.day == date(2026, 11, 18)


def test_same_key_twice_is_one_event():
    customer = make_customer()

    first = record(customer, "order.placed", by=None, source="shop", key="1", amount=5)
    again = record(customer, "order.placed", by=None, source="shop", key="1", amount=6)
    other = record(customer, "order.placed", by=None, source="till", key="1", amount=7)

    assert again.pk == first.pk
    assert other.pk != first.pk
    assert again.amount == 5
    assert Event.objects.filter(kind="order.placed").count() == 2


def test_key_of_another_customers_event_is_refused():
    record(make_customer(), "call.made", by=None, source="shop", key="1")

    with pytest.raises(Invalid):
        record(make_customer(), "call.made", by=None, source="shop", key="1")


@pytest.mark.parametrize(("person", "may"), [("alice", True), ("bob", True), ("charlie", False), ("ada", True)])
def test_who_may_record(person, may):
    people = make_people()
    customer = make_customer(owner=people.alice)

    if may:
        record(customer, "call.made", by=getattr(people, person))
    else:
        with pytest.raises(NotFound):
            record(customer, "call.made", by=getattr(people, person))

    assert Event.objects.filter(kind="call.made").exists() is may


def test_nobody_records_for_a_customer_who_is_not_there():
    customer = make_customer()
    customer.pk = -1

    with pytest.raises(NotFound):
        record(customer, "call.made", by=None)


def test_timeline_is_append_only():
    event = make_event(make_customer(), "call.made")

    with pytest.raises(TypeError):
        event.save()
    with pytest.raises(TypeError):
        event.delete()
    with pytest.raises(TypeError):
        Event.objects.update(kind="note.added")
    with pytest.raises(TypeError):
        Event.objects.all().delete()
    for statement in ("UPDATE timeline_event SET kind = 'x'", "DELETE FROM timeline_event"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_voided_event_stays_and_is_marked():
    people = make_people()
    customer = make_customer(owner=people.alice)
    event = make_event(customer, "call.made")

    void(event, by=people.alice, reason="记错了")

    rows = timeline(people.alice, customer.pk)
    assert [(row.kind, row.is_voided) for row in rows] == [("call.made", True), ("customer.created", False)]
    with pytest.raises(Invalid):
        void(event, by=people.alice)


def test_timeline_is_newest_first_and_filtered_by_group():
    people = make_people()
    customer = make_customer(owner=people.alice)
    make_event(customer, "call.made", date(2026, 11, 3))
    make_event(customer, "order.placed", date(2026, 11, 5), amount=1)
    make_event(customer, "visit.made", date(2026, 11, 4))

    kinds = timeline(people.bob, customer.pk).values_list("kind", flat=True)
    assert list(kinds)[1:] == ["order.placed", "visit.made", "call.made"]
    contact = timeline(people.bob, customer.pk, group=Group.CONTACT)
    assert [event.kind for event in contact] == ["visit.made", "call.made"]
    assert not timeline(people.charlie, customer.pk).exists()


def test_one_event_takes_five_statements():
    install_pack(pack="general", by=None)
    customer = make_customer()
    record(customer, "call.made", by=None)

    with CaptureQueriesContext(connection) as queries:
        record(customer, "note.added", by=None)

    heads = [query["sql"].strip().split()[0] for query in queries]
    assert heads == ["SAVEPOINT", "SELECT", "INSERT", "SELECT", "INSERT", "RELEASE"]


def test_many_events_are_refused_together():
    customer = make_customer()
    good = NewEvent(customer_id=customer.pk, kind="call.made", occurred_at=NOW)
    bad = NewEvent(customer_id=customer.pk, kind="nothing.happened", occurred_at=NOW)

    with pytest.raises(Invalid):
        record_many([good, bad], by=None)

    assert not Event.objects.filter(kind="call.made").exists()


def test_every_kind_says_all_there_is_to_say():
    listed = [
        "call.made",
        "call.received",
        "visit.made",
        "message.sent",
        "message.received",
        "email.sent",
        "email.opened",
        "email.clicked",
        "email.replied",
        "page.viewed",
        "form.submitted",
        "inquiry.received",
        "sample.sent",
        "quote.sent",
        "order.placed",
        "order.refunded",
        "contract.signed",
        "payment.received",
        "delivery.completed",
        "seminar.attended",
        "exhibition.visited",
        "survey.answered",
        "complaint.filed",
        "ticket.opened",
        "ticket.closed",
        "points.earned",
        "points.redeemed",
        "referral.made",
        "note.added",
        "task.done",
        "deal.opened",
        "deal.stage_changed",
        "deal.won",
        "deal.lost",
        "class.changed",
        "class.overridden",
        "owner.changed",
        "customer.created",
        "customer.merged",
        "event.voided",
        "consent.given",
        "consent.withdrawn",
    ]
    assert set(listed) <= set(KINDS)
    assert set(GROUPS) == set(Group)
    assert sorted(kind for group in Group for kind in kinds_of(group)) == sorted(KINDS)
    for kind in KINDS.values():
        assert kind.label.zh
        assert kind.label.en
        # What people wrote or said can be erased.
        for free in ("text", "answers", "url"):
            if free in kind.data:
                assert kind.data[free].erase is Erase.DROP, (kind.key, free)
