"""Packs are written as people write them, and read back the same."""

from __future__ import annotations

import pytest

from tests.core.pack_sides import PACK, changed, put
from zhike.core.pack_tree import data_of, tree_of
from zhike.core.packs import parse_pack
from zhike.packs import load_data, read_yaml, shipped
from zhike.packs.writing import write_yaml


def written(data):
    return write_yaml(data_of(tree_of(data), key=data["pack"], version=data["version"]))


@pytest.mark.parametrize("name", shipped())
def test_a_written_pack_reads_back_the_same(name):
    text = written(load_data(name))
    assert parse_pack(read_yaml(text.encode())) == parse_pack(load_data(name))
    assert written(read_yaml(text.encode())) == text


def test_it_reads_like_the_shipped_ones():
    text = written(changed(put("service.promise", {"zh": "次日答复", "en": "An answer, the next day"})))
    assert text.startswith(
        """\
pack: test
version: 1
fields:
  goal:
    type: choice
    label: {zh: 目标, en: Goal}
    choices:
      exam: {zh: 升学, en: Exams}
      fun: {zh: 兴趣, en: Interest}
dimensions:
  - key: value
    label: {zh: 价值, en: Value}
    classes:
      - key: high
        label: {zh: 高, en: High}
        when: {field: metric.revenue, over: {days: 365}, op: gte, value: 100000}
        service:
          cadence_days: 14
          promise: {zh: 次日答复, en: 'An answer, the next day'}
"""
    )


@pytest.mark.parametrize(
    "text", ["yes", "1", "2026-01-01", "a: b", "# no", "x, y", "[z]", "'", '"', "*a", "多\n行", " 空 "]
)
def test_texts_that_yaml_would_take_for_something_else_survive(text):
    data = changed(put("definition", {"zh": text, "en": text}), put("aliases", [text]))
    assert parse_pack(read_yaml(written(data).encode())) == parse_pack(data)


def test_the_same_thing_in_two_places_is_written_twice():
    assert "&" not in written(PACK)
