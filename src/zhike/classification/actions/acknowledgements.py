"""Writes: that a person knows of new rules which moved their customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.base.clock import now
from zhike.base.errors import NotFound
from zhike.classification.models import Acknowledgement

if TYPE_CHECKING:
    from zhike.accounts.models import User


def acknowledge(*, acknowledgement: Acknowledgement, by: User) -> bool:
    """Confirm one's own; return whether it was not confirmed before. The first time counts."""
    if acknowledgement.user_id != by.pk:
        raise NotFound
    rows = Acknowledgement.objects.filter(pk=acknowledgement.pk, confirmed_at=None)
    return bool(rows.update(confirmed_at=now()))
