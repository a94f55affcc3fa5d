"""What a customer is found by, from what is known of them: the one place that says so.

The action that writes it reads a customer with its telephone numbers, e-mail addresses and contacts and hands
them over here, for one customer and for a hundred thousand alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.core.text import fold
from zhike.customers.needles import EMAIL_MIN, KEY_MIN, PINYIN_MIN, digits, grams, pieces, squeeze, tail_of
from zhike.customers.readings import initial_lines, pinyin_lines, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOBILE = re.compile(r"86(1[3-9]\d{9})")
_PHONE_PIECE = 3


@dataclass(frozen=True, slots=True)
class Reached:
    """A person at a customer, as far as a search knows them."""

    name: str
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


def search_columns(
    *,
    name: str,
    key: str = "",
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    contacts: Iterable[Reached] = (),
    former: Iterable[tuple[str, str]] = (),
) -> dict[str, str | list[int]]:
    """Return the columns of `SearchText`. Telephone numbers are given as they are stored, in E.164.

    `former` are name and key of each record that was merged into this one.
    """
    contacts = list(contacts)
    former = list(former)
    keys = [squeeze(fold(word)) for word in (key, *(old for _, old in former)) if word]
    own, theirs = _Named([name, *(old for old, _ in former)]), _Named([contact.name for contact in contacts])
    parts = {
        "phones": _numbers(phones),
        "contact_phones": _numbers(number for contact in contacts for number in contact.phones),
        "emails": [fold(email) for email in emails if email],
        "contact_emails": [fold(email) for contact in contacts for email in contact.emails if email],
        "key": keys,
    }
    cut = own.pieces() + theirs.pieces()
    for line in parts["key"]:
        cut += pieces(line, shortest=KEY_MIN)
    for line in (*parts["emails"], *parts["contact_emails"]):
        cut += pieces(line, shortest=EMAIL_MIN)
    for line in (*parts["phones"], *parts["contact_phones"]):
        cut += (*pieces(line, shortest=_PHONE_PIECE), tail_of(line))
    return {
        "name": _text(own.lines),
        "initials": _text(own.initials),
        "pinyin": _text(own.pinyin),
        "spelled": own.spelled,
        "contacts": _text([*theirs.lines, *theirs.initials]),
        "contact_pinyin": _text(theirs.pinyin),
        **{part: _text(lines) for part, lines in parts.items()},
        "grams": grams(cut),
    }


class _Named:
    """Names as they are written and read."""

    def __init__(self, names: Iterable[str]) -> None:
        self.lines = [line for line in (squeeze(fold(name)) for name in names) if line]
        self.initials = [reading for line in self.lines for reading in initial_lines(line)]
        self.pinyin = [reading for line in self.lines for reading in pinyin_lines(line)]
        self.spelled = "".join(spelled(line) for line in self.lines)

    def pieces(self) -> list[str]:
        found: list[str] = []
        for line in (*self.lines, *self.initials):
            found += pieces(line)
        for line in self.pinyin:
            found += pieces(line, shortest=PINYIN_MIN)
        return found


def _numbers(phones: Iterable[str]) -> list[str]:
    """Return each number with its country, and as it is dialled at home where that is no part of it."""
    found: list[str] = []
    for number in map(digits, phones):
        if number:
            found.append(number)
        if number.startswith("86") and not _MOBILE.fullmatch(number):
            found.append(f"0{number[2:]}")
    return found


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))
