"""The audit log on screen: who did what is written down where it happens, searched and taken along."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse

from tests.factories import PASSWORD, make_customer
from zhike.audit.actions import record
from zhike.audit.kinds import ACTIONS, CODES, DATA
from zhike.audit.models import Entry

pytestmark = pytest.mark.django_db


def written(**where: object) -> list[tuple[str, int | None, str, str]]:
    """Return the entries in order: action, actor, door, subject."""
    rows = Entry.objects.filter(**where).order_by("pk")
    return [(entry.action, entry.actor_id, entry.door, entry.subject_id) for entry in rows]


def test_signing_in_and_out_is_written_down_without_the_password(people, client):
    client.post(reverse("accounts:sign_in"), {"email": people.alice.email, "password": "wrong horse"})
    client.post(reverse("accounts:sign_in"), {"email": people.alice.email, "password": PASSWORD})
    client.post(reverse("accounts:sign_out"))

    mine = str(people.alice.pk)
    assert written(door="page") == [
        ("session.refused", None, "page", mine),
        ("session.opened", people.alice.pk, "page", mine),
        ("session.closed", people.alice.pk, "page", mine),
    ]
    assert "horse" not in str(list(Entry.objects.values()))


def test_people_company_and_rules_are_written_down(people):
    from zhike.accounts.actions import set_company, set_password
    from zhike.classification.actions.drafts import pause_dimension, start_draft
    from zhike.classification.actions.packs import install_pack
    from zhike.classification.actions.publications import publish

    before = Entry.objects.count()
    set_company(by=people.ada, name="清源水科技", currency="USD")
    set_password(user=people.alice, password="another horse battery", by=people.ada)
    install_pack(pack="general", by=people.ada)
    publication = publish(drafts=[start_draft(dimension="value", by=people.ada)], by=people.ada)
    pause_dimension(dimension="value", is_paused=True, by=people.ada)

    entries = list(Entry.objects.order_by("pk")[before:])
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("company.changed", people.ada.pk),
        ("password.changed", people.ada.pk),
        ("company.changed", None),
        ("pack.installed", people.ada.pk),
        ("rules.published", people.ada.pk),
        ("rules.paused", people.ada.pk),
    ]
    assert entries[0].data == {
        "fields": ["name", "currency"],
        "before": {"name": "", "currency": "CNY"},
        "after": {"name": "清源水科技", "currency": "USD"},
    }
    assert (entries[4].subject_id, entries[4].data["dimensions"]) == (str(publication.pk), ["value"])


def test_setting_many_classes_is_written_down_once(people, rules, signed_in):
    from uuid import uuid4

    ids = [make_customer(owner=people.alice).pk for _ in range(3)]
    sent = {"class_key": "value.high", "reason": "展会", "until": "usual", "count": 3, "key": str(uuid4())}
    signed_in(people.alice).post("/customers/override/?" + "&".join(f"customer={pk}" for pk in ids), sent)

    (entry,) = Entry.objects.filter(action="bulk.changed")
    assert entry.data == {"what": "override", "dimension": "value", "to": "high", "count": 3}


@pytest.mark.parametrize(
    ("name", "arguments", "what"),
    [
        ("web:flow_file", {"dimension": "value"}, "flow"),
        ("web:pack_export", {}, "pack"),
        ("web:audit_file", {}, "audit"),
    ],
)
def test_a_file_that_is_taken_is_written_down(people, rules, signed_in, name, arguments, what):
    signed_in(people.ada).get(reverse(name, kwargs=arguments))

    (entry,) = Entry.objects.filter(action="file.exported")
    assert (entry.actor, entry.door, entry.data["what"]) == (people.ada, "page", what)


@pytest.mark.parametrize("name", ["web:audit", "web:audit_file"])
def test_only_those_with_the_right_read_it(people, signed_in, name):
    before = Entry.objects.count()
    got = [signed_in(who).get(reverse(name)).status_code for who in (people.alice, people.bob)]

    assert got == [403, 403]
    assert Entry.objects.count() == before


@pytest.fixture
def ada(people, signed_in):
    Entry.objects.count()
    record("team.added", by=people.bob, data={"name": "三组"}, door="page", subject=("accounts.Team", 7))
    record("customer.deleted", by=people.ada, door="task", subject=("customers.Customer", 12))
    return signed_in(people.ada)


def actions(response: object) -> list[str]:
    return [line.action for line in response.context["lines"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "query",
    [
        {"action": "customer.deleted"},
        {"door": "task"},
        {"subject": "customers.Customer"},
        {"key": "12"},
        {"subject": "customers.Customer", "key": "12", "action": "customer.deleted"},
    ],
)
def test_it_is_searched_by_action_door_and_subject(ada, query):
    assert actions(ada.get(reverse("web:audit"), query)) == ["删除客户"]


def test_it_is_searched_by_person_and_period(ada, people):
    assert actions(ada.get(reverse("web:audit"), {"actor": people.bob.pk})) == ["新建团队"]
    assert "删除客户" not in actions(ada.get(reverse("web:audit"), {"actor": "0"}))
    assert actions(ada.get(reverse("web:audit"), {"to": "2001-01-01"})) == []
    assert actions(ada.get(reverse("web:audit"), {"from": "2001-01-01", "door": "page"})) == ["新建团队"]


def test_nonsense_in_the_address_is_left_out(ada):
    everything = actions(ada.get(reverse("web:audit")))
    query = {"actor": "x", "action": "no", "door": "window", "subject": "?", "from": "soon", "key": "\0"}
    assert actions(ada.get(reverse("web:audit"), query)) == everything


def test_pages_follow_one_another_and_cost_the_same_number_of_queries(ada, people, django_assert_max_num_queries):
    for number in range(120):
        record("team.added", by=people.ada, data={"name": str(number)})
    with django_assert_max_num_queries(17):
        page = ada.get(reverse("web:audit"))
    second = ada.get(reverse("web:audit") + page.context["next_page"])
    seen = [line.data for line in [*page.context["lines"], *second.context["lines"]]]
    assert seen[:100] == [f"名称 {number}" for number in reversed(range(20, 120))]


def test_details_are_told_in_words_of_the_language(ada, people):
    from zhike.accounts.models import User

    record("user.added", by=people.ada, data={"role": "auditor", "team": 10**9})  # which is no more
    record("session.opened", by=people.ada, data={"factor": "passkey"})
    shown = [line.data for line in ada.get(reverse("web:audit")).context["lines"]][:2]
    assert shown == ["方式 通行密钥", "角色 审计 · 团队 1000000000"]
    User.objects.filter(pk=people.ada.pk).update(language="en")
    shown = [line.data for line in ada.get(reverse("web:audit")).context["lines"]][:2]
    assert shown == ["with passkey", "role Auditor · team 1000000000"]


def test_numbers_and_columns_are_told_by_name(ada, people):
    from zhike.accounts.actions.teams import change_team

    team = change_team(team=people.alice.team, by=people.ada, name="直销部", parent=None, leader=people.alice)
    record("territory.changed", by=people.ada, data={"fields": ["cities", "next_contact_on", "gone"]})
    record("team.removed", by=people.ada, data={"name": "四组"}, subject=("accounts.Team", 10**6))

    lines = ada.get(reverse("web:audit")).context["lines"][:3]
    assert [line.subject for line in lines] == ["团队 1000000", "", f"团队 {team.name}"]
    assert lines[1].data == "字段 城市, 下次联系, gone"
    assert (
        lines[2].data
        == f"字段 负责人, 名称 · 改前 名称 {people.alice.team.name}, 负责人 — · 改后 名称 直销部, 负责人 Alice"
    )


def test_all_that_an_action_may_carry_has_a_name():
    assert {name for action in ACTIONS.values() for name in action.data} == set(DATA)
    assert {(name, code) for name, code in CODES if name not in DATA} == set()


def test_file_has_the_same_rows_and_is_safe_in_a_spreadsheet(ada, people):
    record("team.added", by=people.ada, data={"name": "三组"}, subject=("=cmd()", 1))
    text = b"".join(ada.get(reverse("web:audit_file"), {"action": "team.added"}).streaming_content).decode()
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))

    assert rows[0] == ["编号", "时间", "谁", "做了什么", "入口", "对象", "细节", "摘要"]
    assert [row[2:4] for row in rows[1:3]] == [["Ada", "新建团队"], ["Bob", "新建团队"]]
    assert rows[1][5] == "'=cmd() 1"
