"""What is advised next, what people make of it, and what is learned from that."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.factories import SHANGHAI, make_customer, make_event
from tests.scenes import once

NOW = datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)
TODAY = date(2026, 11, 19)


@pytest.fixture
def hotels(people, rules, settings):
    """Twenty companies: ten bought 主机, eight of them 滤芯 as well, which costs twice as much; two 滤芯 alone."""
    settings.ZHIKE_NOW = NOW
    return once("twenty companies that bought", lambda: _build(people))


def _build(people):
    made = []
    for number in range(20):
        customer = make_customer(f"酒店{number:02}", owner=people.alice, kind="company")
        made.append(customer)
        if number < 10:
            make_event(customer, "order.placed", TODAY - timedelta(days=40), amount=1_000_00, data={"title": "主机"})
        if number < 8 or number >= 18:
            make_event(customer, "order.placed", TODAY - timedelta(days=30), amount=2_000_00, data={"title": "滤芯"})
        if number >= 10:
            make_event(customer, "order.placed", TODAY - timedelta(days=20), amount=10_00, data={"title": "赠品"})
    return made


def shown(user, customer):
    from zhike.classification.queries import story
    from zhike.web.customer.next_action import Adviser

    return Adviser(user, story(user, customer), "zh").shown()


def kinds(user, customer) -> list[tuple[str, str]]:
    return [(one.kind, one.subject) for one in shown(user, customer)]


def test_what_customers_of_the_class_buy_is_advised_with_its_counts(people, hotels):
    from zhike.followups.actions.advice import count_pairs
    from zhike.followups.models import ProductPairs

    assert kinds(people.alice, hotels[8]) == [("contact", "call")]
    assert count_pairs() == 2
    row = ProductPairs.objects.get(class_key="company")
    assert (row.everyone, row.buyers, row.amounts["滤芯"]) == (20, {"主机": 10, "滤芯": 10, "赠品": 10}, 2_000_00)
    offer = next(one for one in shown(people.alice, hotels[8]) if one.kind == "up")
    assert offer.title == "升级到「滤芯」"
    assert offer.why == [
        "企业里 10 位买过「主机」，其中 8 位也买「滤芯」（80%）",
        "是一般客户的 1.6 倍：全部 20 位里 50% 买",
    ]
    # Who has it is not offered it again, and whom nobody is like is offered nothing.
    assert ("up", "滤芯") not in kinds(people.alice, hotels[0])
    assert "up" not in {kind for kind, _ in kinds(people.alice, make_customer("新客", owner=people.alice))}


def test_an_accepted_advice_becomes_a_task_and_rests(people, hotels):
    from zhike.followups.actions.advice import count_pairs, take_advice
    from zhike.followups.models import Advice, Task

    count_pairs()
    offer = next(one for one in shown(people.alice, hotels[8]) if one.kind == "up")
    given = {"kind": offer.kind, "subject": offer.subject, "title": offer.title, "text": offer.text}
    take_advice(customer=hotels[8], **given, method=offer.method, by=people.alice, standing=("type", "company"))
    task = Task.objects.get()
    assert (task.title, task.owner, task.due_on, task.kind) == ("升级到「滤芯」", people.alice, TODAY, "call")
    kept = Advice.objects.get()
    assert (kept.accepted, kept.reason, kept.task, kept.rests_until) == (True, "", task, TODAY + timedelta(days=30))
    assert ("up", "滤芯") not in kinds(people.alice, hotels[8])
    assert ("up", "滤芯") in kinds(people.alice, hotels[9])


def test_a_dismissed_advice_comes_back_after_its_rest(people, hotels, settings):
    from zhike.followups.actions.advice import count_pairs, dismiss_advice

    count_pairs()
    given = {"customer": hotels[8], "kind": "up", "subject": "滤芯", "by": people.alice}
    dismiss_advice(**given, reason="not_now", standing=("type", "company"))
    for days, is_back in [(13, False), (14, True)]:
        settings.ZHIKE_NOW = NOW + timedelta(days=days)
        assert (("up", "滤芯") in kinds(people.alice, hotels[8])) is is_back


def test_a_kind_that_is_often_dismissed_for_a_class_sinks(people, hotels, settings):
    from zhike.followups.actions.advice import count_pairs, dismiss_advice

    count_pairs()
    first = kinds(people.alice, hotels[9])
    assert first == [("contact", "call"), ("up", "滤芯")]
    for hotel in hotels[:4]:
        dismiss_advice(
            customer=hotel,
            kind="contact",
            subject="call",
            reason="wrong",
            by=people.alice,
            standing=("type", "company"),
        )
    assert kinds(people.alice, hotels[9]) == first[::-1]
    settings.ZHIKE_NOW = NOW + timedelta(days=181)  # it is forgotten after half a year
    assert kinds(people.alice, hotels[9]) == first


@pytest.mark.parametrize(
    ("given", "path"),
    [({"kind": "dance"}, "kind"), ({"subject": " "}, "subject"), ({"reason": "never"}, "reason")],
)
def test_what_is_no_advice_is_refused(people, hotels, given, path):
    from zhike.base.inputs import Invalid
    from zhike.followups.actions.advice import dismiss_advice
    from zhike.followups.models import Advice

    usual = {"customer": hotels[0], "kind": "up", "subject": "滤芯", "reason": "wrong", "by": people.alice}
    with pytest.raises(Invalid) as refused:
        dismiss_advice(**{**usual, **given})
    assert refused.value.path == path
    assert not Advice.objects.exists()


def test_nobody_decides_for_customers_whom_they_do_not_see(people, hotels):
    from zhike.base.errors import NotFound
    from zhike.followups.actions.advice import dismiss_advice, take_advice

    with pytest.raises(NotFound):
        dismiss_advice(customer=hotels[0], kind="up", subject="滤芯", reason="wrong", by=people.charlie)
    with pytest.raises(NotFound):
        take_advice(
            customer=hotels[0], kind="up", subject="滤芯", title="一", text="", method="call", by=people.charlie
        )


def test_the_hour_and_the_way_are_those_in_which_they_answered(people, hotels):
    hotel = hotels[0]
    for back in (7, 14, 21, 28):
        at = NOW - timedelta(days=back) + timedelta(hours=5)  # a Thursday at three
        make_event(hotel, "call.made", occurred_at=at, data={"result": "未接通" if back == 7 else "正常"})
        make_event(hotel, "message.sent", occurred_at=at - timedelta(hours=1))
        make_event(hotel, "message.received", occurred_at=at)
    contact = shown(people.alice, hotel)[0]
    assert (contact.kind, contact.method, contact.title) == ("contact", "message", "周四 14 点到 16 点：消息")
    assert contact.why[1:] == [
        "消息 4 次，有回应 4 次",
        "有回应的 11 次里，11 次在周四，11 次在 14 到 16 点",
    ]
