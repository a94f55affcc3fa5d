"""From data (JSON or loaded YAML) to typed nodes, checked against the fields that exist.

Nothing half-finished gets through: every error names the path of the place, what was wrong
and what is expected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from zhike.core.conditions.nodes import EVERYONE, All, Any, Not, Test
from zhike.core.conditions.operands import read_operand, read_value
from zhike.core.conditions.operators import OPERATORS, Operand
from zhike.core.conditions.quantiles import KEY, NUMBER, is_quantile, read_share
from zhike.core.conditions.quantiles import OPERATORS as BOUNDS
from zhike.core.errors import ConditionError, suggestion
from zhike.core.facts import CONSENT, FieldType, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from zhike.core.conditions.nodes import Node
    from zhike.core.facts import Field, FieldSet, Value

VERSION = 1
MAX_DEPTH = 32
MAX_TESTS = 500
MAX_WINDOW = 36_500
_FORMS = ("all", "any", "not", "field", "everyone")
COUNTED = frozenset({FieldType.INTEGER, FieldType.DECIMAL})


def parse_document(data: object, fields: FieldSet) -> Node:
    """Read ``{"version": 1, "where": node}``, the form in which conditions are stored."""
    document = _mapping(data, "")
    _known_keys(document, ("version", "where"), "")
    if document.get("version") != VERSION:
        zh = f"版本应为 {VERSION}，这里是 {document.get('version')!r}。"
        raise ConditionError(zh, f"expected version {VERSION}, found {document.get('version')!r}.", path="version")
    return parse(document.get("where"), fields, path="where")


def parse(data: object, fields: FieldSet, path: str = "when") -> Node:
    """Read one node. Raises `ConditionError` with the path of the first thing that is wrong."""
    # Before they are read: there may be a million.
    if next(islice(each_test(data, path), MAX_TESTS, None), None) is not None:
        raise _too_many(path)
    return _node(data, fields, path, 0)


def _too_many(path: str) -> ConditionError:
    zh, en = f"条件超过 {MAX_TESTS} 项。请拆成几个类别。", f"more than {MAX_TESTS} tests. Split it."
    return ConditionError(zh, en, path=path)


def each_test(data: object, path: str = "when") -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the tests of a condition, as data and with their places, whatever else is wrong with it."""
    waiting: list[tuple[str, object, int]] = [(path, data, 0)]
    while waiting:
        place, item, depth = waiting.pop()
        if not isinstance(item, Mapping) or depth > MAX_DEPTH:
            continue
        if "field" in item:
            yield place, item
            continue
        inside = [(f"{place}.not", item["not"])] if "not" in item else []
        for form in ("all", "any"):
            listed = item.get(form)
            if isinstance(listed, Sequence) and not isinstance(listed, str):
                within = enumerate(islice(listed, MAX_TESTS + 1))
                inside += [(f"{place}.{form}[{index}]", child) for index, child in within]
        waiting.extend((where, child, depth + 1) for where, child in reversed(inside))


def problems(data: object, fields: FieldSet, path: str = "when") -> list[ConditionError]:
    """Return everything that is wrong with a condition: with its build, and with each of its tests."""
    parts: list[Callable[[], object]] = [partial(_node, _without_tests(data), fields, path, 0)]
    parts += [partial(_test, item, fields, place) for place, item in each_test(data, path)]
    found = [error for part in parts if (error := _error_of(part)) is not None]
    whole = None if found else _error_of(partial(parse, data, fields, path))
    return found if whole is None else [whole]


def _error_of(read: Callable[[], object]) -> ConditionError | None:
    try:
        read()
    except ConditionError as error:
        return error
    return None


def _without_tests(data: object, depth: int = 0) -> object:
    """Return how a condition is built, with everyone in place of its tests."""
    if not isinstance(data, Mapping) or depth > MAX_DEPTH:
        return data
    if "field" in data:
        return {"everyone": True}
    return {form: _inside(item, depth + 1) for form, item in data.items()}


def _inside(item: object, depth: int) -> object:
    if isinstance(item, Sequence) and not isinstance(item, str):
        return [_without_tests(child, depth) for child in item]
    return _without_tests(item, depth)


def _node(data: object, fields: FieldSet, path: str, depth: int) -> Node:
    if depth > MAX_DEPTH:
        zh, en = f"条件嵌套超过 {MAX_DEPTH} 层。", f"nested deeper than {MAX_DEPTH} levels."
        raise ConditionError(zh, en, path=path)
    node = _mapping(data, path)
    match [form for form in _FORMS if form in node]:
        case ["all"]:
            return All(_children(node, "all", fields, path, depth))
        case ["any"]:
            return Any(_children(node, "any", fields, path, depth))
        case ["not"]:
            _known_keys(node, ("not",), path)
            return Not(_node(node["not"], fields, f"{path}.not", depth + 1))
        case ["everyone"]:
            return _everyone(node, path)
        case ["field"]:
            return _test(node, fields, path)
        case found:
            seen = "、".join(found) or "没有"
            zh = f"一个条件里应当正好有 all、any、not、field、everyone 之一，这里是：{seen}。"
            en = f"expected exactly one of all, any, not, field, everyone; found {', '.join(found) or 'none'}."
            raise ConditionError(zh, en, path=path)


def _children(node: Mapping[str, object], form: str, fields: FieldSet, path: str, depth: int) -> tuple[Node, ...]:
    _known_keys(node, (form,), path)
    items = node[form]
    place = f"{path}.{form}"
    if not isinstance(items, Sequence) or isinstance(items, str):
        raise ConditionError("应为条件的列表。", "expected a list of conditions.", path=place)
    if not items:
        zh = "列表是空的。要表示所有客户，请写 {everyone: true}。"
        raise ConditionError(zh, "the list is empty. For every customer write {everyone: true}.", path=place)
    if len(items) > MAX_TESTS:
        raise _too_many(place)
    return tuple(_node(item, fields, f"{place}[{index}]", depth + 1) for index, item in enumerate(items))


def _everyone(node: Mapping[str, object], path: str) -> Node:
    _known_keys(node, ("everyone",), path)
    if node["everyone"] is not True:
        raise ConditionError("everyone 只能是 true。", "everyone can only be true.", path=f"{path}.everyone")
    return EVERYONE


def _test(node: Mapping[str, object], fields: FieldSet, path: str) -> Test:
    _known_keys(node, ("field", "over", "op", "value"), path)
    field = _field(node["field"], fields, f"{path}.field")
    days = _window(node["over"], field, f"{path}.over") if "over" in node else None
    op = _operator(node, field, path)
    operand = OPERATORS[op].operand
    if operand is Operand.NONE:
        if "value" in node:
            raise ConditionError(f"{op} 不带值。", f"{op} takes no value.", path=f"{path}.value")
        return Test(Ref(field.key, days), field.type, op)
    if "value" not in node:
        raise ConditionError(f"{op} 需要一个值（value）。", f"{op} needs a value.", path=path)
    if is_quantile(node["value"]):
        share, number = _quantile(node["value"], op, field, f"{path}.value")
        return Test(Ref(field.key, days), field.type, op, number, share)
    value = read_operand(node["value"], field, operand, f"{path}.value")
    return Test(Ref(field.key, days), field.type, op, value)


def _quantile(data: object, op: str, field: Field, path: str) -> tuple[Decimal, Value]:
    """Read ``{quantile: 0.8, number: 1250000}``: the share, and the number that decides."""
    value = _mapping(data, path)
    _known_keys(value, (KEY, NUMBER), path)
    if op not in BOUNDS or field.type not in COUNTED:
        zh = f"分位只能用于数值的 {'、'.join(BOUNDS)}。"
        raise ConditionError(zh, f"a quantile goes with {', '.join(BOUNDS)} of a number.", path=path)
    share = read_share(value[KEY], f"{path}.{KEY}")
    if NUMBER not in value:
        zh = "分位还没有换算成数值；发布规则时会按当时的客户算出。"
        en = "the quantile has no number yet; it is found when the rules are put in force."
        raise ConditionError(zh, en, path=path)
    return share, read_value(value[NUMBER], field, f"{path}.{NUMBER}")


def _field(name: object, fields: FieldSet, path: str) -> Field:
    field = fields.get(name) if isinstance(name, str) else None
    if field is not None:
        return field
    if str(name).startswith(CONSENT) and not any(key.startswith(CONSENT) for key in fields.keys()):  # noqa: SIM118
        raise ConditionError(
            "授权只能用在列表、视图和交接的条件里，规则不按授权分类。",
            "a consent can stand in conditions of lists, views and hand-overs; rules do not classify by it.",
            path=path,
        )
    zh, en = suggestion(str(name), fields.keys())
    raise ConditionError(f"未找到字段 {name}。{zh}", f"there is no field {name}.{en}", path=path)


def _window(data: object, field: Field, path: str) -> int:
    if not field.windowed:
        zh = f"{field.key} 不能限定时间窗口，请去掉 over。"
        raise ConditionError(zh, f"{field.key} takes no window; leave out over.", path=path)
    window = _mapping(data, path)
    _known_keys(window, ("days",), path)
    days = window.get("days")
    if isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= MAX_WINDOW:
        return days
    zh = f"应为 1 到 {MAX_WINDOW} 的整数天数，这里是 {days!r}。"
    raise ConditionError(zh, f"expected whole days from 1 to {MAX_WINDOW}, found {days!r}.", path=f"{path}.days")


def _operator(node: Mapping[str, object], field: Field, path: str) -> str:
    op = node.get("op")
    if op is None:
        raise ConditionError("缺少比较方式（op）。", "the operator (op) is missing.", path=path)
    usable = [key for key, operator in OPERATORS.items() if field.type in operator.types]
    if isinstance(op, str) and op in usable:
        return op
    if op in OPERATORS:
        zh = f"{field.key} 是 {field.type} 类型，不能用 {op}。可用：{'、'.join(usable)}。"
        en = f"{field.key} is of type {field.type}, which has no {op}. It has: {', '.join(usable)}."
    else:
        hint_zh, hint_en = suggestion(str(op), usable)
        zh = f"没有 {op} 这种比较方式。{hint_zh or '可用：' + '、'.join(usable) + '。'}"
        en = f"there is no operator {op}.{hint_en or ' Usable here: ' + ', '.join(usable) + '.'}"
    raise ConditionError(zh, en, path=f"{path}.op")


def _mapping(data: object, path: str) -> Mapping[str, object]:
    if isinstance(data, Mapping):
        return data
    zh = f"应为一个对象（键和值），这里是 {_short(data)}。"
    raise ConditionError(zh, f"expected an object with keys, found {_short(data)}.", path=path)


def _known_keys(node: Mapping[str, object], known: tuple[str, ...], path: str) -> None:
    for key in node:
        if key not in known:
            zh, en = suggestion(str(key), known)
            listed = "、".join(known)
            raise ConditionError(
                f"不认识的键 {_short(key)}，这里只能有 {listed}。{zh}",
                f"unknown key {_short(key)}; only {', '.join(known)} may stand here.{en}",
                path=path,
            )


def _short(data: object) -> str:
    text = repr(data)
    return text if len(text) <= 40 else f"{text[:40]}…"  # noqa: PLR2004
