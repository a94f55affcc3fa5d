"""Files carried out: matched, judged, stored, once each, and taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.factories import make_customer, make_people
from tests.imports.bringing import brought, carried_out, carry, counts, said, tried, undo
from zhike.customers.models import Contact, Customer, CustomField, Reach
from zhike.imports.models import Import, Row
from zhike.imports.plans import Plan, Use
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(settings, tmp_path):
    settings.ZHIKE_NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    settings.MEDIA_ROOT = tmp_path / "media"


TEXT = """客户编号,客户名称,手机,邮箱,城市,行业,客户级别,累计金额,建档日期
C1,上海梧桐里文化有限公司,13812345678,A@b.cn,上海,零售,A级,"1,200.50",2024/3/1
C2,杭州晓雯软件有限公司,13912345678,,杭州,软件,B级,￥80,2023年5月6日
C3,成都文通路科技有限公司,123,,成都,软件,A级,,
C4,重庆山城贸易有限公司,123,d@e.cn,重庆,软件,A级,,
,,,,,,,,
C5,苏州河畔有限公司,138-1234-5678,,苏州,,B级,,
"""


def test_a_chinese_list_is_read_as_it_stands(tmp_path):
    imported = carried_out(tmp_path, TEXT)

    assert counts(imported) == {"created": 3, "review": 1, "rejected": 1}
    first = Customer.objects.get(key="C1")
    assert (first.name, first.phone, first.email, first.city) == (
        "上海梧桐里文化有限公司",
        "+8613812345678",
        "a@b.cn",
        "上海",
    )
    assert first.created_on == date(2024, 3, 1)
    fields = {field.label_zh: field for field in CustomField.objects.all()}
    assert (fields["客户级别"].type, fields["累计金额"].format) == ("choice", "money")
    assert first.custom[fields["累计金额"].key] == 120_050
    assert Event.objects.get(customer=first, kind="customer.created").day == date(2024, 3, 1)
    assert said(imported)[4] == ("rejected", "Phone: 123 cannot be a telephone number")
    assert said(imported)[5] == ("created", "left out: 123 cannot be a telephone number")
    # The same telephone, another number and another name: somebody has to look.
    assert said(imported)[7] == ("review", "the same telephone as line 2; another number")


def test_a_dry_run_says_what_the_run_does(tmp_path):
    dry = tried(tmp_path, TEXT)
    assert (dry.state, Customer.objects.count(), CustomField.objects.count()) == (Import.State.CHECKED, 0, 0)
    foreseen = counts(dry), said(dry)

    run = carry(dry)

    assert (counts(run), said(run)) == foreseen
    assert run.state == Import.State.DONE


def test_the_same_file_again_changes_nothing(tmp_path):
    carried_out(tmp_path, TEXT)
    before = list(Customer.objects.order_by("pk").values())
    events = Event.objects.count()

    again = carried_out(tmp_path, TEXT)

    assert counts(again) == {"unchanged": 3, "review": 1, "rejected": 1}
    assert list(Customer.objects.order_by("pk").values()) == before
    assert Event.objects.count() == events


def test_undo_takes_creations_and_untouched_updates_back_and_lists_the_others(tmp_path):
    known = make_customer("梧桐里", phone="13812345678", city="苏州")
    other = make_customer("晓雯软件", phone="13912345678", city="宁波")
    imported = carried_out(tmp_path, TEXT.replace("C5", "C1x"))
    assert counts(imported)["updated"] == 2
    other.refresh_from_db()
    assert (other.city, other.key) == ("杭州", "C2")
    from zhike.customers.actions.customers import update_customer

    update_customer(customer=other, version=other.version, by=None, city="绍兴")

    undone = undo(imported)

    assert (undone.state, undone.undone, undone.conflicts) == (Import.State.UNDONE, 2, 1)
    known.refresh_from_db()
    other.refresh_from_db()
    assert (known.city, known.name, known.key, known.custom) == ("苏州", "梧桐里", None, {})
    assert (other.city, other.key) == ("绍兴", "C2")
    assert set(Customer.objects.values_list("pk", flat=True)) == {known.pk, other.pk}
    conflict = Row.objects.get(verdict="conflict")
    assert (conflict.customer_id, conflict.said["en"]) == (other.pk, "city changed since: left as it is")


def test_contacts_join_their_company_and_persons_stand_for_themselves(tmp_path):
    text = "姓名,公司,职务,手机\n张三,上海梧桐里有限公司,采购经理,13812345678\n李四,上海梧桐里有限公司,总监,13912345678\n王五,,,13712345678\n"

    imported = carried_out(tmp_path, text)

    assert imported.what == "contacts"
    assert counts(imported) == {"created": 3}
    company = Customer.objects.get(name="上海梧桐里有限公司")
    assert set(company.contacts.values_list("name", "title", "phone", "is_primary")) == {
        ("张三", "采购经理", "+8613812345678", True),
        ("李四", "总监", "+8613912345678", False),
    }
    person = Customer.objects.get(name="王五")
    assert (person.kind, person.phone) == ("person", "+8613712345678")
    assert counts(carried_out(tmp_path, text)) == {"unchanged": 3}
    changed = carried_out(tmp_path, text.replace("总监", "总经理"))
    assert counts(changed) == {"updated": 1, "unchanged": 2}
    undo(changed)
    assert Contact.objects.get(name="李四").title == "总监"
    undo(imported)
    assert not Customer.objects.exists()
    assert not Reach.objects.exists()


def test_nobody_learns_by_a_match_whom_they_may_not_see(tmp_path):
    people = make_people()
    secret = make_customer("绝密客户", owner=people.charlie, phone="13812345678")

    imported = carried_out(tmp_path, TEXT, by=people.bob)

    row = imported.rows.get(line=2)
    assert (row.verdict, row.said["en"]) == ("review", "a duplicate exists that is not yours to see: ask a manager")
    assert (row.customer_id, row.after, row.before) == (None, {}, {})
    secret.refresh_from_db()
    assert (secret.city, secret.version) == ("", 1)


def test_a_customer_in_the_bin_is_told_of_to_whoever_might_fetch_it_back(tmp_path):
    from zhike.customers.actions.bin import delete_many

    people = make_people()
    mine, secret = (
        make_customer("甲", owner=people.alice, key="C1"),
        make_customer("乙", owner=people.charlie, key="C2"),
    )
    delete_many(ids=[mine.pk, secret.pk], by=people.ada)

    imported = carried_out(tmp_path, "客户编号,客户名称\nC1,甲\nC2,乙\n", by=people.bob)

    assert said(imported) == {
        2: ("rejected", "this customer lies in the bin: restore it"),
        3: ("review", "a duplicate exists that is not yours to see: ask a manager"),
    }
    assert Customer.objects.filter(deleted_at=None).count() == 0


def test_fill_skip_and_columns_of_their_own_way(tmp_path):
    def known():
        return make_customer("旧名", key="C1", city="上海", industry="")

    text = "客户编号,客户名称,城市,行业\nC1,新名,杭州,酒店\n"
    for on_match, uses, expected in (
        ("fill", {}, ("旧名", "上海", "酒店")),
        ("update", {}, ("新名", "杭州", "酒店")),
        ("skip", {}, ("旧名", "上海", "")),
        ("review", {}, ("旧名", "上海", "")),
        ("update", {"城市": Use("city", "fill")}, ("新名", "上海", "酒店")),
        ("fill", {"城市": Use("city", "overwrite")}, ("旧名", "杭州", "酒店")),
    ):
        customer = known()
        plan = Plan.of(brought(tmp_path, text).plan)
        carried_out(tmp_path, text, on_match=on_match, uses={**plan.uses, **uses})
        customer.refresh_from_db()
        assert (customer.name, customer.city, customer.industry) == expected, on_match
        Customer.objects.filter(pk=customer.pk).update(key=None, name_key=str(customer.pk))
