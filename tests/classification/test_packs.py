"""Rules come into force as a whole, or not at all."""

from __future__ import annotations

import copy

import pytest

from tests.classification.samples import PACK
from tests.factories import make_customer, make_people
from zhike.accounts.queries import company
from zhike.base.errors import Forbidden
from zhike.classification.actions.packs import ensure_rules, install_pack
from zhike.classification.models import Placement, Scheme, SchemeVersion
from zhike.classification.rules import parse_rules, rulebook
from zhike.core.conditions.describe import describe
from zhike.core.errors import PackError, ZhikeError
from zhike.core.facts import FieldType
from zhike.customers.actions import define_field
from zhike.customers.models import CustomField

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
