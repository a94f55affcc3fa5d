"""设置 → 成员, driven through its addresses."""

from __future__ import annotations

import json
import re

import pytest
from django.core import mail
from django.test import Client

from tests.factories import PASSWORD, make_customer, make_user
from zhike.accounts.models import FieldRight, Invitation, Role, RoleRight, Session, User
from zhike.customers.models import Customer
from zhike.jobs.actions.running import run_job
from zhike.jobs.models import Job

NEW = "seven quiet herons"


@pytest.fixture
def ada(signed_in, people):
    return signed_in(people.ada)


def link_in(page: str) -> str:
    return re.search(r'readonly value="http://testserver([^"]+)"', page)[1]


def test_the_list_says_who_is_here_and_how_safely(ada, people):
    page = ada.get("/settings/people/").text
    assert all(name in page for name in ("Alice", "Bob", "Carol", "Charlie", "Ada"))
    assert "还没来过" in page
    assert "成员" in ada.get("/settings/").text
    assert "还没有成员" not in page


def test_its_queries_do_not_grow_with_people(ada, people, django_assert_max_num_queries):
    for number in range(30):
        make_user(f"many{number}", role=Role.SALES)
    with django_assert_max_num_queries(14):
        assert ada.get("/settings/people/").status_code == 200


def test_pages_follow_each_other_without_loss(ada, people):
    for number in range(60):
        make_user(f"many{number:02}")
    first = ada.get("/settings/people/").text
    second = ada.get(
        re.search(r'href="(\?page=[^"]+)" aria-label="下一页"', first)[1].join(["/settings/people/", ""])
    ).text
    shown = re.findall(r"/settings/people/(\d+)/", first + second)
    assert len(shown) == len(set(shown)) == 65


def test_somebody_is_invited_by_a_link_and_comes_in(ada, people):
    sent = {"email": "sun@example.com", "name": "孙悦", "role": "manager", "team": people.alice.team_id}
    page = ada.post("/settings/people/invite/", sent).text
    path = link_in(page)
    assert path not in ada.get("/settings/people/").text
    guest = Client()
    assert guest.get(path)["Location"] == "/join/"
    assert "孙悦" in guest.get("/join/").text
    assert guest.post("/join/", {"name": "孙悦", "password": NEW})["Location"] == "/"
    assert guest.get("/").status_code == 200
    made = User.objects.get(email="sun@example.com")
    assert (made.role_id, made.team_id) == (Role.MANAGER, people.alice.team_id)
    assert "还没接受的邀请" not in ada.get("/settings/people/").text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"email": ""}, "填写邮箱。"),
        ({"email": "nobody"}, "这不是一个邮箱地址。"),
        ({"name": ""}, "填写姓名。"),
        ({"role": "king"}, "king"),
        ({"team": "999999"}, "zk-error"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_in_words(ada, sent, said):
    answer = ada.post("/settings/people/invite/", {"email": "x@example.com", "name": "X", "role": "sales", **sent})
    assert answer.status_code == 422
    assert said in answer.text
    assert Invitation.objects.count() == 0


def test_a_member_is_not_invited_again(ada, people):
    answer = ada.post("/settings/people/invite/", {"email": people.bob.email, "name": "X", "role": "sales"})
    assert answer.status_code == 409
    assert "已经是成员" in answer.text


def test_with_a_mail_server_the_link_is_mailed_and_not_shown(ada, settings):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    settings.ZHIKE_URL = "http://crm.example.com"
    mail.outbox = []
    answer = ada.post("/settings/people/invite/", {"email": "x@example.com", "name": "X", "role": "sales"})
    assert answer["Location"] == "/settings/people/"
    assert "/join/" not in ada.get("/settings/people/").text
    from zhike.accounts.tasks import mail_invitation

    assert mail_invitation(pk=Invitation.objects.get().pk)
    assert mail.outbox[0].to == ["x@example.com"]
    path = re.search(r"http://crm.example.com(\S+)", mail.outbox[0].body)[1]
    assert Client().get(path)["Location"] == "/join/"
    assert not mail_invitation(pk=0)


def test_a_link_is_renewed_and_an_invitation_withdrawn(ada):
    first = link_in(ada.post("/settings/people/invite/", {"email": "x@example.com", "name": "X", "role": "sales"}).text)
    pk = Invitation.objects.get().pk
    second = link_in(ada.post(f"/settings/people/invitations/{pk}/renew/").text)
    assert (Client().get(first).status_code, Client().get(second).status_code) == (422, 302)
    assert ada.post(f"/settings/people/invitations/{pk}/withdraw/")["Location"] == "/settings/people/"
    assert Client().get(second).status_code == 422


def test_a_colleague_is_changed(ada, people):
    sent = {"name": "李静", "role": "manager", "team": ""}
    assert ada.post(f"/settings/people/{people.alice.pk}/", sent)["Location"] == f"/settings/people/{people.alice.pk}/"
    people.alice.refresh_from_db()
    assert (people.alice.name, people.alice.role_key, people.alice.team) == ("李静", "manager", None)
    own = ada.post(f"/settings/people/{people.ada.pk}/", {"name": "Ada", "role": "sales"})
    assert own.status_code == 403
    assert "自己的角色请别的管理员来改" in own.text


def test_whoever_leaves_with_customers_is_handed_over_next(ada, people):
    make_customer("梧桐里", owner=people.alice)
    alice = f"/settings/people/{people.alice.pk}/"
    assert ada.post(f"{alice}active/", {"active": "no"})["Location"] == f"{alice}hand-over/"
    assert "还有客户没交接" in ada.get("/settings/people/?state=left").text
    assert ada.post(f"/settings/people/{people.charlie.pk}/active/", {"active": "no"})["Location"] == (
        f"/settings/people/{people.charlie.pk}/"
    )
    assert ada.post(f"{alice}active/", {"active": "yes"})["Location"] == alice
    assert User.objects.get(pk=people.alice.pk).is_active


def test_nobody_deactivates_themselves(ada, people):
    answer = ada.post(f"/settings/people/{people.ada.pk}/active/", {"active": "no"})
    assert answer.status_code == 422
    assert User.objects.get(pk=people.ada.pk).is_active


def test_a_password_is_reset_by_a_link(ada, people):
    path = link_in(ada.post(f"/settings/people/{people.alice.pk}/password/").text)
    guest = Client()
    guest.get(path)
    assert guest.post("/password/new/", {"password": NEW})["Location"] == "/sign-in/"
    assert "密码换好了，用新密码登录" in guest.get("/sign-in/").text
    people.alice.refresh_from_db()
    assert people.alice.check_password(NEW)
    User.objects.filter(pk=people.alice.pk).update(is_active=False)
    assert ada.post(f"/settings/people/{people.alice.pk}/password/").status_code == 404


def test_all_sessions_of_a_colleague_are_ended(ada, people):
    alice = Client()
    alice.post("/sign-in/", {"email": people.alice.email, "password": PASSWORD})
    assert "登录着 1 处" in ada.get(f"/settings/people/{people.alice.pk}/").text
    ada.post(f"/settings/people/{people.alice.pk}/sessions/")
    assert alice.get("/").status_code == 302
    assert Session.objects.filter(user=people.alice).count() == 0


# --- Handing over ---


@pytest.fixture
def book(people, rules):
    for number in range(3):
        make_customer(f"东{number}", owner=people.alice, region="华东")
    make_customer("西", owner=people.alice)
    return f"/settings/people/{people.alice.pk}/hand-over/"


def sent(do: str, *lines: tuple[str, str, list[int]], **more):
    data: dict[str, object] = {"do": do, "line": [str(n) for n in range(len(lines))], **more}
    for number, (what, value, to) in enumerate(lines):
        data |= {f"line{number}-what": what, f"line{number}-value": value, f"line{number}-to": to}
    return data


def test_it_is_counted_then_done(ada, people, book):
    lines = [("field.region", "华东", [people.bob.pk, people.charlie.pk]), ("", "", [people.carol.pk])]
    page = ada.post(book, sent("preview", *lines)).text
    assert 'name="counted" value="4"' in page
    assert re.search(r"Bob</span> 2 位", page)
    assert Customer.objects.filter(owner=people.alice).count() == 4

    assert ada.post(book, sent("run", *lines, counted=4))["Location"] == book
    assert dict(Customer.objects.values_list("name", "owner__name")) == {
        "东0": "Bob",
        "东1": "Charlie",
        "东2": "Bob",
        "西": "Carol",
    }
    page = ada.get(book).text
    assert "4 位客户已交接" in page
    assert "Alice 名下没有客户" in page


def test_who_is_left_over_is_said(ada, people, book):
    page = ada.post(book, sent("preview", ("field.region", "华东", [people.bob.pk]))).text
    assert "1 位哪一行都不符合，留在 Alice 名下" in page


def test_another_number_is_said_and_nothing_is_done(ada, people, book):
    answer = ada.post(book, sent("run", ("", "", [people.bob.pk]), counted=3))
    assert answer.status_code == 409
    assert "现在是 4 位客户" in answer.text
    assert Job.objects.count() == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("", "", []), "选一个人，或者选几个人轮流。"),
        (("field.region", " ", ["bob"]), "写上要找的值。"),
        (("class.value.royal", "", ["bob"]), "zk-error"),
        (("", "", [0]), "zk-error"),
    ],
)
def test_a_line_that_cannot_be_is_refused_beside_it(ada, people, book, line, said):
    what, value, to = line
    named = [people.bob.pk if one == "bob" else one for one in to]
    answer = ada.post(book, sent("preview", (what, value, named)))
    assert answer.status_code == 422
    assert said in answer.text


def test_lines_are_added_moved_and_taken_away_and_keep_what_was_typed(ada, people, book):
    lines = [("field.region", "华东", [people.bob.pk]), ("", "", [people.carol.pk])]
    page = ada.post(book, sent("add", *lines)).text
    assert re.findall(r'name="line" value="(\d+)"', page) == ["0", "2", "1"]
    assert 'value="华东"' in page
    assert re.search(rf'name="line1-to" value="{people.carol.pk}"[^>]* checked', page)
    page = ada.post(book, sent("up-1", *lines)).text
    assert re.findall(r'name="line" value="(\d+)"', page) == ["1", "0"]
    page = ada.post(book, sent("remove-0", *lines)).text
    assert re.findall(r'name="line" value="(\d+)"', page) == ["1"]
    assert Job.objects.count() == 0


def test_what_is_much_is_left_to_the_worker(ada, people, book, monkeypatch):
    monkeypatch.setattr("zhike.web.bulk.kinds.HandOver.at_once", 3)
    assert ada.post(book, sent("run", ("", "", [people.bob.pk]), counted=4))["Location"] == book
    page = ada.get(book).text
    assert "正在交接：0 / 4 位" in page
    assert 'hx-trigger="every 2s"' in page
    job = Job.objects.get()
    assert "交接 Alice 的客户" in ada.get("/jobs/").text
    run_job(job.pk)
    page = ada.get(book).text
    assert "hx-trigger" not in page
    assert f'href="/jobs/{job.pk}/"' in page


def test_a_leader_hands_over_within_the_team_and_sees_no_others(signed_in, people, book):
    bob = signed_in(people.bob)
    page = bob.get(book).text
    assert "Charlie" not in page
    assert bob.get(f"/settings/people/{people.carol.pk}/hand-over/").status_code == 404
    assert bob.post(book, sent("preview", ("", "", [people.charlie.pk]))).status_code == 422
    assert bob.post(book, sent("run", ("", "", [people.bob.pk]), counted=4)).status_code == 302
    assert Customer.objects.filter(owner=people.bob).count() == 4


def by_condition(when: object, to: list[int]) -> dict[str, object]:
    return sent("preview", ("condition", "", to)) | {"line0-when": when if isinstance(when, str) else json.dumps(when)}


NORTH_OR_EAST = {"any": [{"field": "customer.region", "op": "in", "value": ["华东", "华北"]}]}


@pytest.mark.parametrize(
    "when",
    [
        NORTH_OR_EAST,
        "any:\n- {field: customer.region, op: in, value: [华东, 华北]}",
        {"not": {"field": "customer.name", "op": "eq", "value": "西"}},
        {"field": "metric.orders", "op": "lte", "value": 0},
    ],
)
def test_a_line_takes_any_condition_as_the_builder_or_a_person_writes_it(ada, people, book, when):
    page = ada.post(book, by_condition(when, [people.bob.pk])).text
    expected = 4 if isinstance(when, dict) and when.get("field") == "metric.orders" else 3
    assert f'name="counted" value="{expected}"' in page
    answer = ada.post(book, by_condition(when, [people.bob.pk]) | {"do": "run", "counted": expected})
    assert answer["Location"] == book
    assert Customer.objects.filter(owner=people.bob).count() == expected


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("", "加上条件"),
        ({"all": []}, "加上条件"),
        ({"field": "customer.region"}, "zk-error"),
        ({"field": "customer.nothing", "op": "is_set"}, "zk-error"),
        ("[1, 2", "zk-error"),
        ("7", "zk-error"),
        ("x" * 70_000, "zk-error"),
    ],
    ids=["none", "empty", "half", "no such field", "no YAML", "a number", "too long"],
)
def test_a_condition_that_cannot_be_is_refused_beside_it(ada, people, book, when, said):
    answer = ada.post(book, by_condition(when, [people.bob.pk]))
    assert answer.status_code == 422
    assert said in answer.text
    assert Job.objects.count() == 0


def test_a_field_that_is_hidden_from_whoever_hands_over_is_in_no_line(people, book, signed_in):
    role = Role.objects.create(key="clerk", label_zh="文员", label_en="Clerk")
    for verb, label in [
        ("view", "customers.Customer"),
        ("change", "customers.Customer"),
        ("assign", "customers.Customer"),
        ("view", "accounts.User"),
    ]:
        RoleRight.objects.create(role=role, verb=verb, object=label, scope="all")
    FieldRight.objects.create(role=role, object="customers.Customer", field="region", access="masked")
    client = signed_in(make_user(role="clerk"))
    page = client.get(book)
    assert "field.region" not in page.text
    assert "customer.region" not in page.text
    assert "field.city" in page.text
    for asked in (
        by_condition(NORTH_OR_EAST, [people.bob.pk]),
        sent("preview", ("field.region", "华东", [people.bob.pk])),
    ):
        answer = client.post(book, asked)
        assert (answer.status_code, "counted" in answer.text) == (422, False)
    FieldRight.objects.create(role=role, object="customers.Customer", field="owner", access="read")
    assert client.get(book).status_code == 403


def test_rules_are_given_to_somebody_else(ada, people, book):
    from zhike.classification.models import Scheme

    Scheme.objects.filter(dimension="value").update(owner=people.alice)
    assert "客户价值" in ada.get(book).text
    ada.post(f"/settings/people/{people.alice.pk}/rules/", {"to": people.bob.pk})
    assert Scheme.objects.get(dimension="value").owner == people.bob
