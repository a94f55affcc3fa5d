"""What a condition may be built of, in one person's language: data for the builder in the browser.

docs/conditions-builder.md says what each key means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

from zhike.accounts.models import User
from zhike.accounts.policy import readable_fields, visible
from zhike.accounts.queries import colleagues
from zhike.core.conditions.describe import SYMBOLS
from zhike.core.conditions.operators import OPERATORS, Operand
from zhike.core.conditions.parse import COUNTED
from zhike.core.conditions.quantiles import OPERATORS as BOUNDS
from zhike.core.facts import FieldType, Unit
from zhike.core.metrics import METRICS
from zhike.core.money import format_money, minor_digits
from zhike.customers.models import Customer, CustomField
from zhike.customers.names import label_lines
from zhike.web.customers.menu import known_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zhike.core.conditions.operators import Operator
    from zhike.core.facts import Field, FieldSet
    from zhike.core.text import Language

# Windows that are offered; any other number of days can be typed.
WINDOWS = (7, 30, 90, 180, 365)
PERSON = CustomField.Format.PERSON
_UNIQUE = FieldType.TEXT, FieldType.SET
_COLUMNS = ("region", "city", "industry", "source")


def catalogue(fields: FieldSet, language: Language, currency: str, *, without: Iterable[str] = ()) -> dict[str, object]:
    """Return fields, operators and units for the builder; `without` are fields that must not be named here."""
    hidden = set(without)
    return {
        "groups": _groups(),
        "fields": [_field(field, language) for field in fields if field.key not in hidden],
        "operators": [_operator(operator, language) for operator in OPERATORS.values()],
        "currency": {"sign": format_money(0, currency).rstrip("0"), "digits": minor_digits(currency)},
        "windows": list(WINDOWS),
        "units": {"days": gettext("天"), "seconds": gettext("秒")},
        "spans": {
            "days": gettext("天"),
            "weeks": gettext("周"),
            "months": gettext("个月"),
            "years": gettext("年"),
        },
        "periods": _periods(),
    }


def _groups() -> Mapping[str, str]:
    return {
        "customer": gettext("客户字段"),
        "custom": gettext("自定义字段"),
        "metric": gettext("指标"),
        "consent": gettext("授权"),
        "class": gettext("类别"),
    }


def _field(field: Field, language: Language) -> dict[str, object]:
    label = field.label.get(language)
    # Whoever looks for 高价值 means the field in which it can be chosen.
    choices = [text.get(language) for text in (field.choices or {}).values()]
    found: dict[str, object] = {
        "key": field.key,
        "label": label,
        "hint": label_lines(label, others=[field.key, *_also(field.key), *choices]),
        "type": field.type,
    }
    if field.unit is not Unit.NONE:
        found["unit"] = field.unit
    if field.windowed:
        found["windowed"] = True
    if field.choices:
        found["choices"] = [[key, text.get(language)] for key, text in field.choices.items()]
    if field.format == PERSON or (field.type in _UNIQUE and _is_known(field.key)):
        found["known"] = True
    if field.key.startswith("metric.") and METRICS[field.key.removeprefix("metric.")].is_days_since:
        found["since"] = True
    return found


def _also(key: str) -> list[str]:
    """Return what people look for who do not know what the field is called."""
    contacted = [gettext("最近联系"), gettext("上次联系")]
    return {
        "metric.days_since_contact_made": [*contacted, gettext("未联系"), gettext("没联系")],
        "metric.days_since_interaction": [*contacted, gettext("往来")],
        "metric.days_since_order": [gettext("最近下单"), gettext("未下单")],
        "metric.revenue": [gettext("金额"), gettext("销售额")],
        "customer.region": [gettext("地区"), gettext("大区")],
        "customer.city": [gettext("地区")],
        "customer.owner": [gettext("销售")],
    }.get(key, [])


def _operator(operator: Operator, language: Language) -> dict[str, object]:
    found: dict[str, object] = {
        "key": operator.key,
        "label": operator.label.get(language),
        "types": sorted(operator.types),
        "operand": operator.operand.value,
    }
    if operator.key in SYMBOLS:
        found["symbol"] = SYMBOLS[operator.key]
    if operator.negates:
        found["negates"] = operator.negates
    if operator.key in BOUNDS and operator.operand is Operand.ONE:
        found["share"] = _shares()[operator.key]
        found["share_types"] = sorted(COUNTED)
    return found


def _shares() -> Mapping[str, str]:
    """Return how an operator reads with a share of the customers as its bound."""
    return {
        "gte": gettext("在前百分之"),
        "lt": gettext("不在前百分之"),
        "lte": gettext("在后百分之"),
        "gt": gettext("不在后百分之"),
    }


def _periods() -> list[list[object]]:
    """Return unit, offset and name of the periods that are offered."""
    return [
        ["week", -1, gettext("上周")],
        ["week", 0, gettext("本周")],
        ["week", 1, gettext("下周")],
        ["month", -1, gettext("上月")],
        ["month", 0, gettext("本月")],
        ["month", 1, gettext("下月")],
        ["quarter", -1, gettext("上季度")],
        ["quarter", 0, gettext("本季度")],
        ["quarter", 1, gettext("下季度")],
        ["year", -1, gettext("去年")],
        ["year", 0, gettext("今年")],
        ["year", 1, gettext("明年")],
    ]


def _is_known(key: str) -> bool:
    source, _, name = key.partition(".")
    return source == "customer" and name in {*_COLUMNS, "tags", "owner"}


def values_of(key: str, user: User) -> list[tuple[str, str]]:
    """Return values that customers have in a field, the most frequent first, with what they are called."""
    if key.startswith("custom.") and CustomField.objects.filter(key=key[len("custom.") :], format=PERSON).exists():
        return [(person.email, person.name) for person in colleagues()]
    if not _is_known(key):
        return []
    name = key.partition(".")[2]
    if name not in readable_fields(user, Customer):
        return []
    if name == "owner":
        people = visible(user, User).filter(is_active=True).order_by("name")
        return [(person.email, person.name) for person in people]
    return known_values(user, name)
