from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from tests.packs.pack_tables import fields_table, table
from zhike.core import packs
from zhike.core.schemes import Look, Mode, Tone
from zhike.packs import load_pack, read_yaml, shipped

PAGE = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (分类包|字段|维度|类别|默认类别|服务) \| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE)


def keys_of(place):
    return [key for where, key, _ in ROWS if where == place]


@pytest.mark.parametrize("name", shipped())
def test_the_page_shows_the_pack_as_it_is(name):
    pack = load_pack(name)
    assert table(pack) in PAGE
    assert not pack.fields or fields_table(pack) in PAGE


def test_every_key_is_explained_and_no_other():
    assert keys_of("分类包") == list(packs._PACK_KEYS)
    assert keys_of("字段") == list(packs._FIELD_KEYS)
    assert set(keys_of("维度")) == set(packs._DIMENSION_KEYS)
    assert set(keys_of("类别")) == {*packs._CLASS_KEYS, "when"}
    assert keys_of("默认类别") == ["needs_evidence"]
    assert keys_of("服务") == list(packs._SERVICE_KEYS)


@pytest.mark.parametrize(
    ("key", "choices"),
    [
        ("mode", get_args(Mode.__value__)),
        ("tone", get_args(Tone.__value__)),
        ("look", get_args(Look.__value__)),
        ("methods", packs.METHODS),
        ("owner", packs.OWNERS),
    ],
)
def test_every_choice_is_named(key, choices):
    row = next(text for _, found, text in ROWS if found == key)
    assert all(f"`{choice}`" in row for choice in choices)


def test_the_examples_are_a_pack_and_its_fields():
    example, fields = re.findall(r"^```yaml\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    data = read_yaml(example.encode())
    pack = packs.parse_pack(data)
    assert [class_.key for class_ in pack.schemes[0].classes] == ["regular", "quiet", "guest"]
    (goal,) = packs.parse_pack({**data, **read_yaml(fields.encode())}).fields
    assert list(goal.choices) == ["exam", "interest"]
