"""A request of somebody who signed in: the middleware lets nobody else reach these pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.utils import timezone

from zhike.base import clock

if TYPE_CHECKING:
    from datetime import date

    from zhike.accounts.models import Company, User


class Request(HttpRequest):
    """The type of such a request."""

    user: User
    company: Company


def local_today() -> date:
    """Return the company's day, whose zone the middleware has activated."""
    return clock.today(timezone.get_current_timezone())
