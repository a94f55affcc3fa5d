"""What is said of plans: why one began, what a change of class has altered, and why it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zhike.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What became of a step, by the codes of `Plan.adapted` and of the event `plan.adapted`.
_WHAT: Mapping[str, Text] = {
    "kept": Text("「{zh}」照旧", "“{en}” stays"),
    "changed": Text("「{zh}」按新计划做", "“{en}” goes on as the new plan has it"),
    "dropped": Text("「{zh}」不用做了", "“{en}” is dropped"),
    "added": Text("加上「{zh}」", "“{en}” is added"),
    "earlier": Text("「{zh}」从 {was} 提前到 {day}", "“{en}” comes earlier: {day} in place of {was}"),
    "conflict": Text(
        "「{zh}」本来也会开始，同一目的的计划还在进行",
        "“{en}” would have begun too: a plan of the same purpose goes on",
    ),
}
_WHO: Mapping[str, Text] = {
    "owner": Text("「{zh}」由负责人来做", "“{en}” is done by the owner"),
    "senior": Text("「{zh}」由资深的人来做", "“{en}” is done by somebody senior"),
    "service": Text("「{zh}」由客服来做", "“{en}” is done by the service"),
}

ENDED: Mapping[str, Text] = {
    "left": Text("客户离开了这个类别", "The customer left the class"),
    "switched": Text("换成了别的计划", "Switched for another plan"),
    "done": Text("每一步都做完了", "Every step is done"),
    "unowned": Text("客户没有负责人了", "Nobody owns the customer any more"),
    "merged": Text("合并后主记录已有同一目的的计划", "The record it was merged into has a plan of the same purpose"),
    "hand": Text("手动结束", "Ended by hand"),
}

BEGUN: Mapping[str, Text] = {
    "class": Text("客户进入了这个类别", "The customer entered the class"),
    "change": Text("客户的类别变了", "The customer's class changed"),
    "product": Text("客户对这条产品线有意向", "The customer is interested in the product line"),
    "hand": Text("手动开始", "Begun by hand"),
}


def altered(what: Iterable[Mapping[str, object]]) -> list[Text]:
    """Return each alteration of a plan as a sentence; codes that nobody knows any more say nothing."""
    found = []
    for item in what:
        code = str(item.get("code"))
        words = _WHO.get(str(item.get("who"))) if code == "who" else _WHAT.get(code)
        if words is not None:
            found.append(words.format(**{name: item.get(name, "") for name in ("zh", "en", "was", "day")}))
    return found


def told_of_plan(kind: str, data: Mapping[str, Any]) -> list[Text]:
    """Return what an event tells of a plan: which it is, and why it began, what was altered, or why it ended."""
    name = Text(str(data.get("name_zh", "")), str(data.get("name_en", "")))
    match kind:
        case "plan.started" if data.get("by") in BEGUN:
            return [name, BEGUN[data["by"]]]
        case "plan.ended":
            return [name, ended(str(data.get("reason", "")))]
        case _:
            return [name, *altered(data.get("what") or ())]


def ended(reason: str) -> Text:
    """Return why a plan ended: a reason of the program's, or the words of a person."""
    return ENDED.get(reason) or Text(reason, reason)
