"""Creating and changing customers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.factories import make_customer, make_people
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid
from zhike.core.facts import FieldType
from zhike.core.text import Text
from zhike.customers.actions.customers import create_customer, update_customer
from zhike.customers.actions.fields import define_field
from zhike.customers.actions.log import log_contact
from zhike.customers.facts import custom_fields
from zhike.customers.models import Customer
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from typing import Any

pytestmark = pytest.mark.django_db


def kinds(customer: Customer) -> list[str]:
    return list(Event.objects.filter(customer=customer).order_by("pk").values_list("kind", flat=True))


def test_create_derives_what_follows() -> None:
    people = make_people()

    customer = create_customer(
        name=" 上海梧桐里 酒店 ",
        region="华东",
        phone="138 1234 5678",
        email="HOTEL@Example.COM",
        tags=["VIP", "vip ", "连锁", "VIP"],
        by=people.alice,
    )

    customer.refresh_from_db()
    assert customer.name == "上海梧桐里 酒店"
    assert customer.owner == people.alice
    assert customer.phone == "+8613812345678"
    assert customer.phone_state == "valid"
    assert customer.email == "hotel@example.com"
    assert customer.tags == ["VIP", "连锁"]  # as the dictionary writes them
    assert customer.tags_folded == ["vip", "连锁"]
    assert customer.name_key == "shang4 hai3 wu2 tong2 li3 jiu3 dian4 上海梧桐里 酒店"
    found_by = customer.searched
    assert (found_by.name, found_by.initials) == ("上海梧桐里酒店\n", "shwtljd\n")
    assert found_by.pinyin == "shanghaiwutonglijiudian\n"
    assert (found_by.phones, found_by.emails) == ("8613812345678\n", "hotel@example.com\n")
    assert kinds(customer) == ["customer.created"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "x", "size": "huge"}, "size"),
        ({"name": "x", "birthday": date(1899, 12, 31)}, "birthday"),
        ({"name": "x", "created_on": date(9999, 1, 1)}, "created_on"),
        ({"name": "x", "phone": "12"}, "phone"),
        ({"name": "x", "email": "nobody"}, "email"),
        ({"name": "x", "custom": {"age": 3}}, "custom.age"),
    ],
)
def test_create_refuses_what_cannot_be_stored(given: dict[str, Any], path: str) -> None:
    people = make_people()

    with pytest.raises(Invalid) as caught:
        create_customer(by=people.alice, **given)

    assert caught.value.path == path
    assert Customer.objects.count() == 0


def test_possible_phone_is_kept_unverified() -> None:
    assert make_customer(phone="12345678901").phone_state == "unverified"


def test_key_is_unique() -> None:
    make_customer(key="K1")

    with pytest.raises(Conflict):
        make_customer(key="K1")

    assert Customer.objects.count() == 1


def test_sales_cannot_give_customers_away() -> None:
    people = make_people()

    with pytest.raises(Forbidden):
        create_customer(name="x", owner=people.charlie, by=people.alice)

    assert Customer.objects.count() == 0


def test_update_writes_one_event_with_what_changed() -> None:
    people = make_people()
    customer = make_customer("甲", owner=people.alice, region="华东")

    changed = update_customer(customer=customer, version=1, by=people.alice, region="华南", name="乙")

    assert changed.version == 2
    assert changed.searched.name == "乙\n"
    event = Event.objects.get(kind="customer.updated")
    assert event.actor == people.alice
    assert event.data == {
        "version": 2,
        "changes": [
            {"field": "region", "from": "华东", "to": "华南"},
            {"field": "name", "from": "甲", "to": "乙"},
        ],
    }


def test_update_that_changes_nothing_writes_nothing() -> None:
    customer = make_customer(region="华东")

    assert update_customer(customer=customer, version=1, by=None, region="华东").version == 1
    assert kinds(customer) == ["customer.created"]


def test_second_editor_hears_who_changed_what() -> None:
    people = make_people()
    customer = make_customer(owner=people.alice)
    update_customer(customer=customer, version=1, by=people.bob, city="上海", owner=people.bob)

    with pytest.raises(Conflict) as caught:
        update_customer(customer=customer, version=1, by=people.ada, city="北京")

    assert "Bob 修改了负责人、城市" in caught.value.zh
    assert "Bob changed Owner, City" in caught.value.en
    customer.refresh_from_db()
    assert customer.city == "上海"


def test_stranger_cannot_change() -> None:
    people = make_people()
    customer = make_customer(owner=people.alice, city="上海")

    with pytest.raises(NotFound):
        update_customer(customer=customer, version=1, by=people.charlie, city="北京")

    customer.refresh_from_db()
    assert (customer.city, customer.version) == ("上海", 1)


LABELS = {"seats": Text("座位", "Seats"), "floor": Text("楼层", "Floor")}
GOALS = {"exam": Text("升学", "Exams"), "interest": Text("兴趣", "Interest")}


def test_choices_keep_their_order_and_are_named_by_key_or_label():
    define_field(key="goal", type_=FieldType.CHOICE, by=None, label=Text("学习目标", "Goal"), choices=GOALS)

    (goal,) = custom_fields()
    assert list(goal.choices.items()) == list(GOALS.items())
    given = {"interest": "interest", "升学": "exam", "EXAMS": "exam"}
    assert {raw: make_customer(custom={"goal": raw}).custom["goal"] for raw in given} == given
    with pytest.raises(Invalid) as caught:
        make_customer(custom={"goal": "竞赛"})
    assert caught.value.path == "custom.goal"
    assert caught.value.zh == "没有 竞赛 这个选项，可选：升学、兴趣"


def test_a_field_that_is_there_gets_what_it_lacks_and_keeps_its_names():
    define_field(key="goal", type_=FieldType.CHOICE, by=None, choices={"exam": Text("考试", "Tests")})
    define_field(key="goal", type_=FieldType.CHOICE, by=None, label=Text("学习目标", "Goal"), choices=GOALS)
    define_field(key="goal", type_=FieldType.CHOICE, by=None, label=Text("目标", "Aim"))

    (goal,) = custom_fields()
    assert goal.label == Text("学习目标", "Goal")
    assert goal.choices == {"exam": Text("考试", "Tests"), "interest": Text("兴趣", "Interest")}


def test_a_field_of_another_type_stays_as_it_is():
    define_field(key="goal", type_=FieldType.TEXT, by=None)
    found = define_field(key="goal", type_=FieldType.CHOICE, by=None, label=Text("学习目标", "Goal"), choices=GOALS)

    assert (found.type, found.label_zh, found.choices) == ("text", "goal", [])


def test_custom_values_take_the_declared_type() -> None:
    for key, type_ in {"age": FieldType.INTEGER, "rate": FieldType.DECIMAL, "note": FieldType.TEXT}.items():
        define_field(key=key, type_=type_, by=None)

    customer = make_customer(custom={"age": "007", "rate": "1.50", "note": " ＡＢ "})

    customer.refresh_from_db()
    assert customer.custom == {"age": 7, "rate": 1.5, "note": "ＡＢ"}
    assert customer.custom_folded == {"note": "ab"}


def test_own_fields_change_one_by_one():
    for key, label in LABELS.items():
        define_field(key=key, type_=FieldType.INTEGER, by=None, label=label)
    customer = make_customer(custom={"seats": 3, "floor": 1})

    update_customer(customer=customer, version=1, by=None, custom={"seats": 4})
    update_customer(customer=customer, version=2, by=None, custom={"floor": ""})

    customer.refresh_from_db()
    assert customer.custom == {"seats": 4}
    changes = [event.data["changes"] for event in Event.objects.filter(kind="customer.updated").order_by("pk")]
    assert changes == [
        [{"field": "custom.seats", "from": 3, "to": 4}],
        [{"field": "custom.floor", "from": 1, "to": None}],
    ]
    with pytest.raises(Conflict) as caught:
        update_customer(customer=customer, version=1, by=None, custom={"seats": 5})
    assert "Zhike 修改了座位、楼层" in caught.value.zh


def test_log_contact_records_and_plans() -> None:
    people = make_people()
    customer = make_customer(owner=people.alice)

    event = log_contact(
        customer=customer,
        kind="call",
        by=people.alice,
        text="谈了续签",
        result="有进展",
        next_contact_on=date(2026, 12, 1),
    )

    customer.refresh_from_db()
    assert (event.kind, event.data) == ("call.made", {"text": "谈了续签", "result": "有进展"})
    assert customer.next_contact_on == date(2026, 12, 1)


def test_log_contact_twice_with_one_key_logs_once() -> None:
    people = make_people()
    customer = make_customer(owner=people.alice)

    first = log_contact(customer=customer, kind="call", by=people.alice, key="form-1")
    second = log_contact(customer=customer, kind="call", by=people.alice, key="form-1")

    assert first.pk == second.pk
    assert kinds(customer) == ["customer.created", "call.made"]


def test_log_contact_sent_again_leaves_a_later_plan_alone() -> None:
    alice = make_people().alice
    customer = make_customer(owner=alice)
    first = {"customer": customer, "kind": "call", "by": alice, "text": "谈了续签", "key": "form-1"}

    log_contact(**first, next_contact_on=date(2026, 12, 1))
    log_contact(customer=customer, kind="call", by=alice, next_contact_on=date(2026, 12, 9))
    log_contact(**first, next_contact_on=date(2026, 12, 1))

    customer.refresh_from_db()
    assert customer.next_contact_on == date(2026, 12, 9)


def test_log_contact_with_a_known_key_and_other_words_is_refused() -> None:
    alice = make_people().alice
    customer = make_customer(owner=alice)
    log_contact(customer=customer, kind="call", by=alice, text="谈了续签", key="form-1")

    with pytest.raises(Conflict, match="other words"):
        log_contact(customer=customer, kind="call", by=alice, text="谈了价格", key="form-1")

    assert kinds(customer) == ["customer.created", "call.made"]


def test_a_new_plan_is_not_overwritten_by_a_form_opened_before_it() -> None:
    alice = make_people().alice
    customer = make_customer(owner=alice)
    log_contact(customer=customer, kind="call", by=alice, next_contact_on=date(2026, 12, 1))

    update_customer(customer=customer, version=customer.version, by=alice, next_contact_on=None)  # as the form had it
    with pytest.raises(Conflict):
        update_customer(customer=customer, version=customer.version, by=alice, next_contact_on=date(2026, 12, 9))

    customer.refresh_from_db()
    assert customer.next_contact_on == date(2026, 12, 1)


def test_stranger_cannot_log() -> None:
    people = make_people()
    customer = make_customer(owner=people.alice)

    with pytest.raises(NotFound):
        log_contact(customer=customer, kind="call", by=people.charlie)

    assert kinds(customer) == ["customer.created"]
