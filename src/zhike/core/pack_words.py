"""How people call the places of a pack, and what stands there in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zhike.core.conditions.describe import describe
from zhike.core.conditions.parse import parse
from zhike.core.facts import FieldType
from zhike.core.pack_tree import is_list
from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.core.facts import FieldSet
    from zhike.core.pack_tree import Path, Tree

NOTHING = Text("（没有）", "(none)")
_ORDER = Text("顺序", "order")
_REST = Text("其余", "the rest")

_NAMES: Mapping[str, Text] = {
    "label": Text("名称", "label"),
    "description": Text("说明", "description"),
    "fields": Text("自定义字段", "fields"),
    "dimensions": Text("维度", "dimensions"),
    "type": Text("类型", "type"),
    "choices": Text("选项", "choices"),
    "icon": Text("图标", "icon"),
    "mode": Text("生效方式", "mode"),
    "override_days": Text("人工指定的期限", "days of an override"),
    "classes": Text("类别", "classes"),
    "default": Text("默认类别", "default class"),
    "definition": Text("定义", "definition"),
    "aliases": Text("别名", "aliases"),
    "tone": Text("颜色", "tone"),
    "level": Text("级别", "level"),
    "look": Text("样式", "look"),
    "rank": Text("高低", "rank"),
    "hold_days": Text("进入前要连续", "days to hold"),
    "demote": Text("降级", "demotion"),
    "warn_days": Text("提前告知", "days of warning"),
    "needs_evidence": Text("没有数据时未判定", "undetermined without data"),
    "when": Text("条件", "condition"),
    "service": Text("服务约定", "service"),
    "cadence_days": Text("联系周期", "contact every"),
    "methods": Text("联系方式", "methods"),
    "owner": Text("谁来负责", "who serves"),
    "promise": Text("承诺", "promise"),
    "content": Text("适合发什么", "content"),
    "sla_hours": Text("答复时限", "answered within"),
    "plans": Text("计划模板", "plan templates"),
    "name": Text("名称", "name"),
    "purpose": Text("目的", "purpose"),
    "short_goal": Text("近期目标", "near goal"),
    "long_goal": Text("长期目标", "far goal"),
    "starts": Text("由什么开始", "begins by"),
    "steps": Text("步骤", "steps"),
}

_CHOICES: Mapping[tuple[str, str], Text] = {
    ("mode", "auto"): Text("自动生效", "at once"),
    ("mode", "suggest"): Text("先审核", "after review"),
    ("mode", "manual"): Text("只由人指定", "by hand only"),
    ("demote", "now"): Text("立即生效", "at once"),
    ("demote", "review"): Text("先进待复核", "after review"),
    ("look", "filled"): Text("醒目", "filled"),
    ("look", "plain"): Text("描边", "plain"),
    ("look", "deep"): Text("更深", "deep"),
    ("tone", "azurite"): Text("石青", "azurite"),
    ("tone", "malachite"): Text("石绿", "malachite"),
    ("tone", "gamboge"): Text("藤黄", "gamboge"),
    ("tone", "ochre"): Text("赭石", "ochre"),
    ("tone", "cinnabar"): Text("朱砂", "cinnabar"),
    ("tone", "carmine"): Text("胭脂", "carmine"),
    ("tone", "wisteria"): Text("藤紫", "wisteria"),
    ("tone", "ink"): Text("墨", "ink"),
    ("methods", "call"): Text("电话", "call"),
    ("methods", "visit"): Text("拜访", "visit"),
    ("methods", "message"): Text("消息", "message"),
    ("methods", "email"): Text("邮件", "e-mail"),
    ("owner", "any"): Text("任何人", "anybody"),
    ("owner", "senior"): Text("资深的人", "somebody senior"),
    ("type", FieldType.TEXT): Text("文本", "text"),
    ("type", FieldType.CHOICE): Text("选项", "choice"),
    ("type", FieldType.INTEGER): Text("整数", "whole number"),
    ("type", FieldType.DECIMAL): Text("小数", "decimal"),
    ("type", FieldType.BOOL): Text("是/否", "yes or no"),
    ("type", FieldType.DATE): Text("日期", "date"),
    ("type", FieldType.DATETIME): Text("时间", "time"),
    ("type", FieldType.SET): Text("多选", "several words"),
}
# What goes without saying where nothing stands.
_USUAL: Mapping[str, object] = {
    "mode": "auto",
    "override_days": 90,
    "tone": "ink",
    "look": "filled",
    "hold_days": 1,
    "demote": "now",
    "warn_days": 5,
    "needs_evidence": True,
    "owner": "any",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the packs that are compared, with the fields that its conditions may name."""

    tree: Tree
    fields: FieldSet
    currency: str = "CNY"

    def at(self, path: Path) -> Any:  # noqa: ANN401  as JSON has it
        """Return what stands at a place, None where nothing does."""
        found: Any = self.tree
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def tell(self, path: Path) -> Text:
        """Return what stands at a place, in words."""
        return self.words(path, self.at(path))

    def words(self, path: Path, value: Any) -> Text:  # noqa: ANN401  as JSON has it, place by place
        """Return a value of that place in words."""
        name = path[-1]
        if value is None and not is_list(path[:-1]):
            value = _USUAL.get(name)
        match path, value:
            case _, None:
                return NOTHING
            case ("fields", _), dict():
                return self._field(path, value)
            case ("plans", *_), dict() | list() if "zh" not in value:
                return self._plan(name, value)
            case ("dimensions", _), dict():
                return _labelled(value, _join([class_["label"] for class_ in _all_classes(value)]))
            case (_, _, "classes", _) | (_, _, "default"), dict():
                return _labelled(value, self._condition(value.get("when")))
            case _, dict() if name == "when":
                return self._condition(value)
            case _, {"zh": str(zh), "en": str(en)}:
                return Text(zh, en)
            case _, list():
                return _join([_word(name, item) for item in value])
        return _word(name, value)

    def order(self, path: Path, keys: list[str]) -> Text:
        """Return the members of a list in words, one after the other."""
        labels = [self.at((*path, key)) or {} for key in keys]
        named = [
            label.get("label") or label.get("name", {"zh": key, "en": key})
            for key, label in zip(keys, labels, strict=True)
        ]
        return Text(" → ".join(text["zh"] for text in named), " → ".join(text["en"] for text in named))

    def _plan(self, name: str, value: Any) -> Text:  # noqa: ANN401  as JSON has it
        """Return a plan template, its steps or what it begins by, in words."""
        if name == "starts":
            return self._starts(value)
        if name == "steps":
            return _join([step["name"] for step in value])
        return _labelled({"label": value["name"]}, _join([step["name"] for step in value["steps"]]))

    def _starts(self, starts: Tree) -> Text:
        """Return what a plan begins by: the class by its label, else what stands there."""
        dimension, key = self.at(("dimensions", starts.get("dimension", ""))), starts.get("class")
        if key and isinstance(dimension, dict):
            known = {**dimension["classes"], dimension["default"]["key"]: dimension["default"]}
            if key in known:
                return _word("", known[key]["label"])
        word = starts.get("product") or starts.get("dimension") or starts.get("trigger", "hand")
        return Text(word, word)

    def _condition(self, when: object) -> Text:
        if when is None:
            return _REST
        node = parse(when, self.fields)
        return Text(*(describe(node, language, self.fields, self.currency) for language in ("zh", "en")))

    def _field(self, path: Path, field: Tree) -> Text:
        label = field.get("label", {"zh": path[-1], "en": path[-1]})
        type_, choices = _word("type", field["type"]), field.get("choices")
        return _labelled({"label": label}, _join(list(choices.values())) if choices else type_)


def place_name(path: Path, *sides: Side) -> Text:
    """Return how people call a place: 「客户价值 › 高价值 › 条件」, by the first side that has it."""
    parts = [_part(path[: end + 1], sides) for end in range(len(path))]
    named = [part for part in parts if part is not None]
    return Text(" › ".join(part.zh for part in named), " › ".join(part.en for part in named))


def order_name(path: Path, *sides: Side) -> Text:
    """Return how people call the order of a list."""
    parts = [place_name(path, *sides) if path != ("dimensions",) else _NAMES["dimensions"], _ORDER]
    return Text(" › ".join(part.zh for part in parts), " › ".join(part.en for part in parts))


def _part(path: Path, sides: tuple[Side, ...]) -> Text | None:
    """Return the name of the last step; none for a step that says nothing beside the next."""
    match path:
        case ("plans", key):
            found = next(filter(None, (side.at(path) for side in sides)), None)
            return Text(found["name"]["zh"], found["name"]["en"]) if found else Text(key, key)
        case ("fields", name) | ("dimensions", name) | (_, _, "classes", name):
            for side in sides:
                found = side.at(path)
                if isinstance(found, dict) and "label" in found:
                    return Text(found["label"]["zh"], found["label"]["en"])
            return Text(name, name)
        case (_, _, "default"):
            found = next(filter(None, (side.at(path) for side in sides)), None)
            return Text(found["label"]["zh"], found["label"]["en"]) if found else _NAMES["default"]
        case ("fields", _, "choices", name):
            return Text(name, name)
        case ("dimensions",) | ("plans",) | (_, _, "classes") | (_, _, _, _, "service") | (_, _, "default", "service"):
            return None
    return _NAMES[path[-1]]


def _all_classes(dimension: Tree) -> list[Tree]:
    return [*dimension["classes"].values(), dimension["default"]]


def _labelled(named: Tree, text: Text) -> Text:
    label = named["label"]
    return Text(f"{label['zh']}：{text.zh}", f"{label['en']}: {text.en}")


def _word(name: str, value: object) -> Text:
    match value:
        case bool():
            return Text("是" if value else "否", "yes" if value else "no")
        case int() if name.endswith("_days"):
            return Text(f"{value} 天", f"{value} {'day' if value == 1 else 'days'}")
        case int() if name.endswith("_hours"):
            return Text(f"{value} 小时", f"{value} {'hour' if value == 1 else 'hours'}")
        case {"zh": str(zh), "en": str(en)}:
            return Text(zh, en)
    return _CHOICES.get((name, str(value)), Text(str(value), str(value)))


def _join(items: list[Any]) -> Text:
    words = [_word("", item) if isinstance(item, dict) else item for item in items]
    return Text("、".join(word.zh for word in words), ", ".join(word.en for word in words))
