"""The pages: rules in their order, a dry run that is carried out, what people can take on, and the load."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from tests.assignment.ruling import EAST, WEDNESDAY, can_take, make_rule
from tests.factories import make_customer, make_people
from tests.scenes import one_scene
from zhike.assignment.actions.people import add_absence
from zhike.assignment.models import Absence, Capacity, Rule
from zhike.assignment.trying import customers_to_try, try_rules
from zhike.base.clock import at
from zhike.customers.models import Customer
from zhike.jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def people(django_db_setup, django_db_blocker):
    with one_scene(django_db_blocker), at(WEDNESDAY):
        found = make_people()
        can_take(found.alice, most=3)
        for n in range(2):
            make_customer(f"东{n}", region="华东", owner=found.alice)
        for n in range(3):
            make_customer(f"散{n}", region="华东")
        make_customer("北", region="华北", owner=found.bob)
        make_rule("华东", where=EAST, people=[found.alice, found.charlie], method="load")
        yield found


@pytest.fixture(autouse=True)
def clock(settings):
    settings.ZHIKE_NOW = WEDNESDAY


def page(person, name, /, *args, **query):
    client = Client()
    client.force_login(person)
    return client.get(reverse(f"web:{name}", args=args), query)


def send(person, name, /, *args, **given):
    client = Client()
    client.force_login(person)
    return client.post(reverse(f"web:{name}", args=args), given)


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_dry_run_says_who_would_get_how_many_and_writes_nothing(people):
    before = list(Customer.objects.order_by("pk").values_list("owner", "version"))
    trial = try_rules(people.ada, customers_to_try(people.ada, only_unowned=False))

    alice, charlie = people.alice.pk, people.charlie.pk
    assert dict(trial.moves) == {(None, alice): 1, (None, charlie): 2}
    assert (trial.total, trial.given, trial.fits, trial.unruled) == (6, 3, 2, 1)
    assert [(one.name, one.giver, one.pick.user.name) for one in trial.examples] == [
        ("散0", "", "Charlie"),
        ("散1", "", "Charlie"),
        ("散2", "", "Alice"),
    ]
    assert list(Customer.objects.order_by("pk").values_list("owner", "version")) == before
    assert Rule.objects.get().turns == {}


def test_the_page_of_the_dry_run_carries_it_out_as_a_job(people):
    shown = page(people.ada, "assignment_try")
    assert "3 位里有 3 位会换负责人" in text(shown)
    assert "由规则『华东』分配：余量最多，当时有 0 位" in text(shown)
    key = shown.context["hidden"]["key"].value()

    stale = send(people.ada, "assignment_try", scope="unowned", count=9, key=key)
    assert (stale.status_code, Job.objects.count()) == (409, 0)
    done = send(people.ada, "assignment_try", scope="unowned", count=3, key=key)
    job = Job.objects.get()
    assert done.url == reverse("web:job", args=[job.pk])
    assert (job.state, job.changed) == ("done", 3)
    customer = Customer.objects.get(name="散2")
    assert customer.owner == people.alice
    assert "由规则『华东』分配：余量最多，当时有 2 位，最多 3 位" in text(page(people.ada, "customer", customer.pk))
    assert "由规则『华东』分配" in text(page(people.ada, "customer_history", customer.pk))


def test_without_a_rule_the_dry_run_says_so(people):
    Rule.objects.all().delete()
    assert "没有可以手动执行的规则" in text(page(people.bob, "assignment_try"))


def test_a_rule_is_made_changed_paused_moved_and_removed(people):
    given = {
        "name": "高校",
        "when": json.dumps(EAST),
        "occasions": ["created", "hand"],
        "target": "people",
        "people": [people.carol.pk],
        "method": "senior",
        "least_level": "3",
        "skills": "英语，教育",
        "version": 0,
    }
    assert send(people.ada, "assignment_rule_new", **given).status_code == 302
    rule = Rule.objects.get(name="高校")
    assert (rule.where["where"], rule.occasions, rule.least_level, rule.skills) == (
        EAST,
        ["created", "hand"],
        3,
        ["英语", "教育"],
    )
    listed = text(page(people.bob, "assignment"))
    assert "区域是华东" in listed.replace(" ", "")
    assert "至少资深" in listed

    stale = send(people.ada, "assignment_rule", rule.pk, **{**given, "version": 9})
    assert (stale.status_code, "刚被别人改过" in text(stale)) == (409, True)
    for wrong, said in [
        ({"people": []}, "至少选一个人"),
        ({"occasions": []}, "至少选一种时候"),
        ({"when": "{field: customer.nothing, op: eq, value: 1}"}, "customer.nothing"),
        ({"target": "team"}, "选一个团队"),
    ]:
        refused = send(people.ada, "assignment_rule", rule.pk, **{**given, "version": 1, **wrong})
        assert (refused.status_code, said in text(refused)) == (422, True), said
    send(people.ada, "assignment_rule", rule.pk, **{**given, "version": 1, "when": ""})
    rule.refresh_from_db()
    assert (rule.where, rule.version) == ({}, 2)

    send(people.ada, "assignment_move", rule.pk, to="up")
    assert [one.name for one in Rule.objects.all()] == ["高校", "华东"]
    first, second = Rule.objects.all()
    send(people.ada, "assignment_order", rule=[second.pk, first.pk])
    assert [one.name for one in Rule.objects.all()] == ["华东", "高校"]
    send(people.ada, "assignment_pause", rule.pk, paused="yes")
    assert "已暂停" in text(page(people.ada, "assignment"))
    send(people.ada, "assignment_remove", rule.pk)
    assert [one.name for one in Rule.objects.all()] == ["华东"]
    assert send(people.bob, "assignment_rule_new", **given).status_code == 403


def test_the_last_rule_has_no_condition_and_is_one(people):
    given = {"occasions": ["created"], "target": "people", "people": [people.bob.pk], "method": "turns", "version": 0}
    client = Client()
    client.force_login(people.ada)
    address = reverse("web:assignment_rule_new") + "?last"
    assert client.post(address, given).status_code == 302
    assert client.post(address, given).status_code == 409
    assert Rule.objects.get(is_last=True).name == "其余所有客户"
    assert "其余所有客户" in text(page(people.ada, "assignment"))


def test_a_person_writes_down_absences_and_a_leader_what_they_can_take_on(people):
    away = {"do": "absence", "first_day": "2026-06-08", "last_day": "2026-06-09", "stand_in": people.bob.pk, "note": ""}
    assert send(people.alice, "assignment_person", people.alice.pk, **away).status_code == 302
    again = send(people.alice, "assignment_person", people.alice.pk, **away)
    assert (again.status_code, "重叠" in text(again)) == (409, True)
    assert send(people.alice, "assignment_person", people.bob.pk, **away).status_code == 404

    able = {"do": "capacity", "most": "20", "weekdays": ["1", "6"], "level": "4", "skills": "英语"}
    assert send(people.alice, "assignment_person", people.alice.pk, **able).status_code == 403
    assert send(people.bob, "assignment_person", people.alice.pk, **able).status_code == 302
    found = Capacity.objects.get(user=people.alice)
    assert (found.most, found.weekdays, found.keeps_holidays, found.level) == (20, [1, 6], False, 4)

    absence = Absence.objects.get()
    assert send(people.charlie, "absence_remove", absence.pk).status_code == 404
    assert send(people.alice, "absence_remove", absence.pk).status_code == 302
    assert not Absence.objects.exists()


def test_the_load_of_a_team_is_told_to_whoever_leads_it(people):
    day = date(2026, 6, 3)
    add_absence(person=people.bob, first_day=day, last_day=day, stand_in=people.alice, note="", by=people.bob)
    shown = page(people.bob, "assignment_load")
    rows = {row.load.user.name: row for row, _ in shown.context["rows"]}
    assert set(rows) == {"Alice", "Bob"}
    assert (rows["Alice"].load.customers, rows["Alice"].share) == (2, 67)
    assert "06-03–06-03 Alice代" in text(shown).replace('<span class="zk-sm zk-2">', "").replace("</span>", "")
    assert page(people.alice, "assignment_load").status_code == 403
