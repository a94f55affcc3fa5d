"""Records held against each other, lists searched, and lists of which the truth is known."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.core.duplicates.evidence import SAME
from zhike.core.duplicates.records import Counts, count
from zhike.engine.duplicates.blocking import BLOCK_MAX, NEIGHBOURS, pairs_of
from zhike.engine.duplicates.comparing import compare
from zhike.engine.duplicates.groups import groups_of
from zhike.engine.duplicates.labelled import pairs_joined, tally
from zhike.engine.duplicates.reading import read_address, read_date, read_phone, read_record
from zhike.engine.duplicates.searching import search

COUNTS = Counts(1_000)


def levels(one, other, counts=COUNTS):
    found = compare(read_record(1, **one), read_record(2, **other), counts)
    return {piece.part: piece.level for piece in found.evidence}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("深圳市华宇科技有限公司", "華宇（深圳）科技股份有限公司", {"company": "same", "region": "same"}),
        ("深圳市华宇科技有限公司", "北京华宇科技有限公司", {"company": "same", "region": "other"}),
        ("华宇信息科技有限公司", "华宇信息技术有限公司", {"company": "brand"}),
        ("华宇科技有限公司", "华宇", {"company": "brand"}),
        ("华宇科技有限公司", "华宇餐饮有限公司", {"company": "trade"}),
        ("雨林木风科技有限公司", "雨林沐风科技有限公司", {"company": "near"}),
        ("华宇科技有限公司", "华为科技有限公司", {"company": "other"}),
        ("江城第一医院", "江城第二医院", {"company": "other"}),
        ("恒拓精密4厂", "恒拓精密5厂", {"company": "other"}),
        ("华宇科技有限公司", "花雨科技有限公司", {"company": "sound"}),
        ("华宇恒通科技有限公司", "华宇科技", {"company": "part"}),
        ("华宇科技有限公司", "华宇科技有限公司北京分公司", {"company": "branch"}),
        ("Acme Trading Co., Ltd.", "ACME TRADING", {"words": "same"}),
        ("Golden Dragon Palace", "Golden Dragn Palace Inc", {"words": "some"}),
        ("Acme", "Zenith", {"words": "other"}),
    ],
)
def test_companies(one, other, expected):
    assert levels({"company": one}, {"company": other}) == expected


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("张伟", "张伟先生", "same"),
        ("張偉", "张伟", "same"),
        ("张伟", "Zhang Wei", "spelled"),
        ("Weiqiang Zhang", "张伟强", "spelled"),
        ("张伟", "章伟", "sound"),
        ("张伟强", "张伟刚", "near"),
        ("张总", "张伟", "surname"),
        ("李总", "张伟", "other"),
        ("Jane Smith", "Smith, Jane", "swapped"),
        ("Jane Smith", "Jane Smyth", "some"),
        ("Robert Allen", "Rob Allen", "some"),
        ("Jane Smith", "Carl Jones", "other"),
    ],
)
def test_persons(one, other, level):
    assert levels({"people": [one]}, {"people": [other]}) == {"person": level}


@pytest.mark.parametrize(
    ("part", "one", "other", "expected"),
    [
        ("phones", ["138 0013 8000"], ["+8613800138000"], {"phone": "mobile"}),
        ("phones", ["１３８００１３８０００"], ["0086-138-0013-8000"], {"phone": "mobile"}),
        ("phones", ["13800138000"], ["13800138001"], {"phone": "near"}),
        ("phones", ["021-62345678转12"], ["+86 21 6234 5678"], {"phone": "line"}),
        ("emails", ["Wang@Acme.cn"], ["wang@acme.cn"], {"email": "same"}),
        ("emails", ["wangwei@acme.cn"], ["wangwei@acmee.cn"], {"email": "near"}),
        ("emails", ["min28@qq.com"], ["jun28@qq.com"], {"email": "other"}),
        ("emails", ["wang@acme.cn"], ["li@acme.cn"], {"email": "domain"}),
        ("numbers", ["91440300MA5FABCD1X"], ["91440300ma5fabcd1x"], {"number": "same"}),
        ("numbers", ["91440300MA5FABCD1X"], ["91440300MA5FABDC1X"], {"number": "near"}),
        ("birthday", "1990-05-06", "1990/6/5", {"birthday": "near"}),
        ("birthday", "1990-05-06", "1990年5月6日", {"birthday": "same"}),
        ("city", "上海市", "上海", {"city": "same"}),
        ("address", "深南大道100号", "深南大道 100号 518000", {"address": "same"}),
        ("address", "深南大道100号", "深南大道200号", {"address": "other"}),
        ("address", "102 Fifth Avenue", "102 5th ave. between 15th and 16th sts.", {"address": "near"}),
    ],
)
def test_other_parts(part, one, other, expected):
    assert levels({part: one}, {part: other}) == expected


def test_a_fixed_line_and_an_address_count_once():
    house = {"phones": ["021-62345678"], "address": "深南大道100号"}
    found = compare(read_record(1, **house), read_record(2, **house), COUNTS)
    assert sorted(piece.bits > 0 for piece in found.evidence) == [False, True]


def test_values_are_read_as_people_write_them():
    assert [read_phone(raw) for raw in ("86 755 1234567", "12", "", "+1 415 555 0100")] == [
        "7551234567",
        "",
        "",
        "14155550100",
    ]
    assert [read_date(raw) for raw in ("19900506", "1990-5-6", "5.6", "很久以前")] == ["19900506"] * 2 + ["", ""]
    assert read_address("12 Main Street") == "12 main st"


WORDS = st.text(alphabet="华宇恒拓科技公司有限深圳张伟abcz 12()&'", max_size=12)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "company": WORDS,
        "people": st.lists(WORDS, max_size=3),
        "numbers": st.lists(st.text(alphabet="0129AZ", max_size=9), max_size=2),
        "phones": st.lists(st.text(alphabet="0138+ ", max_size=13), max_size=2),
        "emails": st.lists(st.text(alphabet="ab1.@", max_size=12), max_size=2),
        "birthday": st.sampled_from(("", "19900506", "19900605", "20010101", "x")),
        "city": st.sampled_from(("", "上海", "上海市", "New York", "New York City")),
        "address": st.text(alphabet="深南路12 号main st", max_size=12),
    },
)


@settings(max_examples=75, deadline=None)
@given(RECORDS, RECORDS)
def test_it_does_not_matter_which_of_two_comes_first(one, other):
    first, second = read_record(1, **one), read_record(2, **other)
    counts = count([first, second])
    there, back = compare(first, second, counts), compare(second, first, counts)
    assert there.score == pytest.approx(back.score)
    assert sorted((p.part, p.level) for p in there.evidence) == sorted((p.part, p.level) for p in back.evidence)


def test_a_search_finds_those_who_are_one_and_nobody_else():
    people = [
        {"company": "深圳市华宇科技有限公司", "phones": ["13800138000"], "people": ["张伟"]},
        {"company": "华宇科技", "phones": ["+86 138 0013 8000"], "people": ["张总"]},
        {"company": "北京恒拓贸易有限公司", "phones": ["13900139000"], "people": ["张伟"]},
        {"company": "深圳市华宇科技有限公司北京分公司", "people": ["李娜"]},
    ]
    heard = []
    found = list(
        search(
            [read_record(10 - place, **given) for place, given in enumerate(people)],
            least=SAME,
            progress=lambda done, total: heard.append((done, total)),
        )
    )
    assert [(pair.low, pair.high) for pair in found] == [(9, 10)]
    assert heard[-1] == (heard[-1][1], heard[-1][1])


def test_a_key_in_common_is_told_of_whatever_else_differs():
    people = [{"company": name, "phones": ["13800138000"]} for name in ("恒拓贸易", "梧桐里酒店", "松果餐饮")]
    records = [read_record(place, **given) for place, given in enumerate(people)]
    assert list(search(records, least=SAME)) == []
    assert len(list(search(records, least=SAME, with_keys=True))) == 3


def test_a_block_that_is_too_large_is_compared_with_neighbours_only():
    many = [read_record(n, people=["张伟"], birthday=f"{1900 + n}-01-01") for n in range(BLOCK_MAX + 10)]
    pairs = pairs_of(many)
    size = len(many)
    assert pairs.height == sum(size - step for step in range(1, NEIGHBOURS + 1))
    assert pairs_of([]).height == 0


def test_pairs_make_groups():
    assert groups_of({(1, 2), (2, 3), (7, 8)}) == [[1, 2, 3], [7, 8]]
    assert pairs_joined({(1, 2), (2, 3)}) == {(1, 2), (1, 3), (2, 3)}
    counted = tally({(1, 2), (3, 4)}, {(1, 2), (5, 6)})
    assert (counted.precision, counted.recall, counted.f1) == (0.5, 0.5, 0.5)
    assert (counted.wrong, counted.missed) == ([(3, 4)], [(5, 6)])


def test_a_labelled_list_is_measured_from_the_command_line(tmp_path, capsys):
    import typer

    from zhike.cli.bench.duplicates import run

    people = tmp_path / "people.csv"
    people.write_text(
        "编号,公司,手机,谁\na1,华宇科技有限公司,13800138000,x\na2,华宇科技,138-0013-8000,x\nb1,恒拓贸易,13900139000,y\n",
        encoding="gb18030",
    )
    pairs = tmp_path / "truth.json"
    pairs.write_text(json.dumps({"duplicate_pairs": [["a1", "a2"]]}))
    columns = ["公司=company", "手机=phone"]
    for truth in ({"truth": pairs}, {"same": "谁"}, {"same_by": r"^(\w)\d"}):
        run(labelled=people, columns=columns, as_json=True, **truth)
        assert json.loads(capsys.readouterr().out)["figures"]["f1"]["value"] == 1
    both = tmp_path / "pairs.csv"
    both.write_text("left_n,right_n,label\nAcme Ltd,ACME,1\nAcme Ltd,Zenith,1\n")
    with pytest.raises(typer.Exit) as refused:
        run(labelled=both, columns=["n=company"], label="label", least=1.0, as_json=True)
    assert refused.value.exit_code == 1
    with pytest.raises(typer.Exit) as refused:
        run(labelled=both, columns=["x=company"], label="label", as_json=True)
    assert refused.value.exit_code == 2
    assert "left_x" in capsys.readouterr().err
    for wrong in ({"columns": ["公司"]}, {"columns": []}, {"columns": columns, "same": "谁", "same_by": "x"}):
        with pytest.raises(typer.BadParameter):
            run(labelled=people, **wrong)
