from __future__ import annotations

import re
from pathlib import Path

import pytest

import zhike.base
from zhike.packs import load_pack, shipped

ICONS = set((Path(zhike.base.__file__).parent / "icons.txt").read_text(encoding="utf-8").split("\n"))
KEYS = {
    "status": {"prospect", "interested", "engaged", "won", "loyal"},
    "activity": {"new", "active", "dormant", "lost"},
    "value": {"high", "regular", "low"},
    "intent": {"hot", "warm", "watching", "lost"},
    "need": {"product", "service", "both"},
    "type": {"company", "person"},
}
# A comma between digits is part of the number.
HALF_WIDTH = re.compile(r"(?<!\d),|[;:()?!！您亲]")
NOTABLE = {"azurite", "malachite", "gamboge", "ochre", "cinnabar", "wisteria"}

PACKS = [load_pack(name) for name in shipped()]
CLASSES = [
    pytest.param(scheme, c, id=f"{p.key}:{scheme.dimension}.{c.key}")
    for p in PACKS
    for scheme in p.schemes
    for c in scheme.classes
]


def test_two_packs_ship():
    assert shipped() == ["general", "retail"]
    assert [scheme.dimension for scheme in load_pack("general").schemes] == list(KEYS)
    assert [scheme.dimension for scheme in load_pack("retail").schemes] == ["status", "activity", "value"]


def test_the_general_pack_has_every_class_of_its_dimensions():
    assert {s.dimension: {c.key for c in s.classes} for s in load_pack("general").schemes} == KEYS


@pytest.mark.parametrize(("scheme", "class_"), CLASSES)
def test_every_class_is_complete(scheme, class_):
    assert class_.key in KEYS[scheme.dimension]
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
            texts = [class_.label.zh, class_.definition.zh, class_.service.promise.zh if class_.service.promise else ""]
            assert not any(HALF_WIDTH.search(text) for text in texts)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.key)
def test_only_prospects_are_an_answer_without_evidence(pack):
    assert [s.dimension for s in pack.schemes if not s.needs_evidence] == ["status"]


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.key)
def test_who_needs_us_most_is_seen_most_often(pack):
    cadence = {(s.dimension, c.key): c.service.cadence_days for s in pack.schemes for c in s.classes}
    if pack.key == "general":
        assert cadence["intent", "hot"] == 3
        assert cadence["value", "high"] == 14
    assert cadence["value", "low"] is None
