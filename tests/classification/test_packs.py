"""Rules come into force as a whole, or not at all."""

from __future__ import annotations

import copy
from datetime import date

import pytest

from tests.classification.samples import PACK
from tests.factories import make_customer, make_event, make_people
from zhike.accounts.queries import company
from zhike.base.errors import Forbidden
from zhike.classification.actions.packs import ensure_rules, install_pack
from zhike.classification.models import InstalledPack, Placement, Scheme, SchemeVersion
from zhike.classification.packs import original_pack, present_pack
from zhike.classification.rules import parse_rules, rulebook
from zhike.core.conditions.describe import describe
from zhike.core.errors import PackError, ZhikeError
from zhike.core.facts import FieldType
from zhike.core.packs import parse_pack
from zhike.core.text import Text
from zhike.customers.actions.fields import define_field
from zhike.customers.models import CustomField
from zhike.packs import load_pack, shipped

pytestmark = pytest.mark.django_db


def test_shipped_rules_are_in_force_from_the_start():
    customer = make_customer()

    ensure_rules()
    ensure_rules()

    assert company().pack == "general"
    assert list(Scheme.objects.values_list("dimension", flat=True)) == [
        "status",
        "activity",
        "value",
        "intent",
        "need",
        "type",
    ]
    assert SchemeVersion.objects.count() == 6
    assert Placement.objects.filter(customer=customer).count() == 6


def test_same_pack_twice_makes_no_new_version():
    install_pack(pack=PACK, by=None)

    install_pack(pack=PACK, by=None)

    assert list(SchemeVersion.objects.values_list("number", "state")) == [(1, "published"), (1, "published")]


def test_only_admins_change_the_rules():
    people = make_people()

    with pytest.raises(Forbidden):
        install_pack(pack=PACK, by=people.bob)

    assert not Scheme.objects.exists()
    install_pack(pack=PACK, by=people.ada)
    assert SchemeVersion.objects.filter(by=people.ada).count() == 2


@pytest.mark.parametrize(
    "broken",
    [
        {**PACK, "version": 0},
        {**PACK, "dimensions": [PACK["dimensions"][1]]},
        {**PACK, "dimensions": [PACK["dimensions"][0], PACK["dimensions"][0]]},
        "no-such-pack",
    ],
)
def test_broken_pack_changes_nothing(broken):
    with pytest.raises(ZhikeError):
        install_pack(pack=broken, by=None)

    assert not Scheme.objects.exists()


def test_pack_brings_its_fields():
    install_pack(pack={**PACK, "fields": {"age": "integer"}}, by=None)

    assert CustomField.objects.get(key="age").type == "integer"


def test_pack_brings_labels_and_choices_and_knows_them_afterwards():
    label = {"zh": "学习目标", "en": "Goal"}
    choices = {"exam": {"zh": "升学", "en": "Exams"}, "fun": {"zh": "兴趣", "en": "Interest"}}
    goal = {"type": "choice", "label": label, "choices": choices}
    value, care = PACK["dimensions"]
    value = copy.deepcopy(value)
    value["classes"][0]["when"] = {"field": "custom.goal", "op": "eq", "value": "exam"}

    install_pack(pack={**PACK, "fields": {"goal": goal}, "dimensions": [value, care]}, by=None)

    rules = rulebook()
    assert rules.broken == {}
    assert describe(rules.scheme("value").classes[0].when, "zh", rules.fields) == "学习目标是升学"
    customer = make_customer(custom={"goal": "升学"})
    assert Placement.objects.get(customer=customer, dimension="value").class_key == "high"


def test_field_of_another_type_stops_the_pack():
    define_field(key="age", type_=FieldType.TEXT, by=None)

    with pytest.raises(PackError) as caught:
        install_pack(pack={**PACK, "fields": {"age": "integer"}}, by=None)

    assert caught.value.path == "fields.age"
    assert not Scheme.objects.exists()


def test_condition_that_can_no_longer_be_read_stops_its_dimension_and_those_that_read_it():
    install_pack(pack=PACK, by=None)
    make_customer()
    versions = list(SchemeVersion.objects.select_related("scheme"))
    when = {"field": "custom.gone", "op": "is_set"}
    versions[0].data["classes"][0]["when"] = when

    rules = parse_rules(versions, ())

    assert rules.schemes == ()
    assert set(rules.broken) == {"value", "care"}
    assert len(rulebook().schemes) == 2


def test_the_pack_is_remembered_as_it_was_delivered():
    people = make_people()
    install_pack(pack=PACK, by=people.ada)
    install_pack(pack=PACK, by=None)

    (kept,) = InstalledPack.objects.all()
    assert (kept.key, kept.version, kept.data, kept.by) == ("test", 1, PACK, people.ada)
    assert original_pack() == kept


def test_a_merged_pack_is_remembered_by_the_edition_that_was_merged_in():
    edition = {**PACK, "version": 2}
    own = copy.deepcopy(PACK)
    own["dimensions"][0]["classes"][0]["service"] = {"cadence_days": 3}

    install_pack(pack=PACK, by=None)
    install_pack(pack=own, base=edition, by=None)

    assert [(p.version, p.data) for p in InstalledPack.objects.order_by("pk")] == [(1, PACK), (2, edition)]
    assert present_pack()["dimensions"][0]["classes"][0]["service"] == {"cadence_days": 3}
    assert (present_pack()["pack"], present_pack()["version"]) == ("test", 2)


def test_a_base_that_cannot_be_read_changes_nothing():
    with pytest.raises(PackError):
        install_pack(pack=PACK, base={**PACK, "version": 0}, by=None)

    assert not Scheme.objects.exists()
    assert not InstalledPack.objects.exists()


def test_the_rules_in_force_are_a_pack_with_the_fields_that_they_read():
    goal = {"exam": Text("升学", "Exams"), "fun": Text("兴趣", "Interest")}
    for key in ("goal", "unread"):
        define_field(key=key, type_=FieldType.CHOICE, by=None, label=Text("目标", "Goal"), choices=goal)
    value, care = copy.deepcopy(PACK["dimensions"])
    value["classes"][0]["when"] = {"field": "custom.goal", "op": "eq", "value": "exam"}
    install_pack(pack={**PACK, "dimensions": [value, care]}, by=None)

    exported = present_pack()

    choices = {"exam": {"zh": "升学", "en": "Exams"}, "fun": {"zh": "兴趣", "en": "Interest"}}
    assert exported["fields"] == {"goal": {"type": "choice", "label": {"zh": "目标", "en": "Goal"}, "choices": choices}}
    assert parse_pack(exported).schemes == rulebook().schemes


def test_without_rules_there_is_nothing_to_export():
    with pytest.raises(PackError):
        present_pack()


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_pack_is_exported_as_it_was_installed(name):
    install_pack(pack=name, by=None)

    assert parse_pack(present_pack()) == load_pack(name)


def test_a_day_in_a_condition_is_stored_and_read_again():
    value, care = copy.deepcopy(PACK["dimensions"])
    value["classes"][0]["when"] = {"field": "customer.created_on", "op": "lt", "value": date(2026, 1, 1)}

    install_pack(pack={**PACK, "dimensions": [value, care]}, by=None)

    when = rulebook().scheme("value").classes[0].when
    assert when == parse_pack({**PACK, "dimensions": [value, care]}).schemes[0].classes[0].when


def test_a_quantile_gets_the_number_of_the_customers_and_without_any_keeps_that_of_the_pack():
    share = {"quantile": 0.5, "number": 777}
    value, care = copy.deepcopy(PACK["dimensions"])
    value["classes"][0]["when"] = {"field": "metric.revenue", "over": {"days": 30}, "op": "gte", "value": share}
    pack = {**PACK, "dimensions": [value, care]}

    def number():
        return Scheme.objects.get(dimension="value").current.data["classes"][0]["when"]["value"]["number"]

    install_pack(pack=pack, by=None)
    assert number() == 777
    for amount in (100, 300, 500):
        make_event(make_customer(), "order.placed", amount=amount)
    install_pack(pack=pack, by=None)
    assert number() == 300
    assert [p.data for p in InstalledPack.objects.all()] == [pack]
