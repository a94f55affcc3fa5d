"""Speaking to colleagues in a note, correcting it, taking it back."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories import make_team, make_user
from zhike.accounts.models import User
from zhike.base.errors import Forbidden
from zhike.base.inputs import Invalid
from zhike.classification.models import Notification
from zhike.customers.actions.log import log_contact
from zhike.customers.actions.notes import edit_note, void_note
from zhike.timeline.models import Event


def told():
    rows = Notification.objects.filter(kind="mentioned").order_by("pk")
    return [(row.user.name, row.customer_id, row.text) for row in rows]


def note(by, customer, text):
    return log_contact(customer=customer, kind="note", by=by, text=text)


def shown(client, customer):
    page = client.get(f"/customers/{customer.pk}/?group=record")
    return [(e.title, e.text, e.is_voided, e.is_edited) for day in page.context["timeline"].days for e in day.entries]


def send(client, customer, text, kind="note"):
    return client.post(f"/customers/{customer.pk}/log/", {"kind": kind, "text": text, "key": str(uuid4())}, follow=True)


def test_whoever_is_spoken_to_hears_of_it(alice, people, hotel, signed_in):
    send(alice, hotel, "请 @Bob 核一下成本，＠Ada 也看看，@Bob 尽快", kind="call")
    assert sorted(told()) == [
        (name, hotel.pk, "Alice：请 @Bob 核一下成本，＠Ada 也看看，@Bob 尽快") for name in ("Ada", "Bob")
    ]
    assert set(Event.objects.get(kind="call.made").data["mentions"]) == {people.bob.pk, people.ada.pk}
    bob = signed_in(people.bob)
    page = bob.get("/notifications/").text
    assert "提到了你：Alice：请 @Bob 核一下成本" in page
    one = Notification.objects.get(user=people.bob)
    assert bob.post(f"/notifications/{one.pk}/")["Location"] == f"/customers/{hotel.pk}/"


def test_whoever_cannot_see_the_customer_hears_nothing_and_the_author_is_told(alice, people, hotel):
    User.objects.filter(pk=people.charlie.pk).update(team=people.alice.team)
    page = send(alice, hotel, "@Charlie 你认识他们吗")
    assert "Charlie看不到这位客户，没有通知到" in page.text
    assert told() == []
    assert Event.objects.get(kind="note.added").data == {"text": "@Charlie 你认识他们吗"}


@pytest.mark.parametrize("text", ["给 @Carol 说一声", "写信到 bob@example.com", "@", "@@", "@ Bob", "@Alice 自己"])
def test_others_are_no_mention(alice, hotel, text):
    assert "没有通知到" not in send(alice, hotel, text).text
    assert told() == []


def test_of_two_with_one_name_it_is_said_which(people, rules, hotel):
    one = make_user("王磊", email="wang@example.com", role="manager", team=people.alice.team)
    make_user("王磊", email="lei@example.com", role="manager", team=people.alice.team)
    with pytest.raises(Invalid) as caught:
        note(people.alice, hotel, "@王磊 看看")
    assert "@王磊(wang)" in caught.value.zh
    assert not Event.objects.filter(kind="note.added").exists()
    note(people.alice, hotel, "@王磊(wang) 看看")
    assert [row.user for row in Notification.objects.filter(kind="mentioned")] == [one]


def test_the_longest_name_is_meant(people, rules, hotel):
    make_user("王磊", email="wl@example.com", role="manager", team=people.alice.team)
    make_user("王磊磊", email="wll@example.com", role="manager", team=people.alice.team)
    note(people.alice, hotel, "@王磊磊你看")
    assert [name for name, *_ in told()] == ["王磊磊"]


def test_colleagues_are_offered_by_pinyin_with_those_first_who_see_the_customer(alice, people, hotel, signed_in):
    make_user("吴天磊", email="wu@example.com", team=people.alice.team)
    found = alice.get(f"/customers/{hotel.pk}/colleagues/").json()["people"]
    assert [(one["call"], one["sees"]) for one in found] == [("Ada", True), ("Bob", True), ("吴天磊", False)]
    assert {"wutianlei", "wtl"} <= set(found[2]["hint"].split("\n"))
    assert signed_in(people.charlie).get(f"/customers/{hotel.pk}/colleagues/").status_code == 404


def test_a_note_is_corrected_within_a_day(alice, people, hotel):
    first = note(people.alice, hotel, "@Bob 报价 3 万")
    path = f"/customers/{hotel.pk}/notes/{first.pk}/"
    assert "@Bob 报价 3 万" in alice.get(path).text
    alice.post(path, {"text": "@Bob @Ada 报价 5 万"})
    assert shown(alice, hotel) == [("备注", "@Bob @Ada 报价 5 万", False, True), ("建档", "", False, False)]
    assert [name for name, *_ in told()] == ["Bob", "Ada"]  # Bob heard of it once
    tabs = alice.get(f"/customers/{hotel.pk}/").context["timeline"].tabs
    assert {tab.key: tab.count for tab in tabs}["record"] == 2
    second = Event.objects.get(kind="note.added", data__replaces=first.pk)
    assert (second.occurred_at, Event.objects.get(voids=first).data) == (first.occurred_at, {"replaced": True})
    alice.post(path, {"text": "@Bob @Ada 报价 5 万"})  # the same form again
    assert Event.objects.filter(kind="note.added").count() == 2
    assert alice.post(path, {"text": "别的"}).status_code == 422


def test_a_note_is_changed_by_its_author_alone_and_not_later(people, rules, hotel, monkeypatch, signed_in):
    event = note(people.alice, hotel, "报价 3 万")
    with pytest.raises(Forbidden):
        edit_note(event=event, by=people.bob, text="x")
    assert signed_in(people.charlie).post(f"/customers/{hotel.pk}/notes/{event.pk}/", {"text": "x"}).status_code == 404
    later = event.recorded_at + timedelta(days=1)
    monkeypatch.setattr("zhike.customers.actions.notes.now", lambda: later)
    with pytest.raises(Forbidden):
        edit_note(event=event, by=people.alice, text="x")
    assert Event.objects.filter(kind="note.added").count() == 1


def test_a_note_is_taken_back_by_its_author_or_a_leader(alice, people, hotel, signed_in):
    first, second = note(people.alice, hotel, "一"), note(people.bob, hotel, "二")
    with pytest.raises(Forbidden):
        void_note(event=second, by=people.alice)
    assert alice.post(f"/customers/{hotel.pk}/notes/{second.pk}/void/").status_code == 403
    for _ in range(2):
        alice.post(f"/customers/{hotel.pk}/notes/{first.pk}/void/")
    signed_in(people.bob).post(f"/customers/{hotel.pk}/notes/{second.pk}/void/")
    assert [(text, is_voided) for _, text, is_voided, _ in shown(alice, hotel)] == [
        ("二", True),
        ("一", True),
        ("", False),
    ]
    assert Event.objects.filter(kind="event.voided").count() == 2


def test_an_empty_note_is_refused_in_words(alice, people, hotel):
    event = note(people.alice, hotel, "一")
    response = alice.post(f"/customers/{hotel.pk}/notes/{event.pk}/", {"text": " "})
    assert (response.status_code, "写下备注的内容。" in response.text) == (422, True)
    other = log_contact(customer=hotel, kind="call", by=people.alice, text="电话")
    assert alice.get(f"/customers/{hotel.pk}/notes/{other.pk}/").status_code == 404


def test_those_near_and_those_who_see_the_customer_are_offered(people, rules, hotel):
    from zhike.accounts.actions.shares import share_record
    from zhike.customers.mentions import callable_colleagues

    def offered(by):
        return {one.call: one.sees for one in callable_colleagues(by, hotel)}

    stranger = make_user("外人", email="wr@example.com", team=make_team())
    near = offered(people.alice)
    assert "外人" not in near
    assert (near["Bob"], near["Ada"]) == (True, True)
    share_record(row=hotel, by=people.alice, user=stranger, reason="一起跟")
    assert offered(people.alice) == {**near, "外人": True}
