"""Bots: who may set them up, what they say and when, and what happens when they cannot."""

from __future__ import annotations

import json
from datetime import time, timedelta

import pytest

from tests.factories import make_customer, make_people
from tests.notices.telling import HOOK, SITE, at, make_channel, tell, typed
from tests.pools.test_races import at_once
from tests.scenes import once
from zhike.accounts.actions.teams import remove_team
from zhike.accounts.models import User
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid
from zhike.classification.models import Notification
from zhike.notices.actions import channels as doing
from zhike.notices.actions.channels import NotSaid, remove_channel, save_channel, switch_channel, try_channel
from zhike.notices.actions.preferences import choose_ways, set_rhythm
from zhike.notices.actions.pushing import push, ready_channels
from zhike.notices.actions.routing import route
from zhike.notices.actions.tidying import tidy
from zhike.notices.kinds import Ways
from zhike.notices.models import Channel, Delivery
from zhike.notices.posting import Failed
from zhike.notices.queries import channels

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(settings):
    settings.ZHIKE_NOW, settings.ZHIKE_URL = at("2026-11-20T12:00"), SITE


@pytest.fixture
def people():
    return once("people", make_people)


@pytest.fixture
def said(monkeypatch):
    """Return what is sent; an answer that is put into `answers` is given instead of a yes."""

    class Sent(list):
        answers: list[Exception | bytes]

    sent = Sent()
    sent.answers = []

    def post(message):
        sent.append(message)
        answer = sent.answers.pop(0) if sent.answers else b'{"errcode": 0}'
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(doing, "post", post)
    return sent


def work() -> list[bool]:
    """Do what the worker does each minute."""
    route()
    return [push(pk) for pk in ready_channels()]


def texts(said):
    return [json.loads(one.body)["text"]["content"] for one in said]


def test_the_address_and_the_secret_are_kept_as_ciphertext(people):
    found = make_channel(people.alice, secret="SEC1")
    assert (found.user, found.host) == (people.alice, "oapi.dingtalk.com")
    assert "hush" not in found.address
    assert "SEC1" not in found.secret

    kept = found.address, found.secret
    found = save_channel(given=typed(name="别的名字", address=""), by=people.alice, channel=found, version=1)
    assert (found.name, found.address, found.secret) == ("别的名字", *kept)
    found = save_channel(given=typed(address="", clears_secret=True), by=people.alice, channel=found, version=2)
    assert found.secret == ""
    with pytest.raises(Conflict):
        save_channel(given=typed(), by=people.alice, channel=found, version=1)
    with pytest.raises(Invalid):  # the stored address is no bot of Feishu
        save_channel(given=typed(kind="feishu", address=""), by=people.alice, channel=found, version=3)
    for wrong in ({"address": ""}, {"kind": "wecom"}, {"name": " "}, {"address": "https://10.0.0.1/"}):
        with pytest.raises(Invalid):
            make_channel(people.alice, **wrong)
    assert Channel.objects.count() == 1


def test_ones_own_and_those_of_teams_that_one_leads(people):
    east, west = people.alice.team, people.charlie.team
    own = make_channel(people.alice)
    teams = make_channel(people.bob, team=east)
    for who, seen in [(people.alice, [own]), (people.bob, [teams]), (people.ada, [teams]), (people.carol, [])]:
        assert list(channels(who)) == seen, who
    for who, team in [(people.alice, east), (people.bob, west), (people.charlie, west)]:
        with pytest.raises(Forbidden):
            make_channel(who, team=team)
    assert make_channel(people.ada, team=west).team == west
    for act in (remove_channel, try_channel):
        with pytest.raises(NotFound):
            act(channel=own, by=people.ada)
    with pytest.raises(NotFound):
        save_channel(given=typed(), by=people.carol, channel=teams, version=1)
    remove_team(team=east, by=people.ada, to=west)
    assert Channel.objects.get(pk=teams.pk).team == west


def test_a_persons_bot_says_what_they_want_in_one_message(people, said):
    channel = make_channel(people.alice)
    customer = make_customer("甲公司", owner=people.alice)
    tell(people.alice, "promise", customer=customer, text=at("2026-11-20T09:00").isoformat())
    tell(people.alice, "mentioned", customer=customer, text="Bob：甲公司的王总")
    tell(people.alice, "rules")  # usual: not by a bot
    tell(people.bob, "mentioned", text="")
    assert work() == [True]
    assert texts(said) == [
        "\n".join(
            [
                "知客：2 条通知",
                "· 首次联系超时 一位客户 应在 今天 09:00 前联系，还没有人联系",
                f"  {SITE}/customers/{customer.pk}/",
                "· 提到了你 一位客户",
                f"  {SITE}/customers/{customer.pk}/",
                f"{SITE}/notifications/",
            ]
        )
    ]
    assert said[0].address == HOOK
    assert work() == []
    channel.refresh_from_db()
    assert (channel.sent_at, channel.last_error) == (at("2026-11-20T12:00"), "")

    save_channel(given=typed(address="", shows_names=True), by=people.alice, channel=channel, version=1)
    ways = {"rules": True, "promise": False, "escalation": True}
    choose_ways(user=people.alice, chosen={kind: Ways(True, True, is_on) for kind, is_on in ways.items()})
    tell(people.alice, "promise", customer=customer, text=at("2026-11-20T09:00").isoformat())
    tell(people.alice, "mentioned", customer=customer, text="Bob：看看")
    tell(people.alice, "rules")
    tell(people.alice, "escalation", text="1 2")
    assert work() == [True]
    assert texts(said)[1].split("\n") == [
        "知客：3 条通知",
        "· 甲公司 提到了你：Bob：看看",
        f"  {SITE}/customers/{customer.pk}/",
        "· 规则变化 规则变了 动了你 3 位客户",
        "· 逾期没有跟进 你有 1 项跟进逾期，同事有 2 项跟进逾期",
        f"  {SITE}/overdue/",
        f"{SITE}/notifications/",
    ]


def test_a_teams_bot_says_once_what_several_are_told(people, said):
    make_channel(people.bob, team=people.alice.team, kinds=["promise"], language="en")
    due = at("2026-11-20T09:00").isoformat()
    for who in (people.alice, people.bob, people.charlie):
        tell(who, "promise", text=due)
    tell(people.alice, "mentioned", text="Bob：看看")
    assert work() == [True]
    assert texts(said)[0].startswith("Zhike: 1 notification\n")
    assert Delivery.objects.count() == 1


def test_what_was_read_or_is_of_somebody_who_left_is_not_said(people, said):
    make_channel(people.alice)
    make_channel(people.bob)
    tell(people.alice, "mentioned", read_at=at("2026-11-20T12:00"))
    tell(people.bob, "mentioned")
    route()
    User.objects.filter(pk=people.bob.pk).update(is_active=False)
    tell(people.bob, "mentioned")
    assert work() == [False]
    assert said == []
    assert list(Delivery.objects.values_list("state", flat=True)) == ["dropped"]
    assert not Notification.objects.filter(is_routed=False).exists()


def test_nothing_is_said_in_quiet_hours_and_all_of_it_after_them(people, said, settings):
    User.objects.filter(pk=people.alice.pk).update(timezone="Europe/Paris")
    make_channel(people.alice)
    make_channel(people.bob, team=people.alice.team, kinds=["mentioned"], quiet_from=time(12), quiet_until=time(14))
    for minute in (0, 30):
        settings.ZHIKE_NOW = at(f"2026-11-20T12:{minute:02}")
        tell(people.alice, "mentioned")
        work()
    assert said == []  # five o'clock in Paris; noon here, which the team's bot keeps quiet
    settings.ZHIKE_NOW = at("2026-11-20T14:00")
    assert work() == [True]
    settings.ZHIKE_NOW = at("2026-11-20T15:00")  # 08:00 in Paris
    assert work() == [True]
    assert [text.partition("\n")[0] for text in texts(said)] == ["知客：2 条通知"] * 2


def test_what_fails_is_tried_again_later_and_later_until_it_is_no_news(people, said, settings):
    channel = make_channel(people.alice)
    set_rhythm(user=people.alice, digest="off", digest_at=time(8), quiet_from=None, quiet_until=None)
    tell(people.alice, "mentioned")
    begun = settings.ZHIKE_NOW
    too_fast = b'{"errcode": 130101, "errmsg": "too fast"}'
    for minutes, answer, said_of_it in [
        (1, Failed("HTTP 500"), "HTTP 500"),
        (5, too_fast, "130101 too fast"),
        *((minutes, Failed("timeout 15 s"), "timeout 15 s") for minutes in (15, 60, 180, 360, 360)),
    ]:
        said.answers = [answer]
        assert work() == [False]
        channel.refresh_from_db()
        assert (channel.last_error, channel.failed_at) == (said_of_it, settings.ZHIKE_NOW)
        assert channel.next_try_at == settings.ZHIKE_NOW + timedelta(minutes=minutes)
        settings.ZHIKE_NOW = channel.next_try_at - timedelta(seconds=1)
        assert work() == []
        settings.ZHIKE_NOW = channel.next_try_at
    assert (channel.failures, len(said)) == (7, 7)
    settings.ZHIKE_NOW = begun + timedelta(hours=26)
    assert work() == [False]
    assert Delivery.objects.get().state == "dropped"
    settings.ZHIKE_NOW = begun + timedelta(days=31, hours=26)
    assert tidy() == 1

    tell(people.alice, "mentioned")
    assert work() == [True]
    channel.refresh_from_db()
    assert (channel.failures, channel.next_try_at, channel.last_error) == (0, None, "")


def test_an_address_that_is_gone_is_written_to_no_more(people, said):
    channel = make_channel(people.alice)
    tell(people.alice, "mentioned")
    said.answers = [Failed("HTTP 410", is_gone=True)]
    assert work() == [False]
    channel.refresh_from_db()
    assert (channel.is_on, channel.gone_at is not None, channel.last_error) == (False, True, "HTTP 410")
    tell(people.alice, "mentioned")
    assert work() == []
    with pytest.raises(Conflict):
        switch_channel(channel=channel, is_on=True, by=people.alice)
    save_channel(given=typed(), by=people.alice, channel=channel, version=channel.version)
    tell(people.alice, "mentioned")
    assert work() == [True]


def test_a_bot_is_tried_at_once_and_says_what_went_wrong(people, said, settings):
    channel = make_channel(people.alice, secret="SEC1")
    settings.ZHIKE_NOW = at("2026-11-20T23:00")
    try_channel(channel=channel, by=people.alice)
    assert texts(said) == ["知客：机器人连上了。Alice 发的测试消息。"]
    assert said[0].address.startswith(f"{HOOK}&timestamp=1795186800000&sign=")
    said.answers = [b'{"errcode": 310000, "errmsg": "sign not match"}']
    with pytest.raises(NotSaid, match="310000 sign not match"):
        try_channel(channel=channel, by=people.alice)
    channel.refresh_from_db()
    assert channel.last_error == "310000 sign not match"

    switch_channel(channel=channel, is_on=False, by=people.alice)
    tell(people.alice, "mentioned")
    settings.ZHIKE_NOW = at("2026-11-23T12:00")
    assert work() == []
    switch_channel(channel=channel, is_on=True, by=people.alice)
    assert work() == []  # what came up meanwhile is not made up for


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_the_same_moment_say_it_once(said):
    people = make_people()
    make_channel(people.alice)
    for _ in range(5):
        tell(people.alice, "mentioned")
    at_once([work] * 4)
    work()
    assert [text.partition("\n")[0] for text in texts(said)] == ["知客：5 条通知"]
    assert list(Delivery.objects.values_list("state", flat=True)) == ["sent"] * 5
