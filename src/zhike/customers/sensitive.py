"""Sensitive personal data in own fields: what of a write needs the person's separate consent.

Whether somebody has agreed is known above this app: the functions of `ZHIKE_ON_SENSITIVE` are asked, once for all
the customers of a write, and only if one of them needs it. Emptying needs no consent, and a value that stays as it
is holds nothing else up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

from zhike.base.inputs import Invalid
from zhike.customers.models import Customer, CustomField

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NOTHING: Mapping[str, object] = {}


def sensitive_fields() -> list[CustomField]:
    return list(CustomField.objects.filter(is_sensitive=True))


class Guard:
    """Says which sensitive fields a write may not fill. `ids`: the customers of the write, asked about together."""

    def __init__(self, fields: Iterable[CustomField], ids: Iterable[int]) -> None:
        self._fields = [field for field in fields if field.is_sensitive]
        self._ids = set(ids)
        self._agreed: dict[int, bool] = {}

    def refused(
        self,
        customer: int | None,
        *,
        kind: str,
        own: Mapping[str, object],
        was: str = "",
        held: Mapping[str, object] = _NOTHING,
    ) -> list[CustomField]:
        """Return the fields of a customer (`None` for a new one) that lack the consent, none if it is no person.

        `kind` and `own` are the kind and the own values as they would stand, `was` and `held` as they stand now: who
        becomes a person needs the consent for all that is there.
        """
        if kind != Customer.Kind.PERSON:
            return []
        found = [
            field
            for field in self._fields
            if own.get(field.key) is not None and (was != Customer.Kind.PERSON or own[field.key] != held.get(field.key))
        ]
        return [] if not found or (customer is not None and self._has_agreed(customer)) else found

    def check(
        self,
        customer: int | None,
        *,
        kind: str,
        own: Mapping[str, object],
        was: str = "",
        held: Mapping[str, object] = _NOTHING,
    ) -> None:
        """Raise `Invalid` at the first field that `refused` names."""
        for field in self.refused(customer, kind=kind, own=own, was=was, held=held):
            raise refusal(field, is_new=customer is None)

    def _has_agreed(self, customer: int) -> bool:
        if customer not in self._agreed:
            asked = {customer, *self._ids} - self._agreed.keys()
            lacking = _lacking(asked)
            self._agreed |= {one: one not in lacking for one in asked}
        return self._agreed[customer]


def _lacking(customers: set[int]) -> set[int]:
    found: set[int] = set()
    for path in settings.ZHIKE_ON_SENSITIVE:
        found |= import_string(path)(customers)
    return found


def refusal(field: CustomField, *, is_new: bool = False) -> Invalid:
    """Return what is said when a field of a person may not be filled."""
    if is_new:
        return Invalid(
            f"「{field.label_zh}」是敏感个人信息：先建档，在客户的「个人信息」页记下单独同意，再填写",
            f"{field.label_en} is sensitive personal data: make the record first, write down the separate consent on "
            "its page “Personal data”, then fill it in",
            path=field.name,
        )
    return Invalid(
        f"「{field.label_zh}」是敏感个人信息：先在客户的「个人信息」页记下单独同意，再填写",
        f"{field.label_en} is sensitive personal data: write down the separate consent on the customer's page "
        "“Personal data” first, then fill it in",
        path=field.name,
    )


def held_unagreed(customer: Customer) -> list[CustomField]:
    """Return the sensitive fields that a person has values in without a consent in force."""
    return Guard(sensitive_fields(), [customer.pk]).refused(customer.pk, kind=customer.kind, own=customer.custom)
