"""What is overdue in the browser: what came up to whom, what may be given to somebody else, and after how many days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.test.utils import CaptureQueriesContext

from tests.factories import SHANGHAI, make_customer, make_user
from tests.scenes import once
from zhike.audit.models import Entry
from zhike.classification.models import Notification
from zhike.customers.models import Customer
from zhike.followups.actions.finishing import drop_task, finish_task
from zhike.followups.actions.ladder import climb
from zhike.followups.actions.tasks import delegate_task, move_task
from zhike.followups.models import Escalation, LadderTerms, Task
from zhike.followups.queries.ladder import terms

NOW = datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)  # a Thursday
TODAY = date(2026, 11, 19)
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def late(people, rules, settings):
    """Three tasks of Alice's and a day that she agreed on, each a step further than the one before; Eve is in her team."""
    settings.ZHIKE_NOW = NOW

    def build():
        eve = make_user("Eve", team=people.alice.team)
        hotel = make_customer("梧桐里酒店", owner=people.alice)
        for title, days, customer in [("补合同", 8, hotel), ("回访", 6, None), ("寄样", 3, hotel)]:
            make_task(people.alice, title, days, customer)
        make_customer("青山茶业", owner=people.alice, next_contact_on=TODAY - timedelta(days=5))
        make_task(people.charlie, "别组的", 3)
        climb(TODAY)
        return eve

    return once("what is late with Alice", build)


def make_task(owner, title, days, customer=None):
    return Task.objects.create(
        owner=owner,
        creator=owner,
        customer=customer,
        title=title,
        due_on=TODAY - timedelta(days=days),
        created_at=NOW - timedelta(days=days),
    )


def shown(response) -> list[tuple[str, str, int, str]]:
    """Return of each row the customer, the task, how late it is and how far it came."""
    return [
        (
            row.customer.name if row.customer else "",
            row.task.title if row.task else "",
            row.days,
            str(row.step),
        )
        for row in response.context["rows"]
    ]


ALL_OF_ALICE = [
    ("梧桐里酒店", "补合同", 8, "告诉了主管的主管"),
    ("", "回访", 6, "告诉了主管"),
    ("青山茶业", "", 5, "告诉了主管"),
    ("梧桐里酒店", "寄样", 3, "提醒了负责人"),
]


@pytest.mark.parametrize(
    ("who", "query", "expected"),
    [
        ("alice", "", ALL_OF_ALICE),
        ("bob", "", ALL_OF_ALICE[:3]),
        ("bob", "?of=all", ALL_OF_ALICE),
        ("ada", "", ALL_OF_ALICE[:1]),
        ("ada", "?of=all", [*ALL_OF_ALICE, ("", "别组的", 3, "提醒了负责人")]),
        ("charlie", "", [("", "别组的", 3, "提醒了负责人")]),
        ("charlie", "?state=settled", []),
        ("carol", "?of=all", [("", "别组的", 3, "提醒了负责人")]),  # she leads another team
    ],
)
def test_each_sees_what_came_up_to_them_and_to_those_whom_they_see(people, late, signed_in, who, query, expected):
    assert shown(signed_in(getattr(people, who)).get(f"/overdue/{query}")) == expected


def test_one_persons_are_chosen_by_name_and_nobody_else_can_be_asked_for(people, late, signed_in):
    ada = signed_in(people.ada)
    assert [row[1] for row in shown(ada.get(f"/overdue/?of={people.charlie.pk}"))] == ["别组的"]
    alice = signed_in(people.alice)
    assert [choice.name for choice in alice.get("/overdue/").context["choices"]] == ["state"]
    for query in ("of=all", f"of={people.charlie.pk}", "state=gone"):
        assert alice.get(f"/overdue/?{query}").status_code == 400


def test_the_page_says_whose_when_it_was_due_and_when_it_was_said(people, late, signed_in):
    page = signed_in(people.bob).get("/overdue/").text
    assert "Alice · 应在 11-11 周三 · 今天 10:00 告诉了主管的主管" in " ".join(page.split())
    assert "到了联系的日子没联系" in page
    assert "逾期 8 天" in page
    assert "逾期 3、5、7 天，逐级提醒" in page
    assert 'href="/settings/overdue/"' not in page
    assert 'href="/settings/overdue/"' in signed_in(people.ada).get("/overdue/").text


def test_it_goes_page_by_page_in_a_number_of_queries_that_never_grows(people, late, signed_in, monkeypatch):
    from django.db import connection

    bob = signed_in(people.bob)
    bob.get("/overdue/?of=all")
    with CaptureQueriesContext(connection) as few:
        bob.get("/overdue/?of=all")
    for number in range(6):
        make_task(people.alice, f"再{number}", 9)
    climb(TODAY)
    with CaptureQueriesContext(connection) as many:
        bob.get("/overdue/?of=all")
    assert len(many) == len(few)
    monkeypatch.setattr("zhike.web.ladder.views.PAGE_SIZE", 4)
    first = bob.get("/overdue/?of=all")
    assert [row.task.title for row in first.context["rows"]] == ["再0", "再1", "再2", "再3"]
    second = bob.get(f"/overdue/{first.context['next_page']}")
    assert [row[1] for row in shown(second)] == ["再4", "再5", "补合同", "回访"]
    assert "5–8 / 10 项" in second.text
    third = bob.get(f"/overdue/{second.context['next_page']}")
    assert (shown(third), third.context["next_page"]) == (ALL_OF_ALICE[2:], "?of=all")
    assert shown(bob.get(f"/overdue/{third.context['previous_page']}")) == shown(second)


def test_what_is_settled_says_what_became_of_it(people, late, signed_in):
    by = people.alice
    tasks = {task.title: task for task in Task.objects.filter(owner=by)}
    finish_task(task=tasks["补合同"], version=1, outcome="other", by=by)
    drop_task(task=tasks["回访"], version=1, by=by)
    move_task(task=tasks["寄样"], version=1, due_on=TODAY + timedelta(days=1), by=by)
    Customer.objects.filter(name="青山茶业").update(next_contact_on=TODAY + timedelta(days=2))
    alice = signed_in(by)
    assert shown(alice.get("/overdue/")) == []
    response = alice.get("/overdue/?state=settled")
    assert {(row.task.title if row.task else "", row.became) for row in response.context["rows"]} == {
        ("补合同", "做完了，晚了 8 天"),
        ("回访", "取消了"),
        ("寄样", "改到 明天"),
        ("", "下次联系改到 11-21 周六"),
    }


def test_who_leads_gives_a_task_to_who_has_least_to_do_by_the_act_that_gives_tasks(people, late, signed_in):
    bob = signed_in(people.bob)
    contract, visit, tea = bob.get("/overdue/").context["rows"]
    task = contract.task
    assert contract.act == f"/tasks/{task.pk}/delegate/?back=overdue&to={contract.to.pk}"
    assert {contract.to, visit.to, tea.to} == {people.bob}
    assert "我来做" in bob.get("/overdue/").text
    assert tea.act == f"/customers/assign/?customer={tea.customer.pk}&to={people.bob.pk}"
    make_task(people.bob, "自己的", 0)
    contract, visit, tea = bob.get("/overdue/").context["rows"]
    # Of Alice's customers Eve sees none: what is done for one she cannot be asked to do.
    assert [contract.to, visit.to, tea.to] == [people.bob, late, late]
    form = bob.get(visit.act, headers=PARTIAL)
    assert f'<option value="{late.pk}" selected>Eve</option>' in form.text
    done = bob.post(visit.act, {"version": visit.task.version, "to": late.pk})
    assert done["Location"] == "/overdue/"
    visit = bob.get("/overdue/").context["rows"][1]
    assert (visit.owner, visit.before, visit.to, visit.act) == (late, people.alice, None, "")
    assert "Eve（原来是Alice的）" in bob.get("/overdue/").text


def test_a_customer_whom_nobody_contacted_is_handed_over_on_the_page_that_assigns(people, late, signed_in):
    bob = signed_in(people.bob)
    row = bob.get("/overdue/").context["rows"][2]
    page = bob.get(row.act)
    assert f'<option value="{people.bob.pk}" selected>Bob</option>' in page.text
    count = page.context["count"]
    given = {"owner": people.bob.pk, **{name: count[name].value() for name in ("count", "key")}}
    assert bob.post(row.act, given).status_code == 302
    row.customer.refresh_from_db()
    assert row.customer.owner == people.bob


def test_who_may_not_give_it_away_reads_who_could_do_it_without_a_button(people, late, signed_in):
    rows = signed_in(make_user("Otto", role="auditor")).get("/overdue/?of=all")
    first = rows.context["rows"][0]
    assert (first.to, first.act) == (people.bob, "")
    assert "可以交给Bob" in rows.text
    assert "/delegate/" not in rows.text
    # Whose it is decides for themselves: to them nobody is proposed.
    own = signed_in(people.alice).get("/overdue/").context["rows"]
    assert [row.to for row in own] == [None, None, None, None]


def test_whom_one_does_not_see_any_more_is_not_named(people, late, signed_in):
    task = Task.objects.get(title="补合同")
    delegate_task(task=task, version=1, to=people.ada, by=people.alice)
    Customer.objects.filter(name="梧桐里酒店").update(owner=people.ada)
    Task.objects.update(creator=people.ada)
    task.following.all().delete()
    page = signed_in(people.alice).get("/overdue/")
    assert shown(page)[0] == ("", "", 8, "告诉了主管的主管")
    assert "一位已不归你看的客户" in page.text
    assert "补合同" not in page.text
    assert "梧桐里酒店" not in page.text


def test_the_notification_the_digest_and_the_homes_lead_there(people, late, signed_in):
    from zhike.notices.digest import sections

    bob = signed_in(people.bob)
    one = Notification.objects.get(kind="escalation", user=people.bob)
    assert bob.post(f"/notifications/{one.pk}/")["Location"] == "/overdue/"
    (group,) = [one for one in sections(people.bob, TODAY) if one.group == "escalations"]
    assert (group.path, group.total) == ("/overdue/", 3)
    assert [(line.title, line.text) for line in group.lines] == [
        ("梧桐里酒店", "Alice：逾期 8 天"),
        ("回访", "Alice：逾期 6 天"),
        ("青山茶业", "Alice：逾期 5 天"),
    ]
    assert group.lines[1].path == "/overdue/"
    team = bob.get("/home/team/")
    assert [row.days for row in team.context["escalations"]] == [8, 6, 5]
    assert team.text.count("你可以接手") == 3
    assert 'href="/overdue/"' in team.text
    assert 'href="/overdue/?of=all"' in signed_in(people.ada).get("/home/changed/").text


# --- The days ---

DAYS = {"is_on": "on", "owner_after": 2, "leader_after": 4, "above_after": 9, "version": 1}


def test_an_administrator_says_after_how_many_days_who_hears_of_it(people, rules, signed_in):
    ada = signed_in(people.ada)
    assert 'value="3"' in ada.get("/settings/overdue/").text
    response = ada.post("/settings/overdue/", DAYS)
    assert response["Location"] == "/settings/overdue/"
    page = ada.get("/settings/overdue/").text
    assert "升级提醒保存了" in page
    assert "上次由 Ada 修改" in page
    found = terms()
    assert (found.is_on, found.owner_after, found.leader_after, found.above_after) == (True, 2, 4, 9)
    assert Entry.objects.filter(action="ladder.changed").get().data == {
        "fields": ["above_after", "leader_after", "owner_after"]
    }
    assert "修改逾期提醒" in ada.get("/settings/audit/").text
    assert '<a class="zk-row zk-quiet" href="/settings/overdue/">' in ada.get("/settings/").text
    assert "/settings/overdue/" not in signed_in(people.bob).get("/settings/").text


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        ({"owner_after": 0}, "写 1 到 90 天", "write 1 to 90 days"),
        ({"above_after": "很久"}, "写 1 到 90 天", "write 1 to 90 days"),
        ({"leader_after": ""}, "写 1 到 90 天", "write 1 to 90 days"),
        (
            {"leader_after": 1},
            "主管不能比负责人先知道：至少 2 天",
            "who leads cannot hear of it before the owner: at least 2",
        ),
        (
            {"above_after": 3},
            "主管的主管不能比主管先知道：至少 4 天",
            "who leads those cannot hear of it before who leads: at least 4",
        ),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_changes_nothing(people, rules, signed_in, given, zh, en):
    ada = signed_in(people.ada)
    (name,) = given
    for language, said in (("zh-hans", zh), ("en", en)):
        type(people.ada).objects.filter(pk=people.ada.pk).update(language=language)
        response = ada.post("/settings/overdue/", {**DAYS, **given})
        assert (response.status_code, response.context["form"].errors) == (422, {name: [said]})
    assert not LadderTerms.objects.filter(version__gt=1).exists()


def test_two_who_change_it_at_once_do_not_overwrite_each_other(people, rules, signed_in):
    ada = signed_in(people.ada)
    ada.post("/settings/overdue/", DAYS)
    response = ada.post("/settings/overdue/", {**DAYS, "owner_after": 1})
    assert response.status_code == 409
    assert "刚被别人改过，再看一眼" in response.text
    assert terms().owner_after == 2
    assert signed_in(people.bob).post("/settings/overdue/", {**DAYS, "version": 2}).status_code == 403


def test_switched_off_nobody_hears_of_it(people, late, signed_in):
    before = Escalation.objects.count()
    assert signed_in(people.ada).post("/settings/overdue/", {**DAYS, "is_on": ""}).status_code == 302
    assert climb(TODAY + timedelta(days=30)) == 0
    assert Escalation.objects.count() == before
    assert "逐级提醒关着" in signed_in(people.alice).get("/overdue/").text
