"""Finding customers: which parts of them somebody's search may look into, and the filter for lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from zhike.accounts.policy import field_access
from zhike.customers.models import Contact, Customer
from zhike.customers.needles import EMAIL_MIN, KEY_MIN, PINYIN_MIN, Term, terms

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import Model

    from zhike.accounts.models import User

# Column of `SearchText` → the column of which it tells. Whoever may not read that does not find by it.
PARTS: Mapping[str, tuple[type[Model], str]] = {
    "name": (Customer, "name"),
    "initials": (Customer, "name"),
    "pinyin": (Customer, "name"),
    "spelled": (Customer, "name"),
    "key": (Customer, "key"),
    "phones": (Customer, "phone"),
    "emails": (Customer, "email"),
    "contacts": (Contact, "name"),
    "contact_pinyin": (Contact, "name"),
    "contact_phones": (Contact, "phone"),
    "contact_emails": (Contact, "email"),
}
# How many characters a word needs to be looked for there; one anywhere else.
_SHORTEST = {
    "pinyin": PINYIN_MIN,
    "contact_pinyin": PINYIN_MIN,
    "key": KEY_MIN,
    "emails": EMAIL_MIN,
    "contact_emails": EMAIL_MIN,
}
_READ = frozenset({"initials", "pinyin", "contact_pinyin"})
_NUMBERS = frozenset({"phones", "contact_phones"})


def parts_of(user: User | None) -> frozenset[str]:
    """Return the columns that a search of this person may look into; all of them for the command line."""
    if user is None:
        return frozenset(PARTS)
    access = {model: field_access(user, model) for model in {model for model, _field in PARTS.values()}}
    return frozenset(part for part, (model, field) in PARTS.items() if access[model].reads(field))


def parts_for(term: Term, parts: Collection[str]) -> list[str]:
    """Return the columns that may hold this word, the name's first."""
    return [part for part in PARTS if part in parts and _may_hold(part, term)]


def _may_hold(part: str, term: Term) -> bool:
    if part == "spelled":
        return term.is_mixed
    if part in _NUMBERS:
        return bool(term.digits)
    if part in _READ and not term.is_latin:
        # 𠮷野家 is read 𠮷yejia: what has no pinyin stays a character.
        return False
    return len(term.text) >= _SHORTEST.get(part, 1)


def matching(term: Term, parts: Collection[str], path: str = "searched__") -> Q:
    """Return the condition that some part holds this word."""
    found = Q()
    for part in parts_for(term, parts):
        if part == "spelled":
            found |= Q(**{f"{path}spelled__regex": term.pattern})
        else:
            found |= Q(**{f"{path}{part}__contains": term.digits if part in _NUMBERS else term.text})
    return found or Q(pk__in=[])


def narrowing(term: Term, path: str = "searched__") -> Q:
    """Return the condition that the pieces of this word are there, which an index answers."""
    found = Q(**{f"{path}grams__contains": term.grams})
    if term.digits and term.phone_grams != term.grams:
        found |= Q(**{f"{path}grams__contains": term.phone_grams})
    return found


def search(rows: QuerySet[Customer], query: str, user: User | None) -> QuerySet[Customer]:
    """Keep the customers in whom every word of `query` is found; an empty query keeps all.

    A word is any part of the name as it is written, read or abbreviated, of the key, an e-mail address or a
    telephone number, or of a contact's: as far as `user` may read them.
    """
    parts = parts_of(user)
    for term in terms(query):
        rows = rows.filter(narrowing(term), matching(term, parts))
    return rows
