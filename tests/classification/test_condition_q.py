from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from tests import conformance
from tests.conformance import AS_OF, CUSTOM, VALUES, ZONE
from zhike.classification.condition_q import LOOKUPS, condition_q
from zhike.classification.models import CustomerFacts, Placement, Scheme, SchemeVersion
from zhike.core.conditions.evaluate import holds
from zhike.core.conditions.nodes import Not, Test
from zhike.core.conditions.operators import KERNEL, OPERATORS
from zhike.core.facts import FieldType, Ref, value_to_json
from zhike.core.metrics import METRICS
from zhike.core.text import fold
from zhike.customers.models import Customer
from zhike.customers.values import folded

pytestmark = pytest.mark.django_db


def store(values: dict[Ref, object], owner=None) -> Customer:
    """Store a customer with these facts, as the actions normalise them."""
    customer = Customer(name="甲", name_folded="甲", name_key="jia", owner=owner)
    metrics = {}
    for ref, value in values.items():
        if value is None:
            continue
        if ref.source == "metric":
            metrics[str(ref)] = stored_metric(ref, value)
        elif ref.source == "custom":
            _store_custom(customer, ref, value)
        else:
            _store_field(customer, ref, value)
    customer.save()
    CustomerFacts.objects.create(customer=customer, values=metrics, as_of=AS_OF)
    return customer


def stored_metric(ref, value):
    return (AS_OF - timedelta(days=value)).isoformat() if METRICS[ref.name].is_days_since else value_to_json(value)


def _store_custom(customer, ref, value):
    type_ = CUSTOM[str(ref)]
    if type_ is FieldType.SET and not value:
        return
    raw = value_to_json(value)
    customer.custom[ref.name] = float(raw) if type_ is FieldType.DECIMAL else raw
    if type_ in {FieldType.TEXT, FieldType.SET}:
        customer.custom_folded[ref.name] = folded(raw)


def _store_field(customer, ref, value):
    if ref.name == "tags":
        customer.tags = sorted(value)
        customer.tags_folded = sorted(fold(item) for item in value)
        return
    setattr(customer, ref.name, value)
    if isinstance(value, str) and hasattr(customer, f"{ref.name}_folded"):
        setattr(customer, f"{ref.name}_folded", fold(value))


def found(node, as_of=AS_OF) -> set[int]:
    return set(Customer.objects.filter(condition_q(node, as_of, ZONE)).values_list("pk", flat=True))


def agrees(node, stored) -> None:
    """The database finds exactly those for whom the core says yes; nobody is lost to a negation."""
    expected = {pk for pk, facts in stored.items() if holds(node, facts)}
    assert found(node) == expected, node
    assert found(Not(node)) == set(stored) - expected, node


def test_the_database_has_exactly_the_kernel():
    assert set(LOOKUPS) == set(KERNEL)


@pytest.mark.parametrize("case", conformance.cases(), ids=lambda case: case.name)
def test_a_case_has_the_answer_that_a_person_expects(case):
    customer = store(dict(case.facts.values()))
    assert (customer.pk in found(case.node, case.facts.as_of)) is case.expected


@pytest.mark.parametrize("key", list(CUSTOM))
def test_own_fields_agree_on_every_operator_and_bound(key):
    ref, type_ = Ref(key), CUSTOM[key]
    stored = {store({ref: value}).pk: conformance.facts({ref: value}) for value in VALUES[type_]}
    for test in conformance.tests_of(ref, type_):
        agrees(test, stored)


COLUMNS = [
    ("customer.region", FieldType.TEXT, VALUES[FieldType.TEXT]),
    ("customer.kind", FieldType.CHOICE, (None, "company", "person")),
    ("customer.birthday", FieldType.DATE, VALUES[FieldType.DATE]),
    ("customer.tags", FieldType.SET, VALUES[FieldType.SET]),
]


@pytest.mark.parametrize(("key", "type_", "values"), COLUMNS, ids=[row[0] for row in COLUMNS])
def test_columns_agree_on_every_operator_and_bound(key, type_, values):
    ref = Ref(key)
    stored = {store({ref: value}).pk: conformance.facts({ref: value}) for value in values}
    for test in conformance.tests_of(ref, type_):
        value = (
            tuple("person" if item == "b" else "company" for item in test.value)
            if isinstance(test.value, tuple)
            else "person"
        )
        agrees(Test(ref, type_, test.op, value) if type_ is FieldType.CHOICE and test.value else test, stored)


@pytest.mark.parametrize(
    ("ref", "type_"),
    [
        (Ref("metric.orders", 365), FieldType.INTEGER),
        (Ref("metric.days_since_order"), FieldType.INTEGER),
        (Ref("metric.satisfaction"), FieldType.DECIMAL),
    ],
    ids=str,
)
def test_metrics_agree_on_every_operator_and_bound(ref, type_):
    values = [v for v in VALUES[type_] if v is None or not METRICS[ref.name].is_days_since or 0 <= v < 2**20]
    stored = {store({ref: value}).pk: conformance.facts({ref: value}) for value in values}
    for test in conformance.tests_of(ref, type_):
        agrees(test, stored)


def test_the_owner_is_compared_by_e_mail():
    from tests.factories import make_user

    owner, ref = make_user("Lin", email="lin@example.com"), Ref("customer.owner")
    stored = {
        store({}, owner).pk: conformance.facts({ref: "lin@example.com"}),
        store({}).pk: conformance.facts({ref: None}),
    }
    for op, value in [("eq", "Lin@Example.com"), ("is_set", None), ("ne", "lin@example.com"), ("contains", "lin@")]:
        agrees(Test(ref, FieldType.TEXT, op, value), stored)


def test_a_class_is_read_from_the_placement():
    scheme = Scheme.objects.create(dimension="value", position=0)
    version = SchemeVersion.objects.create(scheme=scheme, number=1, data={})
    stored = {}
    for key in (None, "high", "low"):
        customer = store({})
        stored[customer.pk] = conformance.facts({Ref("class.value"): key})
        if key:
            Placement.objects.create(
                customer=customer, dimension="value", class_key=key, since=AS_OF, version=version, reason={}
            )
    for op, value in [("eq", "high"), ("in", ("high", "low")), ("not_in", ("high",)), ("is_set", None)]:
        agrees(Test(Ref("class.value"), FieldType.CHOICE, op, value), stored)


def test_a_stored_value_of_another_type_is_missing():
    customer = store({})
    customer.custom = {"seats": "10", "vip": "true", "since": 20260331, "note": None}
    customer.save()
    for key in ("custom.seats", "custom.vip", "custom.since"):
        assert found(Test(Ref(key), CUSTOM[key], "is_set")) == set()
        assert found(Test(Ref(key), CUSTOM[key], "is_not_set")) == {customer.pk}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conformance.trees, conformance.records)
def test_random_trees_agree(node, record):
    facts = conformance.facts(record)
    customer = store(record)
    assert (customer.pk in found(node)) is holds(node, facts)
    customer.delete()


def test_every_operator_was_tried():
    tried = {t.op for key, type_ in CUSTOM.items() for t in conformance.tests_of(Ref(key), type_)}
    assert tried == set(OPERATORS)
    assert len(list(itertools.chain.from_iterable(VALUES.values()))) > 50
