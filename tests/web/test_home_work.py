"""The work list line by line: what is one line, in what order, what shows a rise, whom to wake, what is done from there."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from tests.factories import SHANGHAI, make_customer, make_event, make_plan, make_user

NOW = datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)  # a Thursday
TODAY = date(2026, 11, 19)
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def day(alice, people, rules, settings):
    """Alice at ten o'clock of a Thursday."""
    settings.ZHIKE_NOW = NOW
    return alice


def make_task(owner, customer=None, days: int = 0, **given):
    from zhike.base.clock import now
    from zhike.followups.models import Task

    usual = {"title": "回访", "kind": "call", "due_on": TODAY + timedelta(days=days), "created_at": now()}
    return Task.objects.create(owner=owner, customer=customer, **{**usual, **given})


def lines(response) -> dict[str, list[str]]:
    return {
        group.key: [line.customer.name if line.customer else line.what for line in group.tasks]
        for group in response.context["work"].groups
    }


def test_a_customer_is_one_line_on_the_earliest_day(day, people):
    customer = make_customer("甲", owner=people.alice, next_contact_on=TODAY)
    make_task(people.alice, customer, -3, title="补合同")
    make_task(people.alice, customer, 0, title="回访")
    make_task(people.alice, title="整理模板")
    make_task(people.bob, title="别人的")
    put_off = make_task(people.alice, make_customer("乙", owner=people.alice), -9)
    type(put_off).objects.filter(pk=put_off.pk).update(snoozed_until=TODAY + timedelta(days=2))
    response = day.get("/")
    assert lines(response) == {"overdue": ["甲"], "today": ["整理模板"]}
    (line,) = response.context["work"].groups[0].tasks
    assert (line.what, line.more, line.overdue_days) == ("补合同", 1, 3)
    assert lines(day.get("/?more=coming"))["coming"] == ["乙"]


def test_priority_weighs_what_time_does_not(day, people):
    for name, days, amount in [("久", -4, 0), ("大", -1, 30_000_000)]:
        customer = make_customer(name, owner=people.alice, next_contact_on=TODAY + timedelta(days=days))
        if amount:
            make_event(customer, "order.placed", TODAY - timedelta(days=9), amount=amount)
    assert lines(day.get("/"))["overdue"] == ["大", "久"]
    assert lines(day.get("/?order=time"))["overdue"] == ["久", "大"]
    first = day.get("/").context["work"].groups[0]
    assert first.tasks[0].first == "近 365 天成交 ¥300,000 · 新客户 · 高价值"
    assert first.amount == 30_000_000


def test_a_rise_shows_the_signals_before_it_and_goes_when_it_is_over(day, people):
    from zhike.classification.models import Placement

    hot, over = make_customer("热", owner=people.alice), make_customer("凉", owner=people.alice)
    for customer in (hot, over):
        for hours in range(4):
            make_event(
                customer,
                "page.viewed",
                occurred_at=NOW - timedelta(days=2, hours=hours),
                data={"title": "P6 报价", "seconds": 90},
            )
        make_event(customer, "inquiry.received", TODAY - timedelta(days=1), data={"title": "P6 多少钱"})
    rising = day.get("/home/rising/").context["rising"]
    assert {one.customer.name for one in rising.risers} == {"热", "凉"}
    assert rising.risers[0].shows == "1 天内 4 次看「P6 报价」，收到咨询「P6 多少钱」"
    assert list(rising.risers[0].days[-4:]) == [0, 4, 1, 0]
    Placement.objects.filter(customer=over, dimension="intent").update(class_key="watching")
    assert [one.customer.name for one in day.get("/home/rising/").context["rising"].risers] == ["热"]


def test_a_sleeper_of_high_value_says_what_they_need_again(day, people):
    sleeper = make_customer("睡", owner=people.alice, created_on=TODAY - timedelta(days=400))
    for ago in (300, 240, 180, 120):
        make_event(sleeper, "order.placed", TODAY - timedelta(days=ago), amount=6_000_000, data={"title": "滤芯"})
    waking = day.get("/home/wake/").context["waking"]
    (one,) = waking.sleepers
    assert (one.customer.name, one.amount, one.why, one.title) == (
        "睡",
        24_000_000,
        "「滤芯」约 60 天买一次，已过 60 天",
        "唤醒：滤芯该补了",
    )
    found = day.get(f"/customers/?{waking.query}")
    assert "睡" in found.text
    form = {"kind": "call", "title": one.title, "text": one.why}
    assert "睡：排进了今天" in day.post(f"/home/customers/{sleeper.pk}/arrange/", form, headers=PARTIAL).text
    assert lines(day.get("/"))["today"] == ["睡"]


def test_the_schedule_has_the_present_moment_between_what_was_and_what_comes(day, people):
    for at, title in [(time(9), "早会"), (time(14), "方案讲解"), (time(10, 30), "续签拜访")]:
        make_task(people.alice, title=title, due_at=at)
    make_task(people.alice, title="不定时")
    found = day.get("/").context["schedule"]
    assert [one.task.title for one in found.past] == ["早会"]
    assert [(one.task.title, one.is_next) for one in found.ahead] == [("续签拜访", True), ("方案讲解", False)]
    assert "10:30 续签拜访" in day.get("/").text


def test_of_a_long_day_the_schedule_draws_what_lies_around_now_and_leads_to_the_rest(day, people):
    for minute in range(0, 60, 2):
        make_task(people.alice, title=f"早 {minute}", due_at=time(8, minute))
        make_task(people.alice, title=f"晚 {minute}", due_at=time(18, minute))
    page = day.get("/")
    found = page.context["schedule"]
    assert [one.task.title for one in found.past] == [f"早 {minute}" for minute in range(50, 60, 2)]
    assert [one.task.title for one in found.ahead] == [f"晚 {minute}" for minute in range(0, 30, 2)]
    assert (found.size, found.more) == (60, 40)
    assert '<a href="/tasks/calendar/?view=day">还有 40 项，在日历里看</a>' in page.text


def line_of(day, customer):
    """Return the line of a customer on the home page."""
    return next(
        line for group in day.get("/").context["work"].groups for line in group.tasks if line.customer == customer
    )


def test_what_is_written_down_finishes_the_task_and_plans_the_next_contact(day, people):
    from zhike.timeline.models import Event

    customer = make_customer("甲", owner=people.alice)
    task = make_task(people.alice, customer, kind="visit")
    line = line_of(day, customer)
    assert line.log_url == f"/customers/{customer.pk}/log/panel/?task={task.pk}&line=c{customer.pk}"
    shown = day.get(line.log_url, headers=PARTIAL)
    assert "<dialog" not in shown.text
    assert f'hx-post="{line.log_url.replace("&", "&amp;")}" hx-target="closest [data-row]"' in shown.text
    form = {name: shown.context["log"][name].value() for name in ("key", "kind", "task")}
    assert (form["kind"], form["task"]) == ("visit", task.pk)
    form |= {"result": "有进展", "text": "下周签", "next_contact_on": "2026-11-01"}
    refused = day.post(line.log_url, form, headers=PARTIAL)
    assert (refused.status_code, refused["HX-Retarget"], refused["HX-Reswap"]) == (
        422,
        f"#log-c{customer.pk}",
        "innerHTML",
    )
    written = day.post(line.log_url, {**form, "next_contact_on": "11-26"}, headers=PARTIAL)
    assert "已记录，完成了：回访" in written.text
    assert "HX-Retarget" not in written
    task.refresh_from_db()
    customer.refresh_from_db()
    assert (task.state, task.outcome, customer.next_contact_on) == ("done", "agreed", date(2026, 11, 26))
    assert Event.objects.get(kind="visit.made").data["text"] == "下周签"


def test_a_line_is_finished_at_once_and_says_which_class_that_has_changed(day, people):
    sleeper = make_customer("睡", owner=people.alice, created_on=TODAY - timedelta(days=400))
    make_event(sleeper, "call.made", TODAY - timedelta(days=120))
    task, alone = make_task(people.alice, sleeper), make_task(people.alice, title="整理模板", kind="todo")
    line = line_of(day, sleeper)
    done = day.post(line.done_url, {"version": 1}, headers=PARTIAL)
    assert "完成了：回访" in done.text
    assert "活跃度" in done.text
    day.post(f"/tasks/{alone.pk}/done/?line=t{alone.pk}", {"version": 1}, headers=PARTIAL)
    task.refresh_from_db()
    alone.refresh_from_db()
    assert [(one.state, one.outcome) for one in (task, alone)] == [("done", "reached"), ("done", "other")]
    # Without scripts one comes back to the page on which the line was.
    other = make_task(people.alice)
    assert day.post(f"/tasks/{other.pk}/done/?line=t{other.pk}", {"version": 1}).url == "/"


def test_a_line_is_put_off_to_a_later_day_only(day, people):
    customer = make_customer("甲", owner=people.alice, next_contact_on=TODAY)
    task = make_task(people.alice)
    line = line_of(day, customer)
    assert line.later_url == f"/customers/{customer.pk}/next-contact/?line=c{customer.pk}"
    assert "甲：11-22" in day.post(line.later_url, {"until": "+3"}, headers=PARTIAL).text
    customer.refresh_from_db()
    assert customer.next_contact_on == TODAY + timedelta(days=3)
    for wrong in ("", "改天", "昨天"):
        refused = day.post(line.later_url, {"until": wrong}, headers=PARTIAL)
        assert (refused.status_code, refused["HX-Retarget"]) == (422, f"#log-c{customer.pk}")
    later = f"/tasks/{task.pk}/snooze/?line=t{task.pk}"
    for wrong in ("", "+0", "2026-11-19"):
        assert day.post(later, {"version": 1, "until": wrong}, headers=PARTIAL).status_code == 422
    assert day.post(later, {"version": 1, "until": "+1"}).url == "/"
    task.refresh_from_db()
    customer.refresh_from_db()
    assert (task.snoozed_until, customer.next_contact_on) == (TODAY + timedelta(days=1), TODAY + timedelta(days=3))
    # Somebody who has an old page before them changes nothing, and is told below the line.
    stale = day.post(f"/tasks/{task.pk}/done/?line=t{task.pk}", {"version": 1}, headers=PARTIAL)
    assert (stale.status_code, stale["HX-Retarget"]) == (409, f"#log-t{task.pk}")
    assert "这项任务刚被别人改过" in stale.text
    task.refresh_from_db()
    assert task.state == "open"


def test_the_day_of_the_next_contact_is_changed_from_the_record(day, people):
    customer = make_customer("甲", owner=people.alice, next_contact_on=TODAY)
    path = f"/customers/{customer.pk}/next-contact/"
    assert f'href="{path}" data-dialog' in day.get(f"/customers/{customer.pk}/").text
    assert "HX-Retarget" not in day.get(path, headers=PARTIAL)
    # The whole record is drawn again.
    assert day.post(path, {"until": "下周三"}, headers=PARTIAL)["HX-Redirect"] == f"/customers/{customer.pk}/"
    customer.refresh_from_db()
    assert customer.next_contact_on == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("who", "has_customers", "homes", "chosen"),
    [
        ("alice", False, ["work"], "work"),
        ("bob", False, ["work", "team"], "team"),
        ("bob", True, ["work", "team"], "work"),
        ("ada", False, ["work", "team", "company"], "company"),
        ("otto", False, ["work"], "work"),
    ],
)
def test_the_home_follows_from_what_somebody_sees_and_does(  # noqa: PLR0913, PLR0917  a row of the table
    people, rules, signed_in, who, has_customers, homes, chosen
):
    user = make_user("Otto", role="auditor") if who == "otto" else getattr(people, who)
    if has_customers:
        make_customer(owner=user)
    client = signed_in(user)
    found = client.get("/")
    assert (list(found.context["homes"]), found.context["chosen"]) == (homes, chosen)
    for home in homes:
        assert client.get(f"/?home={home}").context["chosen"] == home
    # What is not one's own cannot be asked for.
    assert client.get("/?home=company").context["chosen"] == ("company" if "company" in homes else chosen)


def test_the_work_of_a_colleague_is_for_those_who_see_them(people, rules, signed_in):
    make_customer("甲", owner=people.alice, next_contact_on=TODAY)
    assert "甲" in signed_in(people.bob).get(f"/?of={people.alice.pk}").text
    assert signed_in(people.charlie).get(f"/?of={people.alice.pk}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/home/team/",
        "/home/company/",
        "/home/changed/",
        "/home/rising/?of=all",
        "/home/wake/?of=all",
        "/figures/?of=all",
        "/?of=all&home=work",
    ],
)
def test_the_number_of_queries_does_not_grow_with_people_and_tasks(
    people, rules, signed_in, django_assert_max_num_queries, path
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def more(number: int) -> None:
        user = make_user(team=people.alice.team)
        customer = make_customer(f"客户{number}", owner=user, next_contact_on=TODAY - timedelta(days=number))
        make_event(customer, "order.placed", amount=30_000_000)
        for days in (-3, 0, 2):
            make_task(user, customer, days)
        make_task(user, make_customer(f"别家{number}", owner=user), title="致电", plan=make_plan(customer), step="call")

    client = signed_in(people.ada)
    more(1)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    for number in range(2, 6):
        more(number)
    with django_assert_max_num_queries(len(few)):
        client.get(path)
