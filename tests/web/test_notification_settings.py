"""By which ways one hears of what, when, and one's bots: pages and what they save."""

from __future__ import annotations

from datetime import time

import pytest

from tests.classification.deciding import NOW, pack
from tests.notices.telling import HOOK, LOCMEM, make_channel, tell
from tests.scenes import rules_in_force
from zhike.classification.models import Notification
from zhike.notices.actions import channels as doing
from zhike.notices.kinds import Ways
from zhike.notices.models import Channel, Preference, Rhythm
from zhike.notices.queries import has_unread, ways


@pytest.fixture(autouse=True)
def now(db, settings):
    settings.ZHIKE_NOW = NOW
    rules_in_force(pack())


@pytest.fixture
def alice(people, signed_in):
    return signed_in(people.alice)


def test_a_page_that_asks_is_told_only_what_is_new(alice, people):
    def ask(tag=""):
        response = alice.get("/notifications/pulse/", headers={"If-None-Match": tag})
        return response.status_code, response.json() if response.status_code == 200 else None, response["ETag"]

    status, said, tag = ask()
    assert (status, said) == (200, {"unread": 0, "newest": 0, "label": "通知", "told": ""})
    assert ask(tag)[:2] == (304, None)
    one = tell(people.alice, text="12")
    tell(people.bob)
    status, said, tag = ask(tag)
    told = "规则变了 · 动了你 12 位客户"
    assert (status, said) == (200, {"unread": 1, "newest": one.pk, "label": "通知，有未读", "told": told})
    assert ask(tag)[0] == 304
    alice.post("/notifications/read/")
    assert ask(tag)[1] == {"unread": 0, "newest": 0, "label": "通知", "told": ""}


def test_a_page_that_asks_by_itself_is_nobody_being_here(alice, people, django_assert_num_queries):
    alice.get("/")
    people.alice.refresh_from_db()
    seen = people.alice.last_seen_at
    people.alice.sessions.update(last_seen_at=NOW.replace(year=2025))
    with django_assert_num_queries(5):  # the session, the person, the company, their reach, the question
        alice.get("/notifications/pulse/")
    people.alice.refresh_from_db()
    assert people.alice.last_seen_at == seen
    assert alice.get("/notifications/pulse/", headers={"Accept": "application/json"})["Cache-Control"].count("no-store")


def test_the_page_says_until_when_it_is_quiet_by_ones_own_clock(alice, people):
    assert "现在免打扰" not in alice.get("/settings/notifications/").text  # 10:00 in Shanghai
    rhythm = Rhythm.objects.create(user=people.alice, quiet_from=time(9), quiet_until=time(11, 30))
    assert "现在免打扰，今天 11:30 以后再发。" in alice.get("/settings/notifications/").text
    type(people.alice).objects.filter(pk=people.alice.pk).update(timezone="America/New_York")  # 21:00 of the day before
    assert "现在免打扰" not in alice.get("/settings/notifications/").text
    rhythm.quiet_from, rhythm.quiet_until = time(20), time(8)
    rhythm.save()
    assert "现在免打扰，明天 08:00 以后再发。" in alice.get("/settings/notifications/").text


def test_each_kind_goes_by_the_ways_that_one_chose(alice, people):
    tell(people.alice, "rules")
    usual = ways(people.alice)
    page = alice.get("/settings/notifications/")
    assert {row.kind: row.ways for row in page.context["rows"]} == usual
    chosen = {kind: kind for kind in usual if kind != "rules"}
    response = alice.post(
        "/settings/notifications/",
        {
            "do": "ways",
            "page": list(chosen),
            "digest": [kind for kind in usual if usual[kind].digest],
            "channel": [kind for kind in usual if usual[kind].channel],
        },
        follow=True,
    )
    assert "通知设置已保存" in response.text
    assert ways(people.alice)["rules"] == Ways(page=False, digest=True, channel=False)
    assert Preference.objects.count() == 1  # what is as usual is not written down
    assert not has_unread(people.alice)
    assert alice.get("/notifications/").context["days"] == []
    assert has_unread(people.bob) is False
    assert Notification.objects.filter(read_at=None).count() == 1


def test_the_hour_and_quiet_hours_are_saved_or_refused_beside_the_field(alice, people, settings):
    def save(**given):
        usual = {"do": "rhythm", "digest": "daily", "digest_at": "18:00", "groups": ["overdue", "news"]}
        return alice.post("/settings/notifications/", {**usual, "quiet_from": "22:00", "quiet_until": "07:00", **given})

    assert "还没有设置发信服务器" in alice.get("/settings/notifications/").text
    settings.MAILERS, settings.ZHIKE_URL = LOCMEM, "https://crm.example.com"
    assert "还没有设置发信服务器" not in alice.get("/settings/notifications/").text
    for given, field in [
        ({"digest_at": "06:59"}, "digest_at"),
        ({"quiet_until": ""}, "quiet_until"),
        ({"quiet_until": "22:00"}, "quiet_until"),
        ({"digest": "weekly"}, "digest"),
        ({"digest_at": ""}, "digest_at"),
    ]:
        response = save(**given)
        assert response.status_code == 422
        assert list(response.context["form"].errors) == [field]
    assert not Rhythm.objects.exists()
    assert save().status_code == 302
    row = Rhythm.objects.get()
    assert (row.user, row.digest, row.digest_at) == (people.alice, "daily", time(18))
    assert (row.quiet_from, row.quiet_until) == (time(22), time(7))
    assert row.left_out == ["escalations", "promises", "reviews", "today"]
    assert save(quiet_from="", quiet_until="", digest_at="06:00").status_code == 302
    assert save(digest="off", digest_at="03:00").status_code == 302


def test_a_bot_is_added_tried_silenced_and_taken_away(alice, people, signed_in, monkeypatch):
    answers = [b'{"errcode": 0}', b'{"errcode": 310000, "errmsg": "sign not match"}']
    monkeypatch.setattr(doing, "post", lambda _message: answers.pop(0))
    given = {"kind": "dingtalk", "name": "我的群", "address": HOOK, "secret": "SEC1"}
    wrong = alice.post("/settings/bots/new/", {**given, "address": "https://10.0.0.1/robot/send?access_token=a"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["address"])
    made = alice.post("/settings/bots/new/", given)
    channel = Channel.objects.get()
    assert made["Location"] == f"/settings/bots/{channel.pk}/"
    page = alice.get(made["Location"]).text
    assert "hush" not in page
    assert "SEC1" not in page
    assert "https://oapi.dingtalk.com/…" in page
    assert "测试消息发出去了" in alice.post(f"{made['Location']}try/", follow=True).text
    failed = alice.post(f"{made['Location']}try/", follow=True).text
    assert "没发出去：310000 sign not match" in failed
    assert "310000 sign not match" in alice.get("/settings/bots/").text
    assert "机器人不再说话了" in alice.post(f"{made['Location']}switch/", {"on": "no"}, follow=True).text
    ada = signed_in(people.ada)
    assert ada.get(made["Location"]).status_code == 404
    assert "我的群" not in ada.get("/settings/bots/").text
    assert "已移除" in alice.post(f"{made['Location']}remove/", follow=True).text
    assert not Channel.objects.exists()


def test_a_leader_sets_up_a_bot_of_the_team(people, signed_in):
    bob = signed_in(people.bob)
    form = bob.get("/settings/bots/new/").context["form"]
    assert list(form.fields["team"].queryset) == [people.bob.team]
    assert form.initial["kinds"] == ["reveals", "mentioned", "promise", "reclaim", "task"]
    given = {"kind": "dingtalk", "name": "东群", "address": HOOK, "team": people.bob.team_id, "kinds": ["promise"]}
    response = bob.post("/settings/bots/new/", {**given, "language": "en", "quiet_from": "", "quiet_until": ""})
    assert response.status_code == 302
    channel = Channel.objects.get()
    assert (channel.team, channel.user, channel.kinds, channel.language) == (people.bob.team, None, ["promise"], "en")
    other = make_channel(people.ada, team=people.charlie.team)
    assert bob.get(f"/settings/bots/{other.pk}/").status_code == 404
    assert "替团队" in bob.get(f"/settings/bots/{channel.pk}/").text
