"""Tasks in the browser: listed, made, done, put off, given away, moved, and read by a calendar program."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from icalendar import Calendar

from tests.factories import SHANGHAI, make_customer, make_plan
from zhike.base.clock import now, today
from zhike.customers.models import Contact, Reach
from zhike.followups.actions.feeds import open_feed
from zhike.followups.models import CalendarFeed, Follower, PlanTemplate, Task
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from icalendar import Component

AS_PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture(autouse=True)
def no_plan_begins_by_itself(rules):
    PlanTemplate.objects.update(is_active=False)


def day(days: int = 0) -> date:
    return today(SHANGHAI) + timedelta(days=days)


def make_task(owner, title="续签", *, days=0, **given):
    return Task.objects.create(owner=owner, creator=owner, title=title, due_on=day(days), created_at=now(), **given)


def test_the_list_goes_by_day_and_within_it_by_priority_page_by_page(alice, people, monkeypatch):
    monkeypatch.setattr("zhike.web.tasks.views.PAGE_SIZE", 3)
    made = [("以后", 30, 2), ("今天低", 0, 3), ("今天高", 0, 1), ("逾期", -2, 2), ("本周", 3, 2)]
    for title, days, priority in made:
        make_task(people.alice, title, days=days, priority=priority)
    make_task(people.bob, "别人的")

    first = alice.get("/tasks/")
    assert [row.task.title for row in first.context["rows"]] == ["逾期", "今天高", "今天低"]
    assert [group.key for group in first.context["groups"]] == ["overdue", "today"]
    assert (str(first.context["overdue"]), str(first.context["due_today"])) == ("1", "2")
    second = alice.get(f"/tasks/{first.context['next_page']}")
    assert [row.task.title for row in second.context["rows"]] == ["本周", "以后"]
    back = alice.get(f"/tasks/{second.context['previous_page']}")
    assert [row.task.title for row in back.context["rows"]] == ["逾期", "今天高", "今天低"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["我的"]),
        ("?of=following", ["关注的", "交办的"]),
        ("?of=team", ["我的", "关注的", "交办的", "组员的"]),
        ("?kind=visit", []),
        ("?state=done", ["做完的"]),
    ],
)
def test_whose_tasks_are_shown(people, rules, signed_in, query, titles):
    bob, alice = people.bob, people.alice
    make_task(bob, "我的")
    Follower.objects.create(task=make_task(alice, "关注的"), user=bob, added_at=now())
    given = make_task(alice, "交办的")
    Task.objects.filter(pk=given.pk).update(creator=bob)
    make_task(alice, "组员的")
    make_task(bob, "做完的", state="done", done_at=now())

    rows = signed_in(bob).get(f"/tasks/{query}").context["rows"]
    assert sorted(row.task.title for row in rows) == sorted(titles)


def test_a_filter_that_nobody_knows_is_refused(alice):
    assert alice.get("/tasks/?kind=dance").status_code == 400
    assert alice.get("/tasks/?of=team").status_code == 400  # she leads nobody
    assert alice.get("/tasks/board/?by=mood").status_code == 400


def test_one_line_makes_a_task_once(alice, people, hotel):
    form = {"line": "明天 15:00 给沈工打电话 !", "key": str(uuid4())}
    for _ in range(2):
        response = alice.post(f"/tasks/quick/?customer={hotel.pk}", form)
        assert response.url == f"/customers/{hotel.pk}/"
    task = Task.objects.get()
    assert (task.title, task.kind, task.due_on, task.due_at, task.priority, task.customer, task.owner) == (
        "给沈工打电话",
        "call",
        day(1),
        time(15),
        Task.Priority.HIGH,
        hotel,
        people.alice,
    )
    assert "给沈工打电话" in alice.get(f"/customers/{hotel.pk}/next/").text
    assert alice.post("/tasks/quick/", {"line": " ", "key": str(uuid4())}).status_code == 422
    assert Task.objects.count() == 1


def test_a_form_takes_words_for_the_day_and_for_the_repetition(alice, people, hotel):
    form = {
        "title": "年度维保",
        "kind": "visit",
        "due_on": "+3",
        "due_at": "10:30",
        "priority": "1",
        "owner": people.alice.pk,
        "recurrence": "每周一和周四",
        "checklist": "[x] 报告\n报价单",
        "followers": [people.bob.pk],
        "key": str(uuid4()),
    }
    assert alice.post(f"/customers/{hotel.pk}/tasks/new/", {**form, "recurrence": "有空时"}).status_code == 422
    assert alice.post(f"/customers/{hotel.pk}/tasks/new/", {**form, "due_on": "改天"}).status_code == 422
    assert not Task.objects.exists()

    alice.post(f"/customers/{hotel.pk}/tasks/new/", form)

    task = Task.objects.get()
    assert (task.due_on, task.due_at, task.recurrence) == (day(3), time(10, 30), "FREQ=WEEKLY;BYDAY=MO,TH")
    assert task.checklist == [{"text": "报告", "done": True}, {"text": "报价单", "done": False}]
    assert list(task.followers.all()) == [people.bob]
    page = alice.get(f"/tasks/{task.pk}/").text
    assert "每周一、周四" in page
    assert "[x] 报告" in page
    alice.post(f"/tasks/{task.pk}/check/1/", {"version": task.version})
    assert [item["done"] for item in Task.objects.get().checklist] == [True, True]


def test_of_two_editors_the_second_sees_what_differs(alice, people):
    task = make_task(people.alice, "续签")
    form = {"title": "我的写法", "kind": "todo", "due_on": day().isoformat(), "priority": "2", "version": task.version}
    Task.objects.filter(pk=task.pk).update(title="别人的写法", version=2)

    refused = alice.post(f"/tasks/{task.pk}/", form)

    assert refused.status_code == 409
    assert [(one.label, one.theirs, one.mine) for one in refused.context["differs"]] == [
        ("做什么", "别人的写法", "我的写法")
    ]
    assert Task.objects.get().title == "别人的写法"


def test_done_from_the_list_says_what_it_changed_and_takes_the_row_away(alice, people, hotel):
    task = make_task(people.alice, "回访", customer=hotel, kind="call", recurrence="FREQ=WEEKLY")
    asked = alice.get(f"/tasks/{task.pk}/done/", headers=AS_PART).text
    assert "已联系上" in asked
    assert "<html" not in asked
    done = alice.post(
        f"/tasks/{task.pk}/done/", {"version": 1, "outcome": "reached", "text": "聊了"}, headers=AS_PART
    ).text
    assert f'data-saved="task-{task.pk}"' in done
    assert "完成了：回访" in done
    assert "下一次" in done
    assert Event.objects.filter(customer=hotel, kind="call.made").count() == 1

    late = alice.post(f"/tasks/{task.pk}/done/", {"version": 1, "outcome": "refused"}, headers=AS_PART)
    assert late.status_code == 409
    assert "data-saved" not in late.text


def test_put_off_given_away_dropped_and_followed(alice, people):
    task = make_task(people.alice, "周报")
    assert alice.post(f"/tasks/{task.pk}/snooze/", {"version": 1, "until": "昨天"}).status_code == 422
    alice.post(f"/tasks/{task.pk}/snooze/", {"version": 1, "until": "+2"})
    task.refresh_from_db()
    assert (task.snoozed_until, task.due_on) == (day(2), day())

    alice.post(f"/tasks/{task.pk}/delegate/", {"version": task.version, "to": people.bob.pk})
    task.refresh_from_db()
    assert task.owner == people.bob
    assert Follower.objects.filter(task=task, user=people.alice).exists()
    alice.post(f"/tasks/{task.pk}/follow/")
    assert not Follower.objects.filter(task=task, user=people.alice).exists()
    alice.post(f"/tasks/{task.pk}/drop/", {"version": task.version})
    task.refresh_from_db()
    assert task.state == "dropped"


def test_many_at_once(alice, people):
    one, two, other = make_task(people.alice, "一"), make_task(people.alice, "二"), make_task(people.bob, "别人的")
    alice.post("/tasks/snooze/", {"task": [one.pk, two.pk, other.pk], "until": "下周一"})
    assert {task.snoozed_until is None for task in Task.objects.filter(pk__in=[one.pk, two.pk])} == {False}
    assert alice.post("/tasks/snooze/", {"task": [one.pk], "until": "改天"}).status_code == 422
    alice.post("/tasks/done/", {"task": [one.pk, two.pk, other.pk]})
    assert set(Task.objects.filter(state="done")) == {one, two}


def test_a_move_is_written_with_its_version_or_refused_with_the_reason(alice, people):
    task = make_task(people.alice, "拜访", due_at=time(10))
    json = {"Accept": "application/json"}
    moved = alice.post(
        f"/tasks/{task.pk}/move/", {"due_on": day(3), "keeps_time": "1", "version": 1}, headers=json
    ).json()
    assert moved["version"] == 2
    refused = alice.post(f"/tasks/{task.pk}/move/", {"due_on": day(5), "version": 1}, headers=json)
    assert (refused.status_code, refused.json()["message"]) == (409, "这项任务刚被别人改过，再看一眼")
    alice.post(f"/tasks/{task.pk}/move/", {"kind": "call", "version": 2})
    task.refresh_from_db()
    assert (task.due_on, task.due_at, task.kind) == (day(3), time(10), "call")


def test_board_and_calendar_show_the_same_tasks(alice, people, hotel):
    make_task(people.alice, "电话", customer=hotel, kind="call", due_at=time(9, 30))
    make_task(people.alice, "晚的", days=-3)
    make_task(people.alice, "完了", state="done", done_at=now())
    lanes = {lane.key: [row.task.title for row in lane.rows] for lane in alice.get("/tasks/board/").context["lanes"]}
    assert (lanes["overdue"], lanes[day().isoformat()]) == (["晚的"], ["电话"])
    kinds = {one.key: len(one.rows) for one in alice.get("/tasks/board/?by=kind").context["lanes"]}
    assert (kinds["call"], kinds["todo"]) == (1, 1)
    states = {one.key: len(one.rows) for one in alice.get("/tasks/board/?by=state").context["lanes"]}
    assert states == {"due": 2, "coming": 0, "done": 1}

    found = alice.get(f"/tasks/days/?start={day(-5)}&end={day(5)}").json()["events"]
    assert [(one["title"], one["allDay"], one["start"]) for one in found] == [
        ("晚的", True, day(-3).isoformat()),
        (f"{hotel.name} · 电话", False, f"{day().isoformat()}T09:30"),
    ]
    assert alice.get(f"/tasks/days/?start={day(-5)}&end={day(100)}").status_code == 422


def test_the_pages_ask_no_more_for_more_tasks(alice, people, hotel, django_assert_max_num_queries):
    for number in range(30):
        make_task(people.alice, f"任务{number}", days=number % 9 - 2, customer=hotel)
    for address in ("/tasks/", "/tasks/board/", f"/customers/{hotel.pk}/next/"):
        with django_assert_max_num_queries(45):
            alice.get(address)


def read(response) -> str:
    """Return what an answer says: of JSON the words, of a calendar the unfolded lines."""
    if response["Content-Type"] == "application/json":
        return str(response.json())
    return response.text.replace("\r\n ", "")


def test_a_step_of_a_plan_is_named_in_the_language_of_whoever_reads_it(alice, people, hotel):
    from zhike.followups.actions.plans import start_plan
    from zhike.notices.digest import letter

    PlanTemplate.objects.filter(key="hot_lead").update(is_active=True)
    start_plan(customer=hotel, template=PlanTemplate.objects.get(key="hot_lead"), by=people.alice)
    task = Task.objects.get()
    feed = f"/calendars/{open_feed(by=people.alice)}.ics"
    days = f"/tasks/days/?start={day(-9)}&end={day(9)}"
    places = ["/tasks/", "/tasks/board/", days, f"/customers/{hotel.pk}/next/", f"/tasks/{task.pk}/", feed]
    for language, called, other in [
        ("zh-hans", "当天致电", "Call the same day"),
        ("en", "Call the same day", "当天致电"),
    ]:
        type(people.alice).objects.filter(pk=people.alice.pk).update(language=language)
        people.alice.refresh_from_db()
        digest = letter(people.alice, task.due_on)
        for text in [*(read(alice.get(place)) for place in places), digest.text if digest else ""]:
            assert (called in text, other in text) == (True, False)
    form = alice.get(f"/tasks/{task.pk}/").context["form"]
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    assert given["title"] == "Call the same day"
    alice.post(f"/tasks/{task.pk}/", {**given, "due_on": day(3).isoformat(), "version": task.version})
    task.refresh_from_db()
    assert (task.title, task.due_on) == ("当天致电", day(3))


def test_a_secret_link_shows_the_calendar_until_it_is_ended(alice, people, hotel, client):
    make_task(people.alice, "拜访", customer=hotel, due_at=time(10, 30))
    make_task(people.bob, "别人的")
    page = alice.post("/settings/calendar/").text
    token = page.split("/calendars/")[1].split(".ics")[0]
    found = client.get(f"/calendars/{token}.ics")
    assert found["Content-Type"] == "text/calendar; charset=utf-8"
    text = found.text.replace("\r\n ", "")
    assert f"SUMMARY:{hotel.name} · 拜访" in text
    assert f"DTSTART;TZID=Asia/Shanghai:{day():%Y%m%d}T103000" in text
    assert "BEGIN:VTIMEZONE" in text
    assert "别人的" not in text
    assert token not in alice.get("/settings/calendar/").text
    assert token not in str(CalendarFeed.objects.values())

    wrong = client.get("/calendars/wrong.ics")
    newer = open_feed(by=people.alice)
    ended = client.get(f"/calendars/{token}.ics")
    type(people.alice).objects.filter(pk=people.alice.pk).update(is_active=False)
    left = client.get(f"/calendars/{newer}.ics")
    assert {one.status_code for one in (wrong, ended, left)} == {404}
    assert wrong.content == ended.content == left.content


def make_meeting(people, hotel, **given) -> Task:
    """A meeting of Alice's about which Bob hears, and a contact who can be written to, and one who has left."""
    task = make_task(people.alice, "方案会", customer=hotel, kind="meeting", due_at=time(14), text="带报价", **given)
    Follower.objects.create(task=task, user=people.bob, added_at=now())
    for name, email, left in (("沈一帆", "shen@example.com", None), ("离职的", "gone@example.com", day(-1))):
        contact = Contact.objects.create(customer=hotel, name=name, left_on=left)
        Reach.objects.create(customer=hotel, contact=contact, kind=Reach.Kind.EMAIL, value=email)
    return task


def read_invitation(content: bytes) -> Component:
    """Return the event of an invitation."""
    calendar = Calendar.from_ical(content)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    [event] = calendar.walk("VEVENT")
    return event


def test_an_invitation_says_what_where_and_who(alice, people, hotel):
    task = make_meeting(people, hotel)
    file = alice.get(f"/tasks/{task.pk}/invitation.ics")
    assert file["Content-Type"] == "text/calendar; charset=utf-8"
    assert file["Content-Disposition"] == f'attachment; filename="task-{task.pk}.ics"'
    event = read_invitation(file.content)
    assert event["SUMMARY"] == f"{hotel.name} · 方案会"
    assert (event["UID"], event["SEQUENCE"], event["DESCRIPTION"]) == (f"task-{task.pk}@testserver", 1, "带报价")
    assert event.decoded("DTSTART") == datetime.combine(day(), time(14), SHANGHAI)
    assert event.decoded("DTEND") == datetime.combine(day(), time(14, 30), SHANGHAI)
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == (
        f"mailto:{people.alice.email}",
        people.alice.name,
    )
    guests = {guest: (guest.params["CN"], guest.params["RSVP"]) for guest in event["ATTENDEE"]}
    assert guests == {
        f"mailto:{people.bob.email}": (people.bob.name, "TRUE"),
        "mailto:shen@example.com": ("沈一帆", "TRUE"),
    }
    # What was moved since is a later version of the same meeting, on its new day; without a time it takes the day.
    alice.post(f"/tasks/{task.pk}/move/", {"due_on": day(1), "version": 1})
    moved = read_invitation(alice.get(f"/tasks/{task.pk}/invitation.ics").content)
    assert (moved["UID"], moved["SEQUENCE"], moved.decoded("DTSTART")) == (f"task-{task.pk}@testserver", 2, day(1))
    assert (moved.decoded("DTEND"), moved["TRANSP"]) == (day(2), "TRANSPARENT")


def test_an_invitation_goes_to_those_who_were_chosen(alice, people, hotel, settings, mailoutbox):
    task = make_meeting(people, hotel)
    path = f"/tasks/{task.pk}/invitation/"
    unsent = alice.post(path, {"to": people.bob.email})
    assert unsent.status_code == 422
    assert "没有配置邮件服务，下载文件自己发吧" in unsent.text

    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    settings.ZHIKE_URL = "http://crm.example.com"
    assert alice.get(path).context["people"] == [(people.bob.name, people.bob.email), ("沈一帆", "shen@example.com")]
    for nobody in ({}, {"to": "stranger@example.com"}, {"to": "gone@example.com"}):
        refused = alice.post(path, nobody)
        assert refused.status_code == 422
        assert "选 1 到 30 位收件人" in refused.text
    assert mailoutbox == []

    assert alice.post(path, {"to": ["shen@example.com", "stranger@example.com"]}).url == f"/tasks/{task.pk}/"
    [letter] = mailoutbox
    assert (letter.to, letter.subject) == (["shen@example.com"], "邀请：方案会")
    [attached] = letter.attachments
    assert (attached.filename, attached.mimetype) == ("invitation.ics", "text/calendar; method=REQUEST")
    content = attached.content if isinstance(attached.content, bytes) else attached.content.encode()
    event = read_invitation(content)
    # One guest is no list.
    assert (event["ATTENDEE"], event["UID"]) == ("mailto:shen@example.com", f"task-{task.pk}@crm.example.com")


def test_a_stranger_neither_sees_nor_does_anything(people, rules, hotel, signed_in):
    task = make_task(people.alice, "续签", customer=hotel)
    charlie = signed_in(people.charlie)
    assert charlie.get(f"/tasks/{task.pk}/").status_code == 404
    assert charlie.post(f"/tasks/{task.pk}/done/", {"version": 1, "outcome": "reached"}).status_code == 404
    make_customer("别家", owner=people.charlie)
    assert charlie.get(f"/customers/{hotel.pk}/next/").status_code == 404
    task.refresh_from_db()
    assert (task.state, task.version) == ("open", 1)


@pytest.mark.parametrize(
    "path",
    ["", "?of=following", "?of=team&state=done", "board/?of=team", "board/?of=team&by=state", "days/?of=team&{span}"],
)
def test_the_number_of_queries_does_not_grow_with_tasks(people, rules, signed_in, django_assert_max_num_queries, path):
    def more(number: int) -> None:
        customer = make_customer(f"客户{number}", owner=people.alice)
        step = {"customer": customer, "plan": make_plan(customer), "step": "call"}  # whose name is its own
        for owner, days in ((people.alice, -2), (people.alice, 3), (people.bob, 0)):
            make_task(owner, "致电", days=days, customer=customer)
        make_task(people.bob, "致电", **step)
        made = make_task(
            people.alice, "致电", **{**step, "plan": make_plan(make_customer())}, state="done", done_at=now()
        )
        Follower.objects.create(task=made, user=people.bob, added_at=now())
        Follower.objects.create(task=make_task(people.alice, "跟着看"), user=people.bob, added_at=now())

    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    bob, address = signed_in(people.bob), "/tasks/" + path.format(span=f"start={day(-7)}&end={day(7)}")
    more(1)
    bob.get(address)
    with CaptureQueriesContext(connection) as few:
        bob.get(address)
    for number in range(2, 6):
        more(number)
    with django_assert_max_num_queries(len(few)):
        assert bob.get(address).status_code == 200
