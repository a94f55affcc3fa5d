"""What a person is told, and what they choose to hear of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.classification.deciding import NOW, TODAY, pack
from tests.factories import make_customer, make_event
from tests.scenes import rules_in_force
from zhike.classification.models import Notification, NotificationChoice


@pytest.fixture
def rules(db, settings):
    from zhike.accounts.actions import set_company

    settings.ZHIKE_NOW = NOW
    set_company(by=None, name="清源水科技", timezone="Asia/Shanghai", currency="CNY")
    rules_in_force(pack())


@pytest.fixture
def customer(people, rules):
    """A customer of Alice's who has just become one of high value: she is told."""
    made = make_customer("甲", owner=people.alice)
    make_event(made, "order.placed", TODAY, amount=150_000)
    return made


def tell(user, kind, **given):
    return Notification.objects.create(user=user, kind=kind, **{"created_at": NOW, **given})


def lines(response):
    return [
        (line.title, line.before.label if line.before else "", line.after.label if line.after else "", line.text)
        for day in response.context["days"]
        for line in day.lines
    ]


def test_a_change_is_told_with_old_and_new_and_the_bell_says_so(alice, customer):
    assert 'aria-label="通知，有未读"' in alice.get("/").text
    response = alice.get("/notifications/")
    assert lines(response) == [("甲", "普通", "高", "")]
    assert "is-unread" in response.text


def test_opening_one_marks_it_as_read_and_leads_to_the_reasons(alice, customer):
    one = Notification.objects.get()
    response = alice.post(f"/notifications/{one.pk}/")
    assert response["Location"] == f"/customers/{customer.pk}/why/value/"
    one.refresh_from_db()
    assert one.read_at == NOW
    page = alice.get("/notifications/").text
    assert 'aria-label="通知"' in page
    assert "is-unread" not in page


def test_each_kind_has_its_words_and_its_place(alice, people, rules):
    customer = make_customer("甲", owner=people.alice)
    about = {"customer": customer, "dimension": "value", "from_key": "high"}
    for number, (kind, given, text, place) in enumerate(
        [
            ("warning", {**about, "to_key": "regular", "day": TODAY + timedelta(days=5)}, "11-25 周三将要降级", "why"),
            ("feedback", {**about, "text": "不对"}, "有人觉得判得不准：不对", "/reviews/?kind=feedback"),
            ("answered", {**about, "text": ""}, "你的反馈有了答复：规则会改", "why"),
            ("rules", {"dimension": "value", "text": "1200"}, "动了你 1,200 位客户", "/"),
        ]
    ):
        one = tell(people.alice, kind, **given, created_at=NOW + timedelta(minutes=number))
        assert lines(alice.get("/notifications/"))[0][3] == text
        where = f"/customers/{customer.pk}/why/value/" if place == "why" else place
        assert alice.post(f"/notifications/{one.pk}/")["Location"] == where


def test_a_customer_who_is_no_longer_theirs_is_not_named(alice, people, customer):
    from zhike.customers.actions.customers import update_customer

    customer.refresh_from_db()
    update_customer(customer=customer, version=customer.version, by=None, owner=people.charlie)
    response = alice.get("/notifications/")
    assert lines(response)[-1][0] == "一位已不归你看的客户"
    assert "甲" not in response.text.partition("<main")[2]
    one = Notification.objects.filter(user=people.alice).last()
    assert alice.post(f"/notifications/{one.pk}/")["Location"] == "/notifications/"


def test_a_dimension_out_of_force_leads_to_the_customer(alice, people, customer):
    one = tell(people.alice, "changed", customer=customer, dimension="worth", from_key="a", to_key="b")
    assert alice.get("/notifications/").status_code == 200
    assert alice.post(f"/notifications/{one.pk}/")["Location"] == f"/customers/{customer.pk}/"


def test_all_are_read_at_once_and_nobody_elses(alice, people, customer):
    theirs = tell(people.bob, "rules", text="1")
    response = alice.post("/notifications/read/", follow=True)
    assert "1 条标为已读" in response.text
    assert not Notification.objects.filter(user=people.alice, read_at=None).exists()
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_nobody_opens_anothers(people, customer, signed_in):
    one = Notification.objects.get()
    for who in (people.bob, people.ada, people.charlie):
        client = signed_in(who)
        assert lines(client.get("/notifications/")) == []
        assert client.post(f"/notifications/{one.pk}/").status_code == 404
    one.refresh_from_db()
    assert one.read_at is None


def test_days_stand_apart_and_pages_follow_without_gap_or_repeat(alice, people, rules, monkeypatch):
    monkeypatch.setattr("zhike.web.notifications.views.PAGE_SIZE", 2)
    for hour in (1, 15, 17):  # in Shanghai the last of them is on the next day
        tell(people.alice, "rules", text=str(hour), created_at=datetime(2026, 11, 19, hour, tzinfo=UTC))
    first = alice.get("/notifications/")
    assert [(day.day.isoformat(), len(day.lines)) for day in first.context["days"]] == [
        ("2026-11-20", 1),
        ("2026-11-19", 1),
    ]
    second = alice.get("/notifications/" + first.context["next_page"])
    assert [text for *_, text in lines(second)] == ["动了你 1 位客户"]
    assert alice.get("/notifications/?at=nonsense").status_code == 400


def test_without_any_it_says_what_will_come(alice):
    assert "还没有通知" in alice.get("/notifications/").text


def test_the_number_of_queries_does_not_grow(alice, people, rules, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def more(count):
        for _ in range(count):
            tell(people.alice, "changed", customer=make_customer(owner=people.alice), dimension="value", from_key="low")

    more(1)
    with CaptureQueriesContext(connection) as few:
        alice.get("/notifications/")
    more(10)
    with django_assert_num_queries(len(few)):
        alice.get("/notifications/")


def test_one_chooses_by_class_what_to_hear_of(alice, people, rules):
    def switches():
        dimensions = alice.get("/settings/notifications/").context["dimensions"]
        return {switch.value: switch.is_on for _, found in dimensions for switch in found}

    assert switches() == {
        "value.high": True,
        "value.low": True,
        "value.regular": True,
        "care.close": False,
        "care.usual": False,
    }
    response = alice.post(
        "/settings/notifications/", {"wanted": ["value.high", "care.close", "value.gone"]}, follow=True
    )
    assert "通知设置已保存" in response.text
    assert switches() == {
        "value.high": True,
        "value.low": False,
        "value.regular": False,
        "care.close": True,
        "care.usual": False,
    }
    assert NotificationChoice.objects.count() == 3  # what is as usual is not written down

    customer = make_customer(owner=people.alice)
    make_event(customer, "order.placed", TODAY, amount=150_000)
    assert sorted(Notification.objects.values_list("dimension", "to_key")) == [("care", "close"), ("value", "high")]


@pytest.mark.parametrize(
    ("path", "method"), [("/notifications/", "post"), ("/notifications/read/", "get"), ("/notifications/1/", "get")]
)
def test_it_rejects_the_other_method(alice, path, method):
    assert getattr(alice, method)(path).status_code == 405
