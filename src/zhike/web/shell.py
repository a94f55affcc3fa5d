"""What every page shows around its own content: the company, the number of customers, the theme."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.functional import SimpleLazyObject

from zhike.accounts.models import Company, User
from zhike.accounts.policy import visible
from zhike.accounts.queries import company
from zhike.base.paging import Count, capped_count
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest


class Shell:
    """Reads only what the page draws: an error page must not ask the database anything."""

    def __init__(self, user: User | AnonymousUser) -> None:
        self._user = user

    @cached_property
    def _company(self) -> Company:
        return company()

    @property
    def company(self) -> str:
        return self._company.name

    @property
    def currency(self) -> str:
        return self._company.currency

    @cached_property
    def customer_count(self) -> Count:
        return capped_count(visible(self._user, Customer))


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor: `shell`, and `theme` as this person wants it."""

    def theme() -> str:
        return request.user.theme if isinstance(request.user, User) else User.Theme.AUTO.value

    return {"shell": Shell(request.user), "theme": SimpleLazyObject(theme)}
