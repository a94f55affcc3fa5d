"""Many customers changed from the list: who they are, the count, the rights of the moment, what came of it, and undo."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.factories import make_customer, make_user
from zhike.base.clock import now
from zhike.classification.models import Notification
from zhike.core.facts import FieldType
from zhike.core.text import Text
from zhike.customers.actions.fields import define_field
from zhike.customers.models import Customer
from zhike.jobs.actions.running import run_job
from zhike.jobs.models import Item, Job


@pytest.fixture
def five(people, rules):
    return [
        make_customer(f"客户{number}", owner=people.alice, city="上海" if number < 3 else "杭州") for number in range(5)
    ]


@pytest.fixture
def bob(people, rules, signed_in):
    return signed_in(people.bob)


def path(action, *customers, query=""):
    return f"/customers/{action}/?" + "&".join([*(f"customer={c.pk}" for c in customers), *([query] if query else [])])


def given(count, **more):
    return {"count": count, "key": str(uuid4()), **more}


def column(name):
    return list(Customer.objects.order_by("pk").values_list(name, flat=True))


def last_job():
    return Job.objects.order_by("pk").last()


def test_the_bar_offers_what_the_person_may_do(alice, bob, five):
    page = alice.get("/customers/").text
    assert [a for a in ("assign", "tag", "field", "plan", "override", "export", "delete") if f"/{a}/" in page] == [
        "tag",
        "field",
        "plan",
        "override",
        "export",
    ]
    page = bob.get("/customers/").text
    assert all(f'formaction="/customers/{action}/"' in page for action in ("assign", "delete"))
    assert 'href="/customers/bin/"' in page


def test_all_that_the_filter_keeps_are_given_to_a_person(bob, five, people):
    page = bob.get(path("assign", query="city=上海&every=1")).text
    assert "分配负责人：3 位客户" in page
    assert "客户2" in page
    assert "客户4" not in page
    response = bob.post(path("assign", query="city=上海&every=1"), given(3, owner=people.bob.pk), follow=True)
    assert response.redirect_chain == [("/customers/?city=%E4%B8%8A%E6%B5%B7", 302)]
    assert "3 位客户已分配给Bob" in response.text
    assert column("owner") == [people.bob.pk] * 3 + [people.alice.pk] * 2


def test_the_filter_is_asked_again_with_the_rights_of_the_moment(bob, five, people):
    """Whatever the page showed, the server decides who is meant."""
    query = "city=上海&every=1"
    bob.get(path("tag", query=query))
    Customer.objects.filter(pk=five[0].pk).update(owner=people.charlie)
    response = bob.post(path("tag", query=query), given(3, tag="重点", how="add"))
    assert response.status_code == 409
    assert "符合条件的现在是 2 位，看清楚再做" in response.text
    assert not Job.objects.exists()
    assert column("tags") == [[]] * 5
    response = bob.post(path("tag", query=query), given(2, tag="重点", how="add"), follow=True)
    assert "2 位客户加了标签「重点」" in response.text
    assert column("tags") == [[], ["重点"], ["重点"], [], []]


def test_another_filter_sent_than_was_shown_is_refused(bob, five):
    """An address edited between the page and the button means another number."""
    response = bob.post(path("tag", query="every=1"), given(3, tag="重点", how="add"))
    assert response.status_code == 409
    assert column("tags") == [[]] * 5


def test_of_a_mixed_list_the_foreign_are_named_as_a_number_and_stay(alice, five, people):
    foreign = make_customer("别人的", owner=people.charlie)
    page = alice.get(path("tag", *five[:2], foreign)).text
    assert "选中的还有 1 位已不归你看，不会动" in page
    assert "别人的" not in page
    assert alice.post(path("tag", *five[:2], foreign), given(3, tag="重点", how="add")).status_code == 409
    assert alice.post(path("tag", *five[:2], foreign), given(2, tag="重点", how="add")).status_code == 302
    assert column("tags") == [["重点"], ["重点"], [], [], [], []]
    foreign.refresh_from_db()
    assert foreign.version == 1


def test_whoever_is_lost_while_it_waits_is_told_of_and_not_changed(alice, five, people, monkeypatch):
    monkeypatch.setattr("zhike.web.bulk.kinds.Tag.at_once", 0)
    response = alice.post(path("tag", *five), given(5, tag="重点", how="add"))
    job = last_job()
    assert response["Location"] == f"/jobs/{job.pk}/"
    assert "0 / 5" in alice.get(f"/jobs/{job.pk}/").text
    Customer.objects.filter(pk=five[0].pk).update(owner=people.charlie)
    run_job(job.pk)
    page = alice.get(f"/jobs/{job.pk}/").text
    assert "4 位客户加了标签「重点」，1 位没改" in page
    assert "已经不在了，或者你看不到、不能改" in page
    assert "还有 1 位，你看不到" in page
    assert "客户0" not in page
    assert column("tags") == [[], *[["重点"]] * 4]


@pytest.mark.parametrize(
    ("action", "sent", "name", "changed"),
    [
        ("tag", {"tag": "重点", "how": "add"}, "tags", ["重点"]),
        ("plan", {"day": "2027-03-04"}, "next_contact_on", "2027-03-04"),
        ("field&city", {"value": "北京"}, "city", "北京"),
        ("field&custom.grade", {"value": "b"}, "custom", {"grade": "b"}),
        ("override", {"class_key": "value.low", "reason": "清理", "until": "usual"}, "overrides__class_key", "low"),
        ("delete", {}, "deleted_by__name", "Bob"),
    ],
)
def test_everything_that_is_done_can_be_undone(bob, five, action, sent, name, changed):
    choices = {"a": Text("甲", "A"), "b": Text("乙", "B")}
    define_field(key="grade", type_=FieldType.CHOICE, label=Text("等级", "Grade"), choices=choices, by=None)
    before = [str(value) for value in column(name)]
    action, _, field = action.partition("&")
    address = path(action, *five[:2], query=f"field={field}" if field else "")
    assert bob.get(address).status_code == 200
    page = bob.post(address, given(2, **sent), follow=True).text
    assert [str(value) for value in column(name)][:2] == [str(changed)] * 2
    job = last_job()
    assert f'action="/jobs/{job.pk}/undo/"' in page
    page = bob.post(f"/jobs/{job.pk}/undo/", {"back": "/customers/"}, follow=True).text
    assert "撤销了 2 位" in page
    if action != "override":
        assert [str(value) for value in column(name)] == before
    else:
        from zhike.classification.models import Override, Placement

        assert not Override.objects.filter(ended_at=None).exists()
        assert set(Placement.objects.filter(dimension="value").values_list("class_key", flat=True)) == {"regular"}
    assert bob.post(f"/jobs/{job.pk}/undo/").status_code == 409


def test_undo_leaves_what_was_changed_since_and_lists_it(bob, alice, five):
    bob.post(path("field", *five[:2], query="field=city"), given(2, value="北京"))
    job = last_job()
    Customer.objects.filter(pk=five[1].pk).update(city="广州", city_folded="广州")
    page = bob.post(f"/jobs/{job.pk}/undo/", follow=True).text
    assert "撤销了 1 位，1 位后来又改过，没有动" in page
    assert "后来又被人改过，没有动" in page
    assert f'href="/customers/{five[1].pk}/"' in page
    assert column("city")[:2] == ["上海", "广州"]


def test_a_value_for_a_field_is_asked_for_in_two_steps_and_refused_in_words(alice, five):
    page = alice.get(path("field", five[0])).text
    assert "选一个字段" in page
    assert 'name="value"' not in page
    page = alice.get(path("field", five[0], query="field=kind")).text
    assert '<option value="person">个人</option>' in page
    assert alice.get(path("field", five[0], query="field=search_text")).status_code == 404
    assert alice.post(path("field", five[0], query="field=owner"), given(1, value="1")).status_code == 404
    define_field(key="grade", type_=FieldType.INTEGER, by=None)
    response = alice.post(path("field", five[0], query="field=custom.grade"), given(1, value="很多"))
    assert response.status_code == 422
    assert "应为整数" in response.text
    assert not Job.objects.exists()


def test_sent_twice_it_is_done_once(alice, five):
    sent = given(2, tag="重点", how="add")
    for _ in range(2):
        alice.post(path("tag", *five[:2]), sent)
    assert Job.objects.count() == 1
    assert column("version") == [2, 2, 1, 1, 1]


def test_only_the_owner_of_a_job_sees_stops_or_undoes_it(alice, bob, five, signed_in, people):
    alice.post(path("tag", *five[:2]), given(2, tag="重点", how="add"))
    job = last_job()
    ada = signed_in(people.ada)
    for client in (bob, ada):
        assert client.get(f"/jobs/{job.pk}/").status_code == 404
        assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 404
        assert client.post(f"/jobs/{job.pk}/undo/").status_code == 404
        assert "重点" not in client.get("/jobs/").text
    assert column("tags")[:2] == [["重点"]] * 2


def test_a_stopped_job_says_how_far_it_came(alice, five, monkeypatch):
    monkeypatch.setattr("zhike.web.bulk.kinds.Tag.at_once", 0)
    alice.post(path("tag", *five), given(5, tag="重点", how="add"))
    job = last_job()
    assert "已停止，做完的留着" in alice.post(f"/jobs/{job.pk}/cancel/", follow=True).text
    run_job(job.pk)
    assert "停在 0 / 5" in alice.get(f"/jobs/{job.pk}/").text
    assert column("tags") == [[]] * 5


def test_the_page_asks_again_while_it_goes_on_and_no_longer_at_the_end(alice, five, monkeypatch):
    monkeypatch.setattr("zhike.web.bulk.kinds.Tag.at_once", 0)
    alice.post(path("tag", *five), given(5, tag="重点", how="add"))
    job = last_job()
    part = alice.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    run_job(job.pk)
    assert "hx-trigger" not in alice.get(f"/jobs/{job.pk}/", headers={"HX-Request-Type": "partial"}).text


def test_the_end_of_a_long_job_is_told_and_leads_to_it(alice, people, five, settings):
    alice.post(path("tag", five[0]), given(1, tag="重点", how="add"))
    job = last_job()
    told = Notification.objects.create(user=people.alice, kind="job", job=job, created_at=now())
    page = alice.get("/notifications/").text
    assert "加标签「重点」" in page
    assert "1 位客户加了标签「重点」" in page
    assert alice.post(f"/notifications/{told.pk}/")["Location"] == f"/jobs/{job.pk}/"


def test_the_number_of_queries_of_a_change_does_not_grow_with_the_customers(alice, five, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    alice.post(path("tag", five[0]), given(1, tag="x", how="add"))
    with CaptureQueriesContext(connection) as few:
        alice.post(path("tag", *five[:2]), given(2, tag="重点", how="add"))
    with django_assert_num_queries(len(few)):
        alice.post(path("tag", *five), given(5, tag="要紧", how="add"))


def test_the_bin_shows_who_was_deleted_and_gives_them_back(bob, five, people, signed_in):
    bob.post(path("delete", *five[:2]), given(2))
    page = bob.get("/customers/bin/").text
    assert "客户0" in page
    assert "客户2" not in page
    assert "客户0" not in bob.get("/customers/").text
    assert bob.get(f"/customers/{five[0].pk}/").status_code == 404
    carol = signed_in(people.carol)
    assert "客户0" not in carol.get("/customers/bin/").text
    assert carol.post("/customers/bin/restore/", {"customer": five[0].pk}).status_code == 422
    response = bob.post("/customers/bin/restore/", {"customer": five[0].pk, **given(1)}, follow=True)
    assert "1 customer restored" in response.text or "1 位客户恢复了" in response.text
    assert [customer.pk for customer in Customer.present.order_by("pk")] == [five[0].pk, *(c.pk for c in five[2:])]


def test_above_two_hundred_the_count_is_said_with_a_confirmation(bob, people, rules):
    from zhike.customers.bulk import save_customers

    save_customers([{"key": f"k{n}", "name": f"客户{n}", "owner": people.alice} for n in range(201)], by=None)
    page = bob.get(path("plan", query="every=1")).text
    assert "安排下次联系：201 位客户" in page
    assert "我确认要一次改这么多客户" in page
    assert bob.post(path("plan", query="every=1"), given(201, day="")).status_code == 422
    assert bob.post(path("plan", query="every=1"), given(201, day="2027-01-01", confirmed="on")).status_code == 302
    assert Customer.objects.filter(next_contact_on="2027-01-01").count() == 201


def test_items_of_removed_customers_are_forgotten(bob, five, settings):
    from zhike.customers.actions.bin import remove_for_good

    bob.post(path("tag", *five[:2]), given(2, tag="重点", how="add"))
    bob.post(path("delete", five[0]), given(1))
    settings.ZHIKE_NOW = now() + timedelta(days=30, minutes=1)
    assert remove_for_good() == 1
    assert set(Item.objects.values_list("target", flat=True)) == {five[1].pk}


def test_a_person_who_left_does_nothing_more(alice, five, people, monkeypatch):
    monkeypatch.setattr("zhike.web.bulk.kinds.Tag.at_once", 0)
    alice.post(path("tag", *five), given(5, tag="重点", how="add"))
    type(people.alice).objects.filter(pk=people.alice.pk).update(is_active=False)
    run_job(last_job().pk)
    assert last_job().state == "failed"
    assert column("tags") == [[]] * 5


def test_the_owner_who_left_meanwhile_is_given_nobody(bob, five, people, monkeypatch):
    other = make_user("Dora", team=people.alice.team)
    monkeypatch.setattr("zhike.web.bulk.kinds.Assign.at_once", 0)
    bob.post(path("assign", *five), given(5, owner=other.pk))
    type(other).objects.filter(pk=other.pk).update(is_active=False)
    run_job(last_job().pk)
    assert (last_job().state, last_job().said["en"]) == ("failed", "You may not give a customer to this person")
    assert set(column("owner")) == {people.alice.pk}
