"""What every page shows around its own content: the company, what there is and what waits, the theme."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from zhike.accounts.models import Company, User
from zhike.accounts.policy import can, visible
from zhike.base import clock
from zhike.base.paging import Count, capped_count
from zhike.classification.inbox import count_open
from zhike.classification.saved_views import pinned_views
from zhike.customers.models import Customer
from zhike.duplicates.models import Pair
from zhike.followups.queries.tasks import DueTasks, due_tasks
from zhike.notices.queries import has_unread
from zhike.pools.models import Pool
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from django.http import HttpRequest

    from zhike.classification.models import SavedView

# Beyond this nobody reads the number.
MOST_REVIEWS = 99
MOST_TASKS = 99
# Of so many customers nobody sees one more or less: they are not counted for every page, but once in so many seconds.
MANY, COUNTED_FOR = 1_000, 60


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
    def may_log(self) -> bool:
        return can(self._user, "create", Event)

    @cached_property
    def task_counts(self) -> DueTasks:
        """Return how many of one's own tasks are overdue, and how many there are up to today."""
        assert isinstance(self._user, User)
        today = clock.today(timezone.get_current_timezone())
        return due_tasks(self._user, today, most=MOST_TASKS)

    @cached_property
    def may_import(self) -> bool:
        return can(self._user, "import", Customer)

    @cached_property
    def has_pools(self) -> bool:
        """Say whether this person claims from pools or sets them up."""
        return can(self._user, "claim", Customer) or can(self._user, "change", Pool)

    @cached_property
    def may_part(self) -> bool:
        return can(self._user, "change", Pair)

    @cached_property
    def customer_count(self) -> Count:
        """Return how many customers this person sees; of thousands it is what was counted within the last minute."""
        assert isinstance(self._user, User)
        key = f"customers-of:{self._user.pk}:{self._user.role_key}:{self._user.team_id}"
        counted: Count | None = cache.get(key)
        if counted is None:
            counted = capped_count(visible(self._user, Customer))
            if counted.value >= MANY:
                cache.set(key, counted, COUNTED_FOR)
        return counted

    @cached_property
    def review_count(self) -> Count:
        """Return how many items wait for this person."""
        assert isinstance(self._user, User)
        return count_open(self._user, MOST_REVIEWS)

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
