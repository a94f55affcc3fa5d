"""Names taken apart, and what evidence weighs."""

from __future__ import annotations

import math

import pytest

from zhike.core.duplicates.companies import Company, take_apart
from zhike.core.duplicates.evidence import WEIGHTS, Evidence, add_up, weigh
from zhike.core.duplicates.people import Person, take_person
from zhike.core.duplicates.records import Counts
from zhike.core.duplicates.words import LEGAL_FORMS, TRADE_OF, TRADES

PLACES = frozenset({"深圳", "深圳市", "广东省", "广东", "北京", "上海", "上海市", "朝阳区"})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("深圳市华宇科技有限公司", Company("深圳市", "华宇", "科技", "有限公司")),
        ("广东省深圳市华宇信息科技股份有限公司", Company("深圳市", "华宇", "信息科技", "股份有限公司")),
        ("华宇(深圳)科技有限责任公司", Company("深圳", "华宇", "科技", "有限责任公司")),
        ("华 宇 · 科技 有限公司", Company("", "华宇", "科技", "有限公司")),
        ("华宇科技(已注销)", Company("", "华宇", "科技", "")),
        ("华宇集团有限公司", Company("", "华宇", "", "集团有限公司")),
        ("上海有限公司", Company("", "上海", "", "有限公司")),
        ("网络科技有限公司", Company("", "网络", "科技", "有限公司")),
        ("深圳市华宇科技有限公司北京分公司", Company("深圳市", "华宇", "科技", "有限公司", "北京")),
        ("华宇科技北京办事处", Company("", "华宇", "科技", "", "北京")),
        ("华宇科技有限公司分公司", Company("", "华宇", "科技", "有限公司", "分")),
        ("雨林木风计算机网络科技有限公司", Company("", "雨林木风", "计算机网络科技", "有限公司")),
        ("the acme trading co. ltd", Company(words=("acme", "trading"))),
        ("pano \\ 's and paul's", Company(words=("panos", "pauls"))),
        ("co ltd", Company(words=("co", "ltd"))),
    ],
)
def test_a_company_name_is_taken_apart(name, expected):
    assert take_apart(name, PLACES) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张伟", Person("张伟")),
        ("张伟先生", Person("张伟")),
        (" 张 伟 ", Person("张伟")),
        ("张总", Person("张", is_surname=True)),
        ("欧阳女士", Person("欧阳", is_surname=True)),
        ("欧阳娜娜", Person("欧阳娜娜")),
        ("张建工", Person("张建工")),
        ("王总经理", Person("王", is_surname=True)),
        ("dr. jane o'neil", Person(words=("jane", "o", "neil"))),
        ("这是一整句写在姓名里的话", Person()),
    ],
)
def test_a_person_is_called_without_their_title(name, expected):
    assert take_person(name) == expected


def test_a_surname_of_two_characters_is_one():
    assert (Person("欧阳娜娜").surname, Person("张伟").surname, Person("东方").surname) == ("欧阳", "张", "东")


def test_words_stand_in_one_list_only():
    assert sum(len(family) for family in TRADES) == len(TRADE_OF)
    assert list(LEGAL_FORMS) == sorted(
        LEGAL_FORMS, key=lambda form: -max(len(other) for other in LEGAL_FORMS if other.endswith(form))
    ) or all(
        LEGAL_FORMS.index(longer) < LEGAL_FORMS.index(form)
        for form in LEGAL_FORMS
        for longer in LEGAL_FORMS
        if longer != form and longer.endswith(form)
    )


def test_what_belongs_to_one_holder_weighs_by_the_length_of_the_list_and_by_how_many_have_it():
    small, large = Counts(1_000), Counts(64_000)
    assert weigh("phone", "mobile", large) - weigh("phone", "mobile", small) == pytest.approx(6)
    assert weigh("phone", "mobile", small) - weigh("phone", "mobile", small, others=8) == pytest.approx(3)
    assert weigh("phone", "other", small) == weigh("phone", "other", large) == math.log2(0.25)


def test_a_common_value_says_less_than_its_kind():
    assert weigh("city", "same", Counts(1_000), others=500) == pytest.approx(math.log2(0.9 / 0.5))
    assert weigh("city", "same", Counts(1_000)) == pytest.approx(math.log2(0.9 / 0.01))


def test_a_score_is_the_sum_less_the_length_of_the_list():
    pieces = [Evidence("city", "same", 3.0), Evidence("phone", "mobile", 12.0, "138", "138")]
    found = add_up(pieces, Counts(1_024))
    assert (found.score, [piece.part for piece in found.evidence]) == (5.0, ["phone", "city"])
    assert found.chance == pytest.approx(32 / 33)
    assert found.is_founded
    assert not add_up(pieces[:1], Counts(10)).is_founded
    assert found.evidence[0].sentence.zh == "手机相同：138"
    assert found.evidence[1].sentence.en == "the same city"


def test_what_agrees_speaks_for_and_what_differs_against():
    counts = Counts(1_000)
    for part, level in WEIGHTS:
        bits = weigh(part, level, counts)
        assert (bits < 0) == (level in {"other", "branch"} or (part, level) == ("words", "some")), (part, level)


def test_the_table_of_weights_stands_in_the_documentation():
    from pathlib import Path

    lines = (Path(__file__).parents[2] / "docs" / "duplicates.md").read_text(encoding="utf-8").splitlines()
    told = {}
    for line in lines:
        if line.startswith("| `"):
            name, said, one, others = (cell.strip() for cell in line.strip("|").split("|"))
            told[tuple(name.strip("`").split("."))] = (said, float(one), float(others.split(" ")[0]), "个" in others)
    assert told == {
        key: (weight.said.zh or "（英文名里的一个词）", weight.one, float(f"{weight.others:.6g}"), weight.is_held)
        for key, weight in WEIGHTS.items()
    }
