"""How customers and contacts are reached, on their pages and forms."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test.utils import CaptureQueriesContext

from tests.factories import make_customer
from zhike.customers.actions.contacts import add_contact
from zhike.customers.models import Contact, Customer, Reach
from zhike.customers.reaches import NewReach


def rows(*given, **more):
    """Return the rows as the browser sends them: kind, value, label, whether primary."""
    names = ("reach_kind", "reach_value", "reach_label", "reach_rank")
    return {name: [row[at] for row in given] for at, name in enumerate(names)} | more


def kept(**where):
    return [(one.kind, one.value, one.label) for one in Reach.objects.filter(**where)]


def test_the_page_shows_all_and_the_form_changes_them(alice, hotel):
    path = f"/customers/{hotel.pk}/reaches/"
    assert alice.get(path).text.count("data-clone-row") == 3  # the number, and empty rows for e-mail and WeChat
    given = rows(
        ("phone", "138 0013 8000", "", ""),
        ("phone", "139 0013 9000", "老板", "1"),
        ("wechat", "wtl", "", ""),
        ("email", " ", "", ""),
        version=hotel.version,
    )
    assert alice.post(path, given)["Location"] == f"/customers/{hotel.pk}/"
    assert kept(customer=hotel) == [
        ("phone", "+8613900139000", "老板"),
        ("phone", "+8613800138000", ""),
        ("wechat", "wtl", ""),
    ]
    hotel.refresh_from_db()
    assert (hotel.phone, hotel.version) == ("+8613900139000", 2)
    page = alice.get(f"/customers/{hotel.pk}/").text
    for seen in ("139 **** 9000", "老板", "wtl", "tel:+8613900139000"):
        assert seen in page
    assert alice.get("/customers/?q=9000").text.count("data-row") >= 1


def test_what_is_refused_stays_in_the_form(alice, hotel):
    given = rows(("phone", "12", "x", ""), version=1)
    response = alice.post(f"/customers/{hotel.pk}/reaches/", given)
    assert response.status_code == 422
    assert "不可能是电话号码" in response.text
    assert 'value="12"' in response.text
    assert kept(customer=hotel) == [("phone", "+8613800138000", "")]


def test_an_old_form_is_refused_in_words(alice, people, hotel, signed_in):
    path = f"/customers/{hotel.pk}/reaches/"
    signed_in(people.bob).post(path, rows(("phone", "13900139000", "", ""), version=1))
    response = alice.post(path, rows(("phone", "13700137000", "", ""), version=1))
    assert response.status_code == 409
    assert f'<a href="{path}">看最新内容</a>' in response.text
    assert kept(customer=hotel) == [("phone", "+8613900139000", "")]


def test_a_number_that_others_have_is_named(alice, people, hotel):
    seen = make_customer("苏州锦观物业", owner=people.alice, phone="+86 138-0013-8000")
    make_customer("不归你看", owner=people.charlie, phone="13800138000")
    page = alice.get(f"/customers/{hotel.pk}/").text
    assert f'<a href="/customers/{seen.pk}/">苏州锦观物业</a>' in page
    assert "另有 1 位不归你看的客户也用这个号码或邮箱" in page
    assert "不归你看</a>" not in page


def test_a_contact_has_all_of_it(alice, hotel):
    path = f"/customers/{hotel.pk}/contacts/"
    given = rows(
        ("phone", "13800138001", "手机", ""),
        ("wecom", "shenyf", "", ""),
        name="沈一帆",
        role="gatekeeper",
        birthday="1980-05-06",
        preferences="下午三点后打",
        key=str(uuid4()),
    )
    alice.post(f"{path}new/", given)
    contact = Contact.objects.get(customer=hotel)
    assert (contact.role, str(contact.birthday), contact.preferences, contact.is_primary) == (
        "gatekeeper",
        "1980-05-06",
        "下午三点后打",
        True,
    )
    assert kept(contact=contact) == [("phone", "+8613800138001", "手机"), ("wecom", "shenyf", "")]
    page = alice.get(f"/customers/{hotel.pk}/").text
    for seen in ("把关", "下午三点后打", "生日 5-6", "shenyf", "主要联系人"):
        assert seen in page


def test_whoever_left_is_kept_and_stands_last(alice, hotel):
    first = add_contact(customer=hotel, by=None, name="沈一帆")
    add_contact(customer=hotel, by=None, name="何静怡")
    form = {"name": "沈一帆", "left_on": "2026-01-05", "version": 1}
    alice.post(f"/customers/{hotel.pk}/contacts/{first.pk}/", form)
    contacts = alice.get(f"/customers/{hotel.pk}/").context["side"].contacts
    assert [(one.contact.name, one.contact.is_primary) for one in contacts] == [("何静怡", False), ("沈一帆", False)]
    assert "已离职 01-05 周一" in alice.get(f"/customers/{hotel.pk}/").text
    refused = alice.post(f"/customers/{hotel.pk}/contacts/{first.pk}/", {**form, "left_on": "2199-01-01", "version": 2})
    assert (refused.status_code, "离职日期不能晚于今天" in refused.text) == (422, True)


COMPANY = {"kind": "company", "name": "上海云汀餐饮管理"}


def test_a_company_is_made_with_its_first_contact(alice, people):
    contact = {"contact-name": "沈一帆", "contact-phone": "138 0013 8001", "contact-role": "decider"}
    form = {**COMPANY, **contact, "owner": people.alice.pk, "key": str(uuid4())}
    answers = [alice.post("/customers/new/", form)["Location"] for _ in range(2)]
    made = Customer.objects.get(name="上海云汀餐饮管理")
    assert answers == [f"/customers/{made.pk}/"] * 2
    assert [(one.name, one.phone, one.role) for one in made.contacts.all()] == [("沈一帆", "+8613800138001", "decider")]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"contact-phone": "13800138001"}, "写下联系人的姓名。"),
        ({"contact-name": "沈一帆", "contact-phone": "12"}, "不可能是电话号码"),
        ({"contact-name": "沈\x00一帆"}, "zk-error"),
    ],
)
def test_a_bad_first_contact_makes_neither(alice, people, given, words):
    response = alice.post("/customers/new/", {**COMPANY, **given, "owner": people.alice.pk, "key": str(uuid4())})
    assert response.status_code == 422
    assert words in response.text
    assert (Customer.objects.count(), Contact.objects.count()) == (0, 0)


def test_a_person_needs_no_contact(alice, people):
    form = {"kind": "person", "name": "陈思远", "contact-name": "沈一帆", "birthday": "1990-02-03"}
    form |= {"owner": people.alice.pk, "key": str(uuid4())}
    alice.post("/customers/new/", form)
    made = Customer.objects.get(name="陈思远")
    assert (made.contacts.count(), str(made.birthday)) == (0, "1990-02-03")
    assert "还没有联系人" not in alice.get(f"/customers/{made.pk}/").text


def test_where_a_customer_came_from_is_kept_and_suggested(alice, people, hotel):
    touch = {
        "source": "2026 春季酒店用品展",
        "campaign": "春季新品",
        "first_touch_channel": "展会",
        "first_touch_on": "2026-03-05",
        "first_touch_note": "在展位上试用了 R2",
    }
    alice.post("/customers/new/", {**COMPANY, **touch, "owner": people.alice.pk, "key": str(uuid4())})
    made = Customer.objects.get(name="上海云汀餐饮管理")
    assert {name: str(getattr(made, name)) for name in touch} == touch
    page = alice.get(f"/customers/{made.pk}/").text
    for seen in ("来源：2026 春季酒店用品展 · 春季新品", "首次接触", "2026-03-05", "在展位上试用了 R2"):
        assert seen in page
    offered = re.findall(r'<option value="([^"]+)">', alice.get("/customers/new/").text)
    assert {"2026 春季酒店用品展", "春季新品", "展会"} <= set(offered)


def test_the_page_asks_as_often_for_many_as_for_few(alice, hotel):
    from django.db import connection

    def queries():
        with CaptureQueriesContext(connection) as found:
            alice.get(f"/customers/{hotel.pk}/")
        return len(found)

    add_contact(customer=hotel, by=None, name="沈一帆", phone="13800138001")
    queries()
    few = queries()
    for number in range(5):
        given = [NewReach("phone", f"1380013801{number}"), NewReach("wechat", f"id{number}")]
        add_contact(customer=hotel, by=None, name=f"联系人{number}", reaches=given)
    assert queries() == few


def test_who_may_read_no_numbers_reads_their_masks_everywhere(people, rules, hotel, signed_in):
    from tests.factories import make_user
    from zhike.accounts.models import Role
    from zhike.customers.actions.reaches import set_reaches

    contact = add_contact(customer=hotel, by=None, name="沈一帆", phone="13700137000")
    given = [NewReach("phone", "13900139000", "老板"), NewReach("email", "boss@wtl.cn"), NewReach("wechat", "wtl_boss")]
    set_reaches(customer=hotel, version=hotel.version, given=given, by=people.alice)
    auditor = signed_in(make_user("Otto", role=Role.AUDITOR))
    for path in (f"/customers/{hotel.pk}/", f"/customers/{hotel.pk}/history/"):
        page = auditor.get(path).text
        for secret in ("13900139000", "13700137000", "boss@wtl.cn", "wtl_boss", "tel:", "mailto:"):
            assert secret not in page, (path, secret)
        assert "联系方式" in page
    assert auditor.get(f"/customers/{hotel.pk}/contacts/{contact.pk}/").status_code == 403


def test_the_history_says_how_they_were_reached_before_and_after(alice, people, hotel):
    from zhike.customers.actions.reaches import set_reaches

    given = [NewReach("phone", "13900139000", "老板"), NewReach("wechat", "wtl_boss")]
    set_reaches(customer=hotel, version=hotel.version, given=given, by=people.alice)
    page = alice.get(f"/customers/{hotel.pk}/history/?field=reaches").text
    assert ("老板" in page, "wtl_boss" in page, "13900139000" in page) == (True, True, False)
