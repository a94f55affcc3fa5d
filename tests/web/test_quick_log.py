from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories import SHANGHAI, make_customer, make_event
from zhike.base.clock import today
from zhike.customers.models import Contact, Customer
from zhike.followups.actions.tasks import create_task
from zhike.followups.models import Task
from zhike.timeline.models import Event


def log(client, customer, *, headers=None, **given):
    form = {"kind": "call", "text": "聊了报价", "key": str(uuid4()), **given}
    return client.post(f"/customers/{customer.pk}/log/", form, headers=headers)


def test_it_records_who_what_and_when_next(alice, people, hotel):
    day = today(SHANGHAI) + timedelta(days=3)
    contact = Contact.objects.create(customer=hotel, name="沈一帆")
    response = log(alice, hotel, result="有进展", contact=contact.pk, next_contact_on=day.isoformat())
    assert response["Location"] == f"/customers/{hotel.pk}/"
    event = Event.objects.get(customer=hotel, kind="call.made")
    assert (event.actor, event.contact, event.data["text"], event.data["result"]) == (
        people.alice,
        contact,
        "聊了报价",
        "有进展",
    )
    hotel.refresh_from_db()
    assert hotel.next_contact_on == day
    assert "已记录" in alice.get(f"/customers/{hotel.pk}/").text


@pytest.mark.parametrize(
    ("kind", "event"),
    [("call", "call.made"), ("visit", "visit.made"), ("message", "message.sent"), ("note", "note.added")],
)
def test_every_kind_writes_its_event(alice, hotel, kind, event):
    log(alice, hotel, kind=kind)
    assert Event.objects.filter(customer=hotel, kind=event).count() == 1


def test_it_places_at_once_and_shows_the_change(alice, people, rules):
    sleeper = make_customer("老客户", owner=people.alice, created_on=today(SHANGHAI) - timedelta(days=500))
    make_event(sleeper, "call.made", today(SHANGHAI) - timedelta(days=120))
    page = log(alice, sleeper, headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text
    assert 'id="record"' in page
    assert 'hx-swap-oob="beforeend"' in page
    assert "活跃度 <span" in page
    assert "沉睡" in page
    assert "活跃" in page


def test_the_same_form_sent_twice_logs_once(alice, hotel):
    key = str(uuid4())
    log(alice, hotel, key=key)
    log(alice, hotel, key=key)
    assert Event.objects.filter(customer=hotel, kind="call.made").count() == 1


def test_a_known_key_with_other_words_is_refused_and_can_be_sent_anew(alice, hotel):
    key = str(uuid4())
    log(alice, hotel, key=key)
    refused = log(alice, hotel, key=key, text="又聊了交期")
    assert refused.status_code == 409
    assert "这份记录已经保存过，内容不同" in refused.text
    assert "又聊了交期" in refused.text
    fresh = re.search(r'name="key" value="([^"]+)"', refused.text)[1]
    log(alice, hotel, key=fresh, text="又聊了交期")
    calls = Event.objects.filter(customer=hotel, kind="call.made").order_by("pk")
    assert [call.data["text"] for call in calls] == ["聊了报价", "又聊了交期"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "smoke"}, "smoke"),
        ({"kind": "note", "text": " "}, "请写下备注的内容"),
        ({"next_contact_on": "2020-01-01"}, "下次联系不能早于今天。"),
        ({"next_contact_on": "soon"}, "看不懂这个日期"),
        ({"next_contact_on": "9999-01-01"}, "超出范围"),
        ({"text": "长" * 6000}, "5000"),
        ({"result": "发财了"}, "发财了"),
        ({"contact": "999999"}, "zk-error"),
        ({"key": "x"}, "zk-error"),
    ],
)
def test_bad_input_is_refused_in_words_and_kept(alice, hotel, given, words):
    before = Event.objects.count()
    response = log(alice, hotel, **given)
    assert response.status_code == 422
    assert words in response.text
    assert Event.objects.count() == before
    if "text" not in given:
        assert "聊了报价" in response.text


def test_a_contact_of_another_customer_is_refused(alice, people, hotel):
    other = Contact.objects.create(customer=make_customer("别家", owner=people.alice), name="外人")
    assert log(alice, hotel, contact=other.pk).status_code == 422
    assert not Event.objects.filter(customer=hotel, kind="call.made").exists()


def test_a_stranger_gets_404_and_writes_nothing(people, rules, hotel, signed_in):
    assert log(signed_in(people.charlie), hotel).status_code == 404
    assert not Event.objects.filter(customer=hotel, kind="call.made").exists()


def test_it_rejects_get(alice, hotel):
    assert alice.get(f"/customers/{hotel.pk}/log/").status_code == 405


def test_without_a_new_day_what_is_next_to_be_done_says_it(alice, people, hotel):
    day = today(SHANGHAI) + timedelta(days=5)
    create_task(by=people.alice, customer=hotel, kind="call", title="回访", due_on=day)
    Customer.objects.filter(pk=hotel.pk).update(next_contact_on=today(SHANGHAI))
    log(alice, hotel)
    hotel.refresh_from_db()
    assert hotel.next_contact_on == day

    Task.objects.filter(customer=hotel).delete()
    Customer.objects.filter(pk=hotel.pk).update(next_contact_on=today(SHANGHAI))
    log(alice, hotel)
    hotel.refresh_from_db()
    assert hotel.next_contact_on is None
