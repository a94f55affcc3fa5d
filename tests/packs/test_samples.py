"""Each pack has a small company in which every class of every dimension has a member."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.engine.frames import events_frame, people_frame
from zhike.core.events import Event
from zhike.core.facts import CUSTOMER_FIELDS, FieldType, Ref
from zhike.core.history import History
from zhike.engine.place import place
from zhike.packs import load_pack, shipped
from zhike.packs.samples import DAYS, load_sample, sampled
from zhike.timeline.kinds import KINDS

TODAY = date(2026, 11, 19)
ZONE = ZoneInfo("Asia/Shanghai")
SAMPLES = {name: load_sample(name, TODAY) for name in sampled()}
TYPES = {Ref(f.key): f.type for f in CUSTOMER_FIELDS}
CUSTOMER_TYPES = {FieldType.TEXT: str, FieldType.CHOICE: str, FieldType.INTEGER: int, FieldType.DATE: date}

# Pack → dimension → how many stand in each class, in the order of the pack.
SIZES = {
    "b2b": {
        "status": {"loyal": 11, "won": 10, "engaged": 7, "interested": 3, "prospect": 17},
        "value": {"high": 3, "potential": 8, "low": 5, "regular": 32},
        "intent": {"lost": 9, "hot": 7, "warm": 3, "watching": 29},
        "cycle": {"within": 10, "due": 3, "overdue": 4, "lost": 1, "irregular": 30},
        "segment": {"partner": 2, "leader": 5, "large": 6, "sme": 35},
        "health": {"at_risk": 5, "good": 7, "steady": 9, "none": 27},
    },
    "b2c": {
        "status": {"loyal": 11, "repeat": 13, "won": 13, "interested": 7, "prospect": 6},
        "activity": {"new": 7, "active": 12, "dormant": 11, "lost": 20},
        "value": {"high": 10, "low": 10, "regular": 30},
        "frequency": {"frequent": 6, "steady": 7, "occasional": 20, "paused": 17},
        "intent": {"hot": 6, "warm": 3, "lost": 10, "watching": 31},
        "age": {"senior": 10, "middle": 19, "grown": 14, "young": 4, "unknown": 3},
    },
    "education": {
        "status": {"loyal": 9, "won": 26, "engaged": 5, "interested": 11, "prospect": 11},
        "intent": {"lost": 13, "hot": 9, "warm": 7, "watching": 33},
        "goal": {"exam": 22, "contest": 4, "career": 10, "interest": 20, "unknown": 6},
        "ability": {"advanced": 9, "support": 11, "steady": 23, "unknown": 19},
        "attendance": {"absent": 8, "slack": 3, "regular": 19, "none": 32},
        "renewal": {"due": 5, "overdue": 4, "running": 21, "ended": 5, "unknown": 27},
    },
    "general": {
        "status": {"loyal": 7, "won": 12, "engaged": 3, "interested": 6, "prospect": 12},
        "activity": {"new": 9, "active": 20, "lost": 3, "dormant": 8},
        "value": {"high": 5, "low": 5, "regular": 30},
        "intent": {"lost": 7, "hot": 10, "warm": 2, "watching": 21},
        "need": {"both": 5, "service": 3, "product": 32},
        "type": {"company": 33, "person": 7},
    },
    "realestate": {
        "status": {"loyal": 4, "won": 6, "engaged": 8, "interested": 8, "prospect": 17},
        "intent": {"lost": 9, "hot": 14, "warm": 4, "watching": 16},
        "funds": {"ready": 9, "conditional": 17, "short": 3, "unknown": 14},
        "layout": {"large": 5, "family": 21, "compact": 12, "unknown": 5},
        "commute": {"near": 13, "fair": 17, "far": 5, "unknown": 8},
    },
    "retail": {
        "status": {"loyal": 15, "won": 24, "prospect": 3},
        "activity": {"new": 5, "active": 20, "dormant": 5, "lost": 12},
        "value": {"high": 18, "low": 6, "regular": 18},
    },
}


def history(customer):
    values = {ref: frozenset() if type_ is FieldType.SET else None for ref, type_ in TYPES.items()}
    for ref, type_ in TYPES.items():
        if ref.name != "owner" and type_ is not FieldType.SET:
            values[ref] = getattr(customer, ref.name) or None
    values[Ref("customer.tags")] = frozenset(customer.tags)
    values |= {Ref(f"custom.{key}"): value for key, value in customer.custom.items()}
    return History(values, [Event(e.kind, e.day, e.amount or 0, e.data) for e in customer.events], ZONE)


def placed(name):
    """Return dimension → the class of each customer, by the core."""
    schemes = load_pack(name).schemes
    facts = [history(customer).facts(schemes, TODAY) for customer in SAMPLES[name].customers]
    return {scheme.dimension: [f[Ref(f"class.{scheme.dimension}")] for f in facts] for scheme in schemes}


def test_every_pack_has_a_sample():
    assert sampled() == shipped()


@pytest.mark.parametrize("name", sampled())
def test_every_class_has_a_member(name):
    counts = {dimension: Counter(keys) for dimension, keys in placed(name).items()}
    found = {s.dimension: {c.key: counts[s.dimension][c.key] for c in s.classes} for s in load_pack(name).schemes}
    assert found == SIZES[name]
    assert all(size for sizes in found.values() for size in sizes.values())


@pytest.mark.parametrize("name", sampled())
def test_the_engine_places_the_sample_as_the_core_does(name):
    pack = load_pack(name)
    histories = [history(customer) for customer in SAMPLES[name].customers]
    types = TYPES | {Ref(field.key): field.type for field in pack.fields}
    frame = place(pack.schemes, people_frame(histories, types), events_frame(histories), as_of=TODAY, zone=ZONE)
    frame = frame.sort("customer")
    assert {s.dimension: frame[f"class.{s.dimension}"].to_list() for s in pack.schemes} == placed(name)


@pytest.mark.parametrize("name", sampled())
def test_a_sample_is_a_small_company_of_eighteen_months(name):
    sample = SAMPLES[name]
    assert sample.pack == name
    assert 40 <= len(sample.customers) <= 62
    assert len({c.name for c in sample.customers}) == len({c.key for c in sample.customers}) == len(sample.customers)
    first = TODAY - timedelta(days=DAYS)
    for customer in sample.customers:
        days = [event.day for event in customer.events]
        assert days == sorted(days)
        assert all(first <= day <= TODAY for day in days)
        assert customer.created_on <= min(days, default=TODAY)


@pytest.mark.parametrize("name", sampled())
def test_what_happened_is_of_a_known_kind_and_says_what_that_kind_may_say(name):
    for event in (event for customer in SAMPLES[name].customers for event in customer.events):
        assert set(event.data) <= set(KINDS[event.kind].data) | {"points", "product"}, event


@pytest.mark.parametrize("name", sampled())
def test_own_fields_hold_what_the_pack_allows(name):
    fields = {field.key.removeprefix("custom."): field for field in load_pack(name).fields}
    seen = {}
    for customer in SAMPLES[name].customers:
        for key, value in customer.custom.items():
            assert isinstance(value, CUSTOMER_TYPES[fields[key].type])
            assert not fields[key].choices or value in fields[key].choices
            seen.setdefault(key, set()).add(value)
    assert set(seen) == set(fields)


def test_the_same_day_gives_the_same_company_and_the_next_the_same_a_day_later():
    assert load_sample("education", TODAY) == SAMPLES["education"]
    later = load_sample("education", TODAY + timedelta(days=1))
    for before, after in zip(SAMPLES["education"].customers, later.customers, strict=True):
        assert [event.day + timedelta(days=1) for event in before.events] == [event.day for event in after.events]
        assert [event._replace(day=TODAY) for event in before.events] == [
            event._replace(day=TODAY) for event in after.events
        ]
