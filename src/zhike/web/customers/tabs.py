"""The tabs over the list: everybody, one's own customers, the views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext

from zhike.accounts.policy import sees_others
from zhike.customers.models import Customer
from zhike.web.customers.filters import VIEW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

    from zhike.accounts.models import User
    from zhike.classification.models import SavedView

# So many find room; whoever has more looks for them among all views.
MOST_TABS = 8
LAYING = {"sort", "at", "section", "group", "layout"}


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab. `view` is what its number is asked for by, empty where there is none to ask for."""

    label: str
    link: str
    is_now: bool
    view: str = ""


def tabs(user: User, views: Iterable[SavedView], query: QueryDict, now: SavedView | None) -> list[Tab]:
    """Return the tabs in their order; the view that is open is always among them."""
    base = reverse("web:customers")
    asked = {name for name in query if query[name]} - LAYING
    is_mine = asked == {"owner"} and query.getlist("owner") == [str(user.pk)]
    found = [Tab(gettext("全部"), base, now is None and not is_mine, view="all")]
    if sees_others(user, Customer):
        found.append(Tab(gettext("我的客户"), f"{base}?owner={user.pk}", is_mine, view="mine"))
    shown = list(views)
    kept = shown[:MOST_TABS]
    if now is not None and now.pk not in {view.pk for view in kept}:
        kept = [*kept[: MOST_TABS - 1], now]
    return [
        *found,
        *(
            Tab(view.name, f"{base}?{VIEW}={view.pk}", now is not None and now.pk == view.pk, view=str(view.pk))
            for view in kept
        ),
    ]
