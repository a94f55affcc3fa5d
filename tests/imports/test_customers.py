"""Customers of a file as the command brings them in: their columns, their own fields, what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.factories import make_customer, make_user
from tests.imports.bringing import brought, carry
from zhike.cli.import_files import Wishes, _plan
from zhike.customers.models import Customer, CustomField
from zhike.imports.actions.plans import set_plan
from zhike.timeline.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(settings, tmp_path):
    settings.ZHIKE_NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    settings.MEDIA_ROOT = tmp_path / "media"


def customers(tmp_path, text, mapping=None):
    imported = brought(tmp_path, text)
    imported = carry(set_plan(imported=imported, plan=_plan(imported, Wishes("customers", mapping or {})), by=None))
    return imported, [(row.line, row.said["en"]) for row in imported.rows.filter(verdict="rejected")]


CUSTOMERS = """id,name,kind,phone,email,tags,birthday,seats,rate,since,vip,note,empty
K1,上海梧桐里,企业,13812345678,A@b.cn,VIP|老客户,1990-01-02,3,1.50,2020-02-29,true,你好,
K2,张三,person,,,,,,,,,,
"""


def test_customers_with_fields_of_their_own(tmp_path):
    found, refused = customers(tmp_path, CUSTOMERS)

    assert refused == []
    assert (found.total, found.created, found.rejected) == (2, 2, 0)
    assert dict(CustomField.objects.values_list("key", "type")) == {
        "seats": "integer",
        "rate": "decimal",
        "since": "date",
        "vip": "bool",
        "note": "text",
    }
    first = Customer.objects.get(key="K1")
    assert (first.name, first.kind, first.phone, first.email) == ("上海梧桐里", "company", "+8613812345678", "a@b.cn")
    assert (first.tags, first.birthday) == (["VIP", "老客户"], date(1990, 1, 2))
    assert first.custom == {"seats": 3, "rate": 1.5, "since": "2020-02-29", "vip": True, "note": "你好"}
    assert Customer.objects.get(key="K2").custom == {}


def test_same_customers_twice_change_nothing(tmp_path):
    customers(tmp_path, CUSTOMERS)
    before = list(Customer.objects.values().order_by("pk"))

    found, refused = customers(tmp_path, CUSTOMERS)

    assert refused == []
    assert (found.created, found.updated, found.unchanged) == (0, 0, 2)
    assert list(Customer.objects.values().order_by("pk")) == before


def test_empty_cell_leaves_what_is_there(tmp_path):
    make_customer("甲", key="K1", city="上海", region="华东")

    found, _ = customers(tmp_path, "id,city,region\nK1,,华南\n")

    assert found.updated == 1
    customer = Customer.objects.get(key="K1")
    assert (customer.city, customer.region) == ("上海", "华南")


def test_bad_customers_are_refused_by_line(tmp_path):
    make_user("Alice", email="alice@example.com")
    text = "id,name,size,owner,phone\nK1,a,huge,,\nK2,b,small,nobody@x.cn,\nK3,c,,alice@example.com,\n,,,,\nK4,d,,,12\n,e,,,\n"

    found, refused = customers(tmp_path, text)

    assert refused == [
        (2, "Size: huge is none of: micro, small, medium, large"),
        (3, "Owner: there is no user with the e-mail or the name nobody@x.cn"),
        (6, "Phone: 12 cannot be a telephone number"),
    ]
    assert set(Customer.objects.values_list("name", flat=True)) == {"c", "e"}
    assert Customer.objects.get(name="c").owner.email == "alice@example.com"
    assert (found.rejected, found.total) == (3, 5)


def test_values_that_do_not_fit_a_known_field_are_refused(tmp_path):
    customers(tmp_path, CUSTOMERS)

    found, refused = customers(tmp_path, "id,seats\nK1,many\nK2,7\n")

    assert refused == [(2, "custom.seats: “many” is not a number")]
    assert found.updated == 1
    assert Customer.objects.get(key="K1").custom["seats"] == 3


def test_owner_is_changed_by_a_file_and_told(tmp_path):
    alice, bob = make_user(email="alice@example.com"), make_user(email="bob@example.com")
    customer = make_customer("甲", key="K1", owner=alice, tags=["a"], custom={})

    found, refused = customers(tmp_path, "id,owner,tags\nK1,Bob@Example.com,b|c\n")

    customer.refresh_from_db()
    assert (refused, found.updated) == ([], 1)
    assert (customer.owner, customer.tags, customer.tags_folded, customer.version) == (bob, ["b", "c"], ["b", "c"], 2)
    changes = {c["field"]: (c["from"], c["to"]) for c in Event.objects.get(kind="customer.updated").data["changes"]}
    assert changes == {"tags": (["a"], ["b", "c"])}
    given = Event.objects.get(kind="owner.changed").data
    assert (given["from"], given["to"]) == ("alice@example.com", "bob@example.com")


def test_a_file_whose_rows_are_all_refused_defines_no_fields(tmp_path):
    _, refused = customers(tmp_path, "id,name,owner,seats\nK1,甲,nobody@b.cn,3\n")

    assert refused == [(2, "Owner: there is no user with the e-mail or the name nobody@b.cn")]
    assert not CustomField.objects.exists()


def test_own_fields_are_read_by_their_kind(tmp_path):
    from zhike.core.text import Text
    from zhike.customers.actions.fields import add_field
    from zhike.customers.fields import KINDS_BY_KEY

    person = make_user("Ann", email="ann@example.com")
    make_customer("集团", key="M1")
    choices = [{"key": "", "zh": zh, "en": "", "retired": False} for zh in ("金", "银")]
    for kind, name in (
        ("money", "spend"),
        ("set", "gear"),
        ("person", "consultant"),
        ("customer", "parent"),
        ("phone", "duty"),
    ):
        given = {"choices": choices} if kind == "set" else {}
        add_field(field_kind=KINDS_BY_KEY[kind], by=None, label=Text(name, name), **given)
    mother = Customer.objects.get(key="M1")

    found, refused = customers(
        tmp_path,
        "id,name,spend,gear,consultant,parent,duty\n"
        "K1,甲,1234.50,金|银,ann@example.com,M1,138 0013 8000\n"
        "K2,乙,1.234,,,,\n"
        "K3,丙,,铜,,,\n"
        "K4,丁,,,nobody@example.com,,\n"
        "K5,戊,,,,M9,\n",
    )

    assert (found.created, found.rejected) == (1, 4)
    assert Customer.objects.get(key="K1").custom == {
        "spend": 123_450,
        "gear": ["jin", "yin"],
        "consultant": person.email,
        "parent": str(mother.pk),
        "duty": "+8613800138000",
    }
    assert [line for line, _ in refused] == [3, 4, 5, 6]
    assert any("at most 2 decimals" in reason for _, reason in refused)
