"""Pairs as people read them: who, how sure, by what, and every part of both side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext

from zhike.accounts.policy import field_access, visible
from zhike.accounts.rights import Access
from zhike.base.errors import current_language
from zhike.base.templatetags.zhike import day
from zhike.core.duplicates.companies import take_apart
from zhike.core.duplicates.evidence import WEIGHTS
from zhike.customers.models import Address, Contact, Customer, Reach
from zhike.customers.phones import shown_phone
from zhike.duplicates.listing import BANDS, band_of
from zhike.duplicates.reading import CREDIT
from zhike.engine.duplicates.reading import places as known_places
from zhike.engine.duplicates.reading import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.core.text import Language
    from zhike.duplicates.models import Pair

_SHOWN = 3
_TONES = {"strong": "is-good", "likely": "", "possible": "is-faint"}


class Said(NamedTuple):
    """One piece of evidence in words. `is_for` when it speaks for one customer; `bits` is its weight."""

    part: str
    text: str
    bits: float
    is_for: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One pair in the list."""

    pair: Pair
    band: str
    tone: str
    chance: str
    said: Sequence[Said]
    more: int
    merge: str
    may_decide: bool


class Part(NamedTuple):
    """One part of both side by side, with what was found there."""

    label: str
    mine: str
    theirs: str
    said: Sequence[Said]


def said_of(pair: Pair, language: Language) -> list[Said]:
    return say(pair.evidence, language)


def say(evidence: Iterable[Mapping[str, object]], language: Language) -> list[Said]:
    """Return evidence, as it is kept, in words."""
    found: list[Said] = []
    for piece in evidence:
        part, level, bits = str(piece["part"]), str(piece["level"]), float(str(piece["bits"]))
        found.append(Said(part, WEIGHTS[part, level].said.get(language), bits, bits > 0))
    return found


def merge_link(ids: Iterable[int]) -> str:
    """Return where these are merged."""
    return f"{reverse('web:merge')}?ids={','.join(map(str, ids))}"


def line(pair: Pair, *, may_decide: bool) -> Line:
    language = current_language()
    band, said = band_of(pair.score), said_of(pair, language)
    speaking = [one for one in said if one.is_for]
    chance = 1 / (1 + 2 ** -max(-30.0, min(30.0, pair.score)))
    return Line(
        pair=pair,
        band=BANDS[band][2].get(language),
        tone=_TONES[band],
        chance=f"{min(chance, 0.999):.1%}",
        said=speaking[:_SHOWN],
        more=len(said) - len(speaking[:_SHOWN]),
        merge=merge_link([pair.customer_id, pair.other_id]) if may_decide else "",
        may_decide=may_decide,
    )


# Row of the comparison → the parts of the evidence that belong to it.
_ROWS = {
    "name": ("company", "words", "region"),
    "people": ("person", "contact"),
    "number": ("number",),
    "phone": ("phone",),
    "email": ("email",),
    "birthday": ("birthday",),
    "city": ("city",),
    "address": ("address",),
}


def parts(user: User, pair: Pair) -> list[Part]:
    """Return both customers part by part, as far as this person may read them."""
    said = said_of(pair, current_language())
    mine, theirs = _values(user, pair.customer), _values(user, pair.other)
    labels = {
        "name": gettext("名称"),
        "apart": gettext("名称拆开"),
        "people": gettext("联系人"),
        "number": gettext("信用代码"),
        "phone": gettext("电话"),
        "email": gettext("邮箱"),
        "birthday": gettext("生日"),
        "city": gettext("城市"),
        "address": gettext("地址"),
        "owner": gettext("负责人"),
        "created": gettext("建档日期"),
    }
    found = [
        Part(label, mine[key], theirs[key], [one for one in said if one.part in _ROWS.get(key, ())])
        for key, label in labels.items()
    ]
    return [part for part in found if part.mine or part.theirs]


def _values(user: User, customer: Customer) -> dict[str, str]:
    access = field_access(user, Customer)
    shown = access.redacted(customer)
    people = visible(user, Contact).filter(customer=customer, left_on=None).order_by("-is_primary", "pk")
    reached = {kind: _reached(customer, kind) for kind in ("phone", "email") if access[kind] >= Access.READ}
    phones = [shown_phone(value) for value in reached.get("phone", ())] or [shown.phone]
    address = visible(user, Address).filter(customer=customer, is_primary=True).first()
    code = customer.custom.get(CREDIT) if access[f"custom.{CREDIT}"] >= Access.READ else ""
    return {
        "name": shown.name,
        "apart": _apart(shown),
        "people": "、".join(people.values_list("name", flat=True)),
        "number": str(code or ""),
        "phone": "、".join(phones),
        "email": "、".join(reached.get("email") or [shown.email]),
        "birthday": f"{shown.birthday:%Y-%m-%d}" if shown.birthday else "",
        "city": shown.city,
        "address": address.line if address else "",
        "owner": customer.owner.name if customer.owner else gettext("无"),
        "created": day(customer.created_on) if customer.created_on else "",
    }


def _reached(customer: Customer, kind: str) -> list[str]:
    rows = Reach.objects.filter(customer=customer, kind=kind).order_by("position", "pk")
    return list(dict.fromkeys(rows.values_list("value", flat=True)))


def _apart(customer: Customer) -> str:
    """Return the parts of a company's name; nothing for a person, or for a name in letters."""
    if customer.kind == Customer.Kind.PERSON:
        return ""
    found = take_apart(plain(customer.name), known_places())
    return " · ".join(part for part in (found.region, found.brand, found.trade, found.legal, found.branch) if part)
