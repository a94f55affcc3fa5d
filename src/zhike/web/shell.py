"""What every page shows around its own content: the company, what there is and what waits, the theme."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.functional import SimpleLazyObject

from zhike.accounts.models import Company, User
from zhike.accounts.policy import can, visible
from zhike.base.paging import Count, capped_count
from zhike.classification.inbox import has_unread, open_reviews
from zhike.classification.saved_views import pinned_views
from zhike.customers.models import Customer

if TYPE_CHECKING:
    from django.http import HttpRequest

    from zhike.classification.models import SavedView

# Beyond this nobody reads the number.
MOST_REVIEWS = 99


class Shell:
    """Reads only what the page draws: an error page must not ask the database anything."""

    def __init__(self, request: HttpRequest) -> None:
        self._user = request.user
        self._company: Company | None = getattr(request, "company", None)

    @property
    def company(self) -> str:
        return self._company.name if self._company else ""

    @property
    def currency(self) -> str:
        return self._company.currency if self._company else ""

    @cached_property
    def may_create(self) -> bool:
        return can(self._user, "create", Customer)

    @cached_property
    def may_import(self) -> bool:
        return can(self._user, "import", Customer)

    @cached_property
    def customer_count(self) -> Count:
        return capped_count(visible(self._user, Customer))

    @cached_property
    def review_count(self) -> Count:
        """Return how many items wait for this person."""
        assert isinstance(self._user, User)
        return capped_count(open_reviews(self._user, mine=True), MOST_REVIEWS)

    @cached_property
    def pinned_views(self) -> list[SavedView]:
        """Return the views that this person keeps at the side."""
        return pinned_views(self._user) if isinstance(self._user, User) else []

    @cached_property
    def has_unread(self) -> bool:
        assert isinstance(self._user, User)
        return has_unread(self._user)


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor: `shell`, and `theme` as this person wants it."""

    def theme() -> str:
        return request.user.theme if isinstance(request.user, User) else User.Theme.AUTO.value

    return {"shell": Shell(request), "theme": SimpleLazyObject(theme)}
