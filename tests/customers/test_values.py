"""Own values take the declared type on write, and come back as it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from zhike.base.inputs import Invalid
from zhike.core.facts import FieldType
from zhike.customers.phones import parse_phone, shown_phone
from zhike.customers.values import folded, normalise, read

T = FieldType
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("type_", "raw", "stored", "value"),
    [
        (T.TEXT, " ＡＢ ", "ＡＢ", "ＡＢ"),
        (T.CHOICE, "gold", "gold", "gold"),
        (T.INTEGER, "007", 7, 7),
        (T.INTEGER, -3, -3, -3),
        (T.INTEGER, 10**15 - 1, 10**15 - 1, 10**15 - 1),
        (T.DECIMAL, "1.50", 1.5, Decimal("1.5000")),
        (T.DECIMAL, "2.00005", 2, Decimal("2.0000")),
        (T.DECIMAL, "99999999999.9999", 99999999999.9999, Decimal("99999999999.9999")),
        (T.BOOL, "True", True, True),
        (T.BOOL, "否", False, False),
        (T.DATE, "2026-02-28", "2026-02-28", date(2026, 2, 28)),
        (T.DATE, date(2026, 2, 28), "2026-02-28", date(2026, 2, 28)),
        (T.DATETIME, "2026-02-28 09:30", "2026-02-28T01:30:00+00:00", datetime(2026, 2, 28, 1, 30, tzinfo=UTC)),
        (T.DATETIME, "2026-02-28T09:30Z", "2026-02-28T09:30:00+00:00", datetime(2026, 2, 28, 9, 30, tzinfo=UTC)),
        (T.SET, "a| b |a||", ["a", "b"], frozenset({"a", "b"})),
        (T.SET, ["x"], ["x"], frozenset({"x"})),
    ],
)
def test_value_is_normalised_and_read(type_, raw, stored, value):
    found = normalise(raw, type_, "custom.x", zone=ZONE)

    assert found == stored
    assert type(found) is type(stored)
    assert read(found, type_) == value


@pytest.mark.parametrize("type_", [t for t in T if t is not T.SET])
@pytest.mark.parametrize("raw", [None, "", "  "])
def test_empty_is_missing(type_, raw):
    assert normalise(raw, type_, "custom.x", zone=ZONE) is None
    assert read(None, type_) is None


@pytest.mark.parametrize(
    ("type_", "raw"),
    [
        (T.TEXT, "a\x00b"),
        (T.TEXT, "x" * 2001),
        (T.INTEGER, "1.5"),
        (T.INTEGER, str(10**15)),
        (T.DECIMAL, "NaN"),
        (T.DECIMAL, "1e30"),
        (T.DECIMAL, "many"),
        (T.BOOL, "2"),
        (T.DATE, "28.2.2026"),
        (T.DATE, "9999-12-31"),
        (T.DATETIME, "noon"),
        (T.SET, 7),
        (T.SET, "|".join(map(str, range(101)))),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(type_, raw):
    with pytest.raises(Invalid) as caught:
        normalise(raw, type_, "custom.x", zone=ZONE)

    assert caught.value.path == "custom.x"


@pytest.mark.parametrize(
    ("type_", "stored"), [(T.INTEGER, "7"), (T.INTEGER, True), (T.BOOL, 1), (T.TEXT, 7), (T.DATE, 7)]
)
def test_stored_value_of_another_type_is_missing(type_, stored):
    assert read(stored, type_) is None


def test_texts_and_sets_are_compared_folded():
    assert folded(" ＶＩＰ") == "vip"
    assert folded(["B", "ａ", "A"]) == ["a", "b"]
    assert folded(3) is None


@pytest.mark.parametrize(
    ("raw", "number", "state"),
    [
        ("13812345678", "+8613812345678", "valid"),
        ("+86 138-1234-5678", "+8613812345678", "valid"),
        ("021 6234 5678", "+862162345678", "valid"),
        ("+44 20 7946 0018", "+442079460018", "valid"),
        ("12345678901", "+8612345678901", "unverified"),
        ("", "", ""),
    ],
)
def test_phone(raw, number, state):
    assert parse_phone(raw) == (number, state)


@pytest.mark.parametrize("raw", ["12", "call me", "1" * 41, "+999123456789"])
def test_phone_that_cannot_be(raw):
    with pytest.raises(Invalid):
        parse_phone(raw)


def test_phone_is_shown_as_at_home():
    assert shown_phone("+8613812345678") == "138 1234 5678"
    assert shown_phone("+442079460018") == "+44 20 7946 0018"
    assert shown_phone("odd") == "odd"
