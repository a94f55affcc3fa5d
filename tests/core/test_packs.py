from __future__ import annotations

import copy

import pytest

from tests.core.samples import VALUE, pack_of
from zhike.core.conditions.describe import describe
from zhike.core.errors import ConditionError, PackError
from zhike.core.facts import FieldType
from zhike.core.packs import parse_pack
from zhike.core.text import Text
from zhike.packs import find_line, load_data, read_yaml


def changed(path, value):
    """Return the value dimension with one place set to `value`, or removed when it is KeyError."""
    data = copy.deepcopy(VALUE)
    place = data
    for key in path[:-1]:
        place = place[key]
    if value is KeyError:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return data


BAD = [
    ("no label", ["label"], KeyError, "dimensions[0].label", "{zh: 中文, en: English}"),
    ("one language", ["label"], {"zh": "价值"}, "dimensions[0].label", "两种语言"),
    ("a foreign key", ["labels"], {}, "dimensions[0]", "不认识的键 labels"),
    ("a mode that is none", ["mode"], "automatic", "dimensions[0].mode", "是否指 auto？"),
    ("no default", ["default"], KeyError, "dimensions[0]", "缺少 default"),
    ("no condition", ["classes", 0, "when"], KeyError, "dimensions[0].classes[0]", "缺少条件"),
    ("a bad key", ["classes", 0, "key"], "High", "dimensions[0].classes[0].key", "小写字母"),
    ("a key twice", ["classes", 1, "key"], "high", "dimensions[0].classes[1].key", "high 出现了两次"),
    ("the default's key twice", ["default", "key"], "high", "dimensions[0].default.key", "high 出现了两次"),
    ("a tone that is none", ["classes", 0, "tone"], "#fff", "dimensions[0].classes[0].tone", "没有 #fff 这个选项"),
    ("a level too high", ["classes", 0, "level"], 6, "dimensions[0].classes[0].level", "1 到 5"),
    (
        "a cadence of nothing",
        ["classes", 0, "service"],
        {"cadence_days": 0},
        "dimensions[0].classes[0].service.cadence_days",
        "1 到",
    ),
    ("a rank too high", ["classes", 0, "rank"], 100, "dimensions[0].classes[0].rank", "1 到 99"),
    ("no days to hold", ["classes", 0, "hold_days"], 0, "dimensions[0].classes[0].hold_days", "1 到 90"),
    ("a demotion never", ["classes", 0, "demote"], "never", "dimensions[0].classes[0].demote", "now、review"),
    ("a warning of a year", ["classes", 0, "warn_days"], 365, "dimensions[0].classes[0].warn_days", "1 到 90"),
    ("an override of no days", ["override_days"], 0, "dimensions[0].override_days", "1 到"),
    (
        "a method that is none",
        ["classes", 0, "service"],
        {"methods": ["fax"]},
        "dimensions[0].classes[0].service.methods[0]",
        "fax",
    ),
    (
        "evidence of a word",
        ["default", "needs_evidence"],
        "no",
        "dimensions[0].default.needs_evidence",
        "true 或 false",
    ),
    ("classes of no list", ["classes"], {}, "dimensions[0].classes", "应为列表"),
    ("a default with a condition", ["default", "when"], {"everyone": True}, "dimensions[0].default", "不认识的键 when"),
]


@pytest.mark.parametrize(("_case", "path", "value", "place", "says"), BAD, ids=[row[0] for row in BAD])
def test_a_bad_pack_is_refused_with_its_place(_case, path, value, place, says):
    with pytest.raises(PackError) as caught:
        pack_of(changed(path, value))
    assert caught.value.path == place
    assert says in caught.value.zh
    assert caught.value.en


def test_a_bad_condition_in_a_pack_names_its_whole_path():
    with pytest.raises(ConditionError) as caught:
        pack_of(changed(["classes", 0, "when", "any", 1, "all", 0, "field"], "metric.order"))
    assert caught.value.path == "dimensions[0].classes[0].when.any[1].all[0].field"
    assert "是否指 metric.orders？" in caught.value.zh


def test_a_dimension_stands_once():
    with pytest.raises(PackError) as caught:
        pack_of(VALUE, VALUE)
    assert caught.value.path == "dimensions[1].key"


@pytest.mark.parametrize(("version", "fine"), [(1, True), (0, False), ("1", False), (True, False), (None, False)])
def test_a_version_is_a_positive_number(version, fine):
    data = {"pack": "test", "version": version, "dimensions": [VALUE]}
    if fine:
        assert parse_pack(data).version == 1
        return
    with pytest.raises(PackError) as caught:
        parse_pack(data)
    assert caught.value.path == "version"


def test_a_pack_may_declare_the_types_of_custom_fields():
    rule = {"field": "custom.age", "op": "gte", "value": 60}
    pack = pack_of(changed(["classes", 0, "when"], rule), fields={"age": "integer"})
    assert pack.fieldset()["custom.age"].type is FieldType.INTEGER
    with pytest.raises(PackError, match="there is no type number"):
        pack_of(VALUE, fields={"age": "number"})


GOAL = {
    "type": "choice",
    "label": {"zh": "学习目标", "en": "Goal"},
    "choices": {"exam": {"zh": "升学", "en": "Exams"}, "interest": {"zh": "兴趣", "en": "Interest"}},
}


def test_a_field_may_have_a_label_and_choices():
    rule = {"field": "custom.goal", "op": "in", "value": ["exam", "interest"]}
    pack = pack_of(changed(["classes", 0, "when"], rule), fields={"goal": GOAL, "seats": {"type": "integer"}})
    goal, seats = pack.fields
    assert (goal.key, goal.type, goal.label) == ("custom.goal", FieldType.CHOICE, Text("学习目标", "Goal"))
    assert list(goal.choices.items()) == [("exam", Text("升学", "Exams")), ("interest", Text("兴趣", "Interest"))]
    assert (seats.type, seats.label, seats.choices) == (FieldType.INTEGER, Text("seats", "seats"), None)
    (high, *_) = pack.schemes[0].classes
    assert describe(high.when, "zh", pack.fieldset()) == "学习目标是升学或兴趣"
    assert describe(high.when, "en", pack.fieldset()) == "Goal is Exams or Interest"


@pytest.mark.parametrize(
    ("_case", "field", "place", "zh", "en"),
    [
        ("no type", {"label": GOAL["label"]}, "fields.goal.type", "没有 None 这种类型", "there is no type None"),
        ("a type that is none", "number", "fields.goal", "没有 number 这种类型", "there is no type number"),
        ("no mapping", 5, "fields.goal", "应为一个对象", "expected an object"),
        ("a foreign key", GOAL | {"options": {}}, "fields.goal", "不认识的键 options", "unknown key options"),
        ("one language", GOAL | {"label": "目标"}, "fields.goal.label", "两种语言", "both languages"),
        ("no choices", GOAL | {"choices": {}}, "fields.goal.choices", "至少要有一个选项", "at least one choice"),
        ("choices of no mapping", GOAL | {"choices": ["a"]}, "fields.goal.choices", "应为一个对象", "an object"),
        ("a bad choice", GOAL | {"choices": {"A": {}}}, "fields.goal.choices.A", "小写字母", "small letters"),
        ("a nameless choice", GOAL | {"choices": {"a": "甲"}}, "fields.goal.choices.a", "两种语言", "both languages"),
        ("choices of a number", GOAL | {"type": "integer"}, "fields.goal.choices", "这里是 integer", "this is integer"),
    ],
)
def test_a_bad_field_is_refused_with_its_place(_case, field, place, zh, en):
    with pytest.raises(PackError) as caught:
        pack_of(VALUE, fields={"goal": field})
    assert caught.value.path == place
    assert zh in caught.value.zh
    assert en in caught.value.en


def test_a_manual_dimension_needs_no_conditions():
    data = changed(["classes", 0, "when"], KeyError)
    del data["classes"][1]["when"]
    data["mode"] = "manual"
    assert [c.when for c in pack_of(data).schemes[0].classes] == [None, None, None]


@pytest.mark.parametrize(
    ("_case", "text", "says"),
    [
        ("a key twice", "a: 1\nb: 2\na: 3\n", "p.yaml:3:1: not valid YAML: the key a stands here twice."),
        ("an alias", "a: &x [1]\nb: *x\n", "aliases (*) are not allowed"),
        ("no YAML", "a: [1\n", "p.yaml:2:1: not valid YAML"),
        ("a tag", "a: !!python/object:os.system {}\n", "not valid YAML"),
    ],
)
def test_yaml_is_read_strictly(_case, text, says):
    with pytest.raises(PackError) as caught:
        read_yaml(text.encode(), "p.yaml")
    assert says in caught.value.message("en")


def test_a_file_that_is_not_utf_8_is_refused():
    with pytest.raises(PackError, match="not UTF-8"):
        read_yaml("中文".encode("gb18030"))


def test_a_pack_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(PackError) as caught:
        load_data("generl")
    assert "没有名为 generl 的分类包" in caught.value.zh
    assert "是否指 general？" in caught.value.zh


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: 2\na: 3\n", "p.yaml:3:1：不是有效的 YAML：键 a 出现了两次。"),
        ("a: &x [1]\nb: *x\n", "p.yaml:2:4：不是有效的 YAML：不能使用别名（*）。"),
        ("a: \0\n", "p.yaml：不是有效的 YAML：unacceptable character #x0000: special characters are not allowed。"),
    ],
)
def test_what_no_pack_may_hold_is_one_chinese_sentence(text, sentence):
    with pytest.raises(PackError) as raised:
        read_yaml(text.encode(), "p.yaml")
    assert raised.value.message("zh") == sentence


def test_a_class_says_how_it_is_entered_and_left():
    data = copy.deepcopy(VALUE)
    data["override_days"] = 30
    data["classes"][0] |= {"rank": 3, "hold_days": 7, "demote": "review", "warn_days": 10}
    data["classes"][1]["level"] = 1
    scheme = pack_of(data).schemes[0]
    high, low, regular = scheme.classes
    assert (high.rank, high.hold_days, high.demote, high.warn_days) == (3, 7, "review", 10)
    assert (low.rank, low.hold_days, low.demote, low.warn_days) == (1, 1, "now", 5)
    assert regular.rank is None
    assert (scheme.override_days, scheme.is_damped) == (30, True)
    assert scheme.is_demotion("high", "low")
    assert not scheme.is_demotion("low", "high")
    assert not scheme.is_demotion("high", "regular")
    assert not scheme.is_demotion("gone", "low")


@pytest.mark.parametrize("text", ["day: 2026-13-45", "? [a]\n: b", "n: " + "9" * 5_000], ids=["date", "key", "number"])
def test_what_yaml_allows_and_python_cannot_hold_is_refused(text):
    with pytest.raises(PackError) as caught:
        read_yaml(text.encode(), "p.yaml")
    assert caught.value.path in {"p.yaml", "p.yaml:1:4"}


@pytest.mark.parametrize(
    ("path", "line"),
    [("classes[1].when", 6), ("classes[1].when.value", 7), ("classes[1].gone", 5), ("classes[9]", 3), ("", 1)],
)
def test_a_place_is_found_on_its_line(path, line):
    text = "key: a\nclasses:\n  - key: b\n    when: {}\n  - key: c\n    when: {field: x,\n      value: 1}\n"
    assert find_line(text, path) == line
