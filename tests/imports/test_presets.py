"""Small files in the shapes in which other programs hand out what they know."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.factories import make_user
from tests.imports.bringing import brought, carry, counts, said
from zhike.customers.models import Customer, CustomField
from zhike.imports.plans import Plan
from zhike.imports.presets import PRESETS, preset_for
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(settings, tmp_path):
    settings.ZHIKE_NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    settings.MEDIA_ROOT = tmp_path / "media"


FILES = {
    "wukong-customers": (
        "客户名称,客户级别,客户行业,客户来源,成交状态,手机,电话,网址,下次联系时间,备注,首要联系人,锁定状态,负责人,创建人,创建时间,更新时间\n"
        "梧桐里酒店,A（重点客户）,酒店,展会,未成交,13812345678,021-62345678,www.wtl.cn,2026-12-01 09:00:00,老客户,沈一帆,未锁定,,王五,2024-03-01 10:00:00,2026-01-01 10:00:00\n"
    ),
    "fxiaoke-customers": (
        "客户名称（必填）,客户编号,客户级别,生命状态,1级行业,来源,电话,省,市,负责人（必填）,归属部门,创建时间,成交状态,统一社会信用代码\n"
        "梧桐里酒店,KH-001,重点客户,正常,酒店,展会,13812345678,上海,上海,,销售部,2024-03-01 10:00,未成交,91310000MA1K35XQ6H\n"
    ),
    "zoho-accounts": (
        "Record Id,Account Name,Account Owner,Phone,Website,Industry,Billing City,Billing State,Employees,Annual Revenue,Created Time,Modified Time,Tag\n"
        "zcrm_1,梧桐里酒店,,13812345678,www.wtl.cn,酒店,上海,上海,120,5000000,2024-03-01 10:00:00,2026-01-01 10:00:00,VIP\n"
    ),
    "hubspot-companies": (
        "Record ID,Company name,Company owner,Create Date,Phone Number,Last Activity Date,City,Country/Region,Industry\n"
        "991,梧桐里酒店,,2024-03-01 10:00,+86 138 1234 5678,2026-01-01 10:00,上海,China,酒店\n"
    ),
    "salesforce-accounts": (
        "Account ID,Account Name,Account Owner,Type,Phone,Billing City,Industry,Created Date,Last Modified Date\n"
        "001A,梧桐里酒店,,Prospect,13812345678,上海,酒店,3/1/2024,1/1/2026\n"
    ),
}
PERSONS = {
    "wukong-contacts": (
        "姓名,客户名称,手机,电话,邮箱,职务,是否关键决策人,负责人,创建时间\n沈一帆,梧桐里酒店,13812345678,,s@wtl.cn,采购经理,,,2024-03-01 10:00:00\n"
    ),
    "zoho-leads": (
        "Record Id,Lead Owner,Company,First Name,Last Name,Title,Email,Mobile,Lead Source,Lead Status,City\n"
        "zcrm_2,,梧桐里酒店,一帆,沈,采购经理,s@wtl.cn,13812345678,展会,Contacted,上海\n"
    ),
    "hubspot-contacts": (
        "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Job Title,Associated Company,Create Date\n"
        "51,一帆,沈,s@wtl.cn,13812345678,,NEW,采购经理,梧桐里酒店,2024-03-01 10:00\n"
    ),
    "salesforce-contacts": (
        "Salutation,First Name,Last Name,Title,Account Name,Phone,Mobile,Email,Contact Owner,Contact ID\n"
        ",一帆,沈,采购经理,梧桐里酒店,,13812345678,s@wtl.cn,,003A\n"
    ),
    "google-contacts": (
        "First Name,Middle Name,Last Name,Organization Name,Organization Title,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\n"
        "一帆,,沈,梧桐里酒店,采购经理,,,* myContacts ::: 展会,Work,s@wtl.cn,Mobile,13812345678 ::: 13912345678\n"
    ),
    "google-contacts-before-2024": (
        "Name,Given Name,Additional Name,Family Name,Birthday,Notes,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Type,Organization 1 - Name,Organization 1 - Title\n"
        "沈一帆,一帆,,沈,,,* myContacts,Work,s@wtl.cn,Mobile,13812345678,,梧桐里酒店,采购经理\n"
    ),
    "outlook-contacts": (
        "Title,First Name,Middle Name,Last Name,Company,Department,Job Title,Business Phone,Mobile Phone,E-mail Address,E-mail Type,Birthday,Categories,Notes\n"
        ",一帆,,沈,梧桐里酒店,采购部,采购经理,,13812345678,s@wtl.cn,SMTP,4/12/1985,展会,\n"
    ),
}


def test_every_preset_has_a_file_of_its_shape():
    assert {one.key for one in PRESETS} == {*FILES, *PERSONS}


@pytest.mark.parametrize("key", FILES)
def test_companies_of_another_program_are_known_by_heart(tmp_path, key):
    make_user("王五", email="wang@example.com")
    imported = brought(tmp_path, FILES[key])
    assert Plan.of(imported.plan).preset == key

    imported = carry(imported)

    assert counts(imported) == {"created": 1}, said(imported)
    customer = Customer.objects.get()
    assert (customer.name, customer.phone, customer.industry) == ("梧桐里酒店", "+8613812345678", "酒店")
    assert customer.created_on == date(2024, 3, 1)
    labels = set(CustomField.objects.values_list("label_zh", flat=True))
    assert not labels & {
        "更新时间",
        "生命状态",
        "归属部门",
        "Last Modified Date",
        "Modified Time",
        "Last Activity Date",
    }


def test_author_and_day_of_a_record_are_kept(tmp_path):
    author = make_user("王五", email="wang@example.com")
    carry(brought(tmp_path, FILES["wukong-customers"]))

    created = Event.objects.get(kind="customer.created")
    assert (created.actor, created.day) == (author, date(2024, 3, 1))
    customer = Customer.objects.get()
    assert list(customer.contacts.values_list("name", flat=True)) == ["沈一帆"]
    assert customer.next_contact_on == date(2026, 12, 1)
    assert set(customer.reaches.values_list("value", flat=True)) == {"+8613812345678", "+862162345678"}


@pytest.mark.parametrize("key", PERSONS)
def test_persons_of_another_program_stand_at_their_company(tmp_path, key):
    imported = brought(tmp_path, PERSONS[key])
    assert (Plan.of(imported.plan).preset, imported.what) == (key, "contacts")

    imported = carry(imported)

    assert counts(imported) == {"created": 1}, said(imported)
    customer = Customer.objects.get()
    contact = customer.contacts.get()
    assert (customer.name, contact.name, contact.title) == ("梧桐里酒店", "沈一帆", "采购经理")
    assert (contact.phone, contact.email) == ("+8613812345678", "s@wtl.cn")
    if key == "google-contacts":
        assert set(contact.reaches.values_list("value", flat=True)) >= {"+8613812345678", "+8613912345678"}
    if key == "outlook-contacts":
        assert contact.birthday == date(1985, 4, 12)


def test_the_preset_with_the_most_marks_wins():
    assert preset_for(["Record ID", "First Name", "Last Name", "Email", "Contact owner"]).key == "hubspot-contacts"
    assert preset_for(["姓名", "电话"]) is None
