"""Telephone numbers: stored as E.164, kept when they are possible, trusted when they are valid."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from zhike.base.inputs import Invalid
from zhike.customers.models import PhoneState

REGION = "CN"
_RAW_MAX = 40
# As nearly all of them are written; for these the library, at home in all countries, would ask far more than is needed.
_MOBILE = re.compile(r"(?:\+86)?(1[3-9]\d{9})", re.ASCII)
_NETWORK = 5


class Phone(NamedTuple):
    """A number in E.164 form and how far to trust it."""

    number: str = ""
    state: PhoneState = PhoneState.NONE


NO_PHONE = Phone()


@lru_cache(maxsize=8192)
def parse_phone(raw: str) -> Phone:
    """Return the number, or raise `Invalid` when it cannot be one."""
    text = raw.strip()
    if not text:
        return NO_PHONE
    if (mobile := _MOBILE.fullmatch(text)) is not None:
        return Phone(f"+86{mobile[1]}", _mobile_state(mobile[1][:_NETWORK]))
    number = _parse(text)
    if number is None or not phonenumbers.is_possible_number(number):
        shown = text[:_RAW_MAX]
        raise Invalid(f"{shown} 不可能是电话号码", f"{shown} cannot be a telephone number", path="phone")
    state = PhoneState.VALID if phonenumbers.is_valid_number(number) else PhoneState.UNVERIFIED
    return Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), state)


@lru_cache(maxsize=4096)
def _mobile_state(network: str) -> PhoneState:
    """Say whether mobile numbers that begin so are given out: the digits behind these decide nothing."""
    return (
        PhoneState.VALID
        if phonenumbers.is_valid_number(phonenumbers.parse(f"{network}000000", REGION))
        else PhoneState.UNVERIFIED
    )


def _parse(text: str) -> phonenumbers.PhoneNumber | None:
    if len(text) > _RAW_MAX:
        return None
    try:
        return phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None


def shown_phone(number: str) -> str:
    """Return the number as people at home write it."""
    parsed = _parse(number)
    if parsed is None:
        return number
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if parsed.country_code == phonenumbers.country_code_for_region(REGION)
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(parsed, style)
