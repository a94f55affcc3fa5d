"""Writes: what was told long ago is forgotten."""

from __future__ import annotations

from datetime import timedelta

from zhike.base.clock import now
from zhike.notices.models import Delivery, Digest

DIGEST_DAYS, DELIVERY_DAYS = 90, 30


def tidy() -> int:
    """Delete digests and lines of bots that are long done; return how many."""
    at = now()
    digests, _ = Digest.objects.filter(created_at__lt=at - timedelta(days=DIGEST_DAYS)).delete()
    lines, _ = Delivery.objects.filter(done_at__lt=at - timedelta(days=DELIVERY_DAYS)).delete()
    return digests + lines
