from __future__ import annotations

import re
from pathlib import Path

import pytest

import zhike.base
from tests.packs.told import classes
from zhike.packs import load_data, load_pack, shipped

ICONS = set((Path(zhike.base.__file__).parent / "icons.txt").read_text(encoding="utf-8").split("\n"))
STATUS = ["loyal", "won", "engaged", "interested", "prospect"]
ACTIVITY = ["new", "active", "dormant", "lost"]
VALUE = ["high", "low", "regular"]
INTENT = ["lost", "hot", "warm", "watching"]
# Pack, dimension and classes, all in the order in which they are tried or shown.
KEYS = {
    "b2b": {
        "status": STATUS,
        "value": ["high", "potential", "low", "regular"],
        "intent": INTENT,
        "cycle": ["within", "due", "overdue", "lost", "irregular"],
        "segment": ["partner", "leader", "large", "sme"],
        "health": ["at_risk", "good", "steady", "none"],
    },
    "b2c": {
        "status": ["loyal", "repeat", "won", "interested", "prospect"],
        "activity": ACTIVITY,
        "value": VALUE,
        "frequency": ["frequent", "steady", "occasional", "paused"],
        "intent": ["hot", "warm", "lost", "watching"],
        "age": ["senior", "middle", "grown", "young", "unknown"],
    },
    "education": {
        "status": STATUS,
        "intent": INTENT,
        "goal": ["exam", "contest", "career", "interest", "unknown"],
        "ability": ["advanced", "support", "steady", "unknown"],
        "attendance": ["absent", "slack", "regular", "none"],
        "renewal": ["due", "overdue", "running", "ended", "unknown"],
    },
    "general": {
        "status": STATUS,
        "activity": ["new", "active", "lost", "dormant"],
        "value": VALUE,
        "intent": INTENT,
        "need": ["both", "service", "product"],
        "type": ["company", "person"],
    },
    "realestate": {
        "status": STATUS,
        "intent": INTENT,
        "funds": ["ready", "conditional", "short", "unknown"],
        "layout": ["large", "family", "compact", "unknown"],
        "commute": ["near", "fair", "far", "unknown"],
    },
    "retail": {"status": ["loyal", "won", "prospect"], "activity": ACTIVITY, "value": VALUE},
}
FIELDS = {
    "b2b": ["position", "purchase_cycle", "employees"],
    "b2c": ["spending_power", "brand_attitude"],
    "education": ["goal", "ability", "test_score", "course_ends"],
    "general": [],
    "realestate": ["funds", "budget", "family", "purpose", "workplace", "commute"],
    "retail": [],
}
# Whose default is an answer also of somebody of whom nothing is known.
ANSWERS = {"b2b": ["status", "health"], "education": ["status", "attendance"]}
# A comma between digits is part of the number.
CHINESE = re.compile(r"[\u3400-\u9fff]")
HALF_WIDTH = re.compile(r"(?<!\d),|[;:()?!！您亲]")
NOTABLE = {"azurite", "malachite", "gamboge", "ochre", "cinnabar", "wisteria"}
MOST_DIMENSIONS = 6

PACKS = [load_pack(name) for name in shipped()]
CLASSES = [
    pytest.param(scheme, c, id=f"{p.key}:{scheme.dimension}.{c.key}")
    for p in PACKS
    for scheme in p.schemes
    for c in scheme.classes
]


def test_six_packs_ship_with_these_classes():
    assert shipped() == list(KEYS)
    assert {p.key: {s.dimension: [c.key for c in s.classes] for s in p.schemes} for p in PACKS} == KEYS
    assert max(len(p.schemes) for p in PACKS) == MOST_DIMENSIONS


def test_a_pack_brings_the_fields_of_its_industry_and_names_them():
    assert {p.key: [field.key.removeprefix("custom.") for field in p.fields] for p in PACKS} == FIELDS
    for field in (field for p in PACKS for field in p.fields):
        words = [field.label, *(field.choices or {}).values()]
        assert all(CHINESE.search(text.zh) and not CHINESE.search(text.en) for text in words), field.key


def test_a_class_of_the_same_name_looks_the_same_in_every_pack():
    looks = {}
    for pack in PACKS:
        for scheme in pack.schemes:
            for c in scheme.classes:
                looks.setdefault((scheme.dimension, c.key), {})[pack.key] = (c.tone, c.icon)
    assert {key: found for key, found in looks.items() if len(set(found.values())) > 1} == {}


@pytest.mark.parametrize(("scheme", "class_"), CLASSES)
def test_every_class_is_complete(scheme, class_):
    assert class_.definition.zh
    assert class_.definition.en
    assert class_.aliases
    assert (class_.level is not None) == (scheme.dimension == "status")
    assert bool(class_.icon) != (scheme.dimension == "status")
    assert not class_.icon or class_.icon in ICONS
    assert scheme.icon in ICONS
    # 低价值 and its like stay quiet: only what someone should look at is filled.
    assert class_.look == "plain" or class_.tone in NOTABLE or class_.key == "prospect"


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.key)
def test_every_class_of_a_dimension_reads_differently(pack):
    for scheme in pack.schemes:
        for language in ("zh", "en"):
            words = [
                text
                for c in scheme.classes
                for text in {c.label.get(language), *(c.aliases if language == "zh" else ())}
            ]
            assert len(words) == len(set(words))
        assert len({c.definition.zh for c in scheme.classes}) == len(scheme.classes)
        assert len({c.definition.en for c in scheme.classes}) == len(scheme.classes)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.key)
def test_chinese_sentences_have_chinese_marks(pack):
    for scheme in pack.schemes:
        for class_ in scheme.classes:
            service = class_.service
            texts = [class_.label, class_.definition, service.promise, service.content]
            assert not any(HALF_WIDTH.search(text.zh) for text in texts if text)
            assert not any(CHINESE.search(text.en) for text in texts if text)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.key)
def test_few_defaults_are_an_answer_without_evidence(pack):
    assert [s.dimension for s in pack.schemes if not s.needs_evidence] == ANSWERS.get(pack.key, ["status"])


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.key)
def test_nobody_is_low_or_short_for_want_of_data(pack):
    found = classes(pack, "")
    assert set(found.values()) <= {"prospect", "none", "undetermined"}


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.key)
def test_who_needs_us_most_is_seen_most_often(pack):
    cadence = {(s.dimension, c.key): c.service.cadence_days for s in pack.schemes for c in s.classes}
    if pack.key == "retail":
        assert cadence["value", "high"] == 30
    else:
        assert cadence["intent", "hot"] <= 5
        assert cadence["intent", "hot"] < cadence["intent", "warm"] < cadence["intent", "watching"]
    assert cadence.get(("value", "low")) is None


@pytest.mark.parametrize(("scheme", "class_"), CLASSES)
def test_ranks_say_which_way_is_down(scheme, class_):
    """The classes of a dimension have a rank each, or none where there is no better and worse."""
    ranked = [c.rank for c in scheme.classes if c.rank is not None]
    assert class_.rank is None or len(ranked) >= len(scheme.classes) - 1


def test_a_pack_that_somebody_changed_in_memory_still_ships_as_it_was():
    data = load_data("general")
    data["dimensions"].clear()
    assert len(load_data("general")["dimensions"]) == len(KEYS["general"])
