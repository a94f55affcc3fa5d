"""Values of the company's own fields: checked, and normalised to the declared type on write.

`custom` holds what is shown (numbers as numbers, days and instants as ISO text), `custom_folded`
the form in which texts, choices and sets are compared. An empty value is not stored. What a text is
beside text says its format: a telephone number is stored as E.164, a colleague as the e-mail address,
a customer as the id.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zhike.accounts.actions import clean_email
from zhike.base.inputs import Invalid, amount, day, line, paragraph
from zhike.core.facts import FieldType
from zhike.core.text import fold
from zhike.customers.models import CustomField
from zhike.customers.phones import parse_phone

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from zhike.core.facts import Value

    type Stored = str | int | float | bool | list[str]

TEXT_MAX = 2000
LONG_MAX = 10_000
URL_MAX = 500
ITEMS_MAX = 100
# JSON numbers are exact up to fifteen digits, here and in every program that reads ours.
INTEGER_MAX = 10**15
DECIMAL_MAX = 10**11
SCALE = Decimal("0.0001")

_WORDS = {"true": True, "false": False, "是": True, "否": False, "yes": True, "no": False}


def normalise(raw: object, type_: FieldType, path: str, *, zone: ZoneInfo) -> Stored | None:
    """Return the stored form, None for an empty value, or raise `Invalid`."""
    if raw is None or raw == "" or (isinstance(raw, str) and not raw.strip()):
        return None
    match type_:
        case FieldType.TEXT | FieldType.CHOICE:
            return paragraph(str(raw), path, TEXT_MAX)
        case FieldType.INTEGER:
            return _integer(raw, path)
        case FieldType.DECIMAL:
            return _decimal(raw, path)
        case FieldType.BOOL:
            return _bool(raw, path)
        case FieldType.DATE:
            return _date(raw, path).isoformat()
        case FieldType.DATETIME:
            return _datetime(raw, path, zone)
        case FieldType.SET:
            return _set(raw, path)


def folded(stored: object) -> Stored | None:
    """Return the form in which a stored text or set is compared; None where it is compared as it is."""
    match stored:
        case str():
            return fold(stored)
        case list():
            return sorted({fold(str(item)) for item in stored})
        case _:
            return None


def read(stored: object, type_: FieldType) -> Value:
    """Return the value of a stored form. What does not fit the type is missing."""
    match type_, stored:
        case FieldType.SET, list():
            return frozenset(str(item) for item in stored)
        case FieldType.SET, _:
            return frozenset()
        case FieldType.BOOL, bool():
            return stored
        case _, bool() | None:
            return None
        case FieldType.INTEGER, int():
            return stored
        case FieldType.DECIMAL, int() | float():
            return Decimal(str(stored)).quantize(SCALE)
        case FieldType.DATE, str():
            return date.fromisoformat(stored)
        case FieldType.DATETIME, str():
            return datetime.fromisoformat(stored)
        case FieldType.TEXT | FieldType.CHOICE, str():
            return stored
        case _:
            return None


def clean_custom(
    values: Mapping[str, object], fields: Collection[CustomField], zone: ZoneInfo
) -> tuple[dict[str, Stored], dict[str, Stored]]:
    """Return `custom` and `custom_folded` for the values given by key."""
    types = {field.key: field for field in fields}
    custom: dict[str, Stored] = {}
    compared: dict[str, Stored] = {}
    for key, raw in values.items():
        field = types.get(key)
        path = f"custom.{key}"
        if field is None:
            raise Invalid("没有这个自定义字段", "there is no such custom field", path=path)
        stored = stored_value(raw, field, zone)
        if stored is None:
            continue
        custom[key] = stored
        if field.type in {FieldType.TEXT, FieldType.SET} and (form := folded(stored)) is not None:
            compared[key] = form
    return custom, compared


def stored_value(raw: object, field: CustomField, zone: ZoneInfo) -> Stored | None:
    """Return what is stored of a value of this field, None for an empty one, or raise `Invalid`."""
    path = field.name
    if field.format == CustomField.Format.LONG:
        return paragraph(str(raw or ""), path, LONG_MAX) or None
    stored = normalise(raw, FieldType(field.type), path, zone=zone)
    if isinstance(stored, list) and field.choices:
        return [_choice(item, field.choices, path) for item in stored] or None
    if field.type == FieldType.CHOICE and isinstance(stored, str) and field.choices:
        return _choice(stored, field.choices, path)
    match field.format, stored:
        case CustomField.Format.MONEY, int():
            return amount(stored, path)
        case CustomField.Format.PHONE, str():
            return _placed(lambda: parse_phone(stored).number, path)
        case CustomField.Format.EMAIL | CustomField.Format.PERSON, str():
            return _placed(lambda: clean_email(stored), path)
        case CustomField.Format.URL, str():
            return _url(stored, path)
        case CustomField.Format.CUSTOMER, str() if not (stored.isascii() and stored.isdigit()):
            raise Invalid("请从列表里选一位客户", "choose a customer from the list", path=path)
    return stored or (stored if isinstance(stored, bool | int | float) else None)


def _placed(clean: Callable[[], str], path: str) -> str:
    """Return what is cleaned; what is wrong with it is told at this field."""
    try:
        return clean()
    except Invalid as error:
        raise Invalid(error.zh, error.en, path=path) from None


def _url(text: str, path: str) -> str:
    """Return an address of the web; without a scheme it is https."""
    given = line(text, path, URL_MAX)
    whole = given if "://" in given else f"https://{given}"
    try:
        parts = urlsplit(whole)
        is_good = parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and " " not in whole
    except ValueError:
        is_good = False
    if not is_good:
        raise Invalid(f"{given[:60]} 不是网址", f"{given[:60]} is not a web address", path=path)
    return whole


def _choice(given: str, choices: Sequence[Mapping[str, str]], path: str) -> str:
    """Return the key of the choice that was named by it or by its label in either language."""
    for choice in choices:
        if fold(given) in {choice["key"], fold(choice["zh"]), fold(choice["en"])}:
            return choice["key"]
    listed = [choice["zh"] for choice in choices], [choice["en"] for choice in choices]
    raise Invalid(
        f"没有 {given} 这个选项，可选：{'、'.join(listed[0])}",
        f"{given} is not one of the choices: {', '.join(listed[1])}",
        path=path,
    )


def _integer(raw: object, path: str) -> int:
    try:
        number = int(str(raw).strip())
    except ValueError:
        raise Invalid("应为整数", "expected a whole number", path=path) from None
    if abs(number) >= INTEGER_MAX:
        raise Invalid("数字太大，最多 15 位", "the number is too large: at most 15 digits", path=path)
    return number


def _decimal(raw: object, path: str) -> int | float:
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        raise Invalid("应为数字", "expected a number", path=path) from None
    if not number.is_finite() or abs(number) >= DECIMAL_MAX:
        raise Invalid("数字超出范围", "the number is out of range", path=path)
    rounded = number.quantize(SCALE)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def _bool(raw: object, path: str) -> bool:
    if isinstance(raw, bool):
        return raw
    found = _WORDS.get(str(raw).strip().casefold())
    if found is None:
        raise Invalid("应为 true 或 false", "expected true or false", path=path)
    return found


def _date(raw: object, path: str) -> date:
    if isinstance(raw, datetime):
        return day(raw.date(), path)
    if isinstance(raw, date):
        return day(raw, path)
    try:
        return day(date.fromisoformat(str(raw).strip()), path)
    except ValueError:
        raise Invalid("应为日期，例如 2026-07-01", "expected a date such as 2026-07-01", path=path) from None


def _datetime(raw: object, path: str, zone: ZoneInfo) -> str:
    try:
        found = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw).strip())
    except ValueError:
        raise Invalid(
            "应为时间，例如 2026-07-01 09:30", "expected a time such as 2026-07-01 09:30", path=path
        ) from None
    local = found if found.tzinfo else found.replace(tzinfo=zone)
    day(local.date(), path)
    return local.astimezone(UTC).isoformat()


def _set(raw: object, path: str) -> list[str]:
    items = (
        raw.split("|")
        if isinstance(raw, str)
        else list(raw)
        if isinstance(raw, (list, tuple, set, frozenset))
        else None
    )
    if items is None:
        raise Invalid("应为若干项，用 | 分隔", "expected items separated by |", path=path)
    return clean_set([str(item) for item in items], path)


def clean_set(items: Collection[str], path: str) -> list[str]:
    """Return the items once each, trimmed, in the order given."""
    if len(items) > ITEMS_MAX:
        raise Invalid(f"最多 {ITEMS_MAX} 项", f"at most {ITEMS_MAX} items", path=path)
    cleaned = (paragraph(item, path, 100) for item in items)
    return list(dict.fromkeys(item for item in cleaned if item))


def whole_minor(major: Decimal, digits: int, path: str) -> int:
    """Return an amount in minor units; more digits than the currency has would be lost, so refuse."""
    minor = major.scaleb(digits)
    if minor != minor.to_integral_value():
        raise Invalid(
            f"金额最多 {digits} 位小数" if digits else "这个币种没有小数",
            f"an amount has at most {digits} decimals" if digits else "this currency has no decimals",
            path=path,
        )
    return amount(int(minor), path)


_UNITS = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}


def typed_number(text: str) -> str | int | Decimal:
    """Return a number as people type it, 1,200 or 20 万; what cannot be read comes back as it was typed."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    if plain[-1:] not in _UNITS:
        return plain
    try:
        number = Decimal(plain[:-1]) * _UNITS[plain[-1]]
    except InvalidOperation:
        return text
    return int(number) if number == number.to_integral_value() else number
