"""What the page of one customer shows of a past day: classes, figures and timeline, and nothing to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhike.accounts.policy import get_visible
from zhike.base.errors import NotFound
from zhike.classification.queries import Standing
from zhike.classification.then import Then, then
from zhike.core.schemes import is_undetermined
from zhike.customers.models import Customer
from zhike.privacy.profiling import bar_of
from zhike.web.as_of import DayError
from zhike.web.chips import Chips
from zhike.web.customer.kin import read_kin, read_related
from zhike.web.customer.metrics import figures
from zhike.web.customer.record import writer_for
from zhike.web.customer.ribbon import ribbon
from zhike.web.customer.side import read_side
from zhike.web.customer.timeline import read_group, read_timeline
from zhike.web.customer.why import why_then
from zhike.web.request import Request, local_today

if TYPE_CHECKING:
    from datetime import date

    from zhike.accounts.models import User
    from zhike.base.chips import Chip
    from zhike.core.schemes import Scheme


@dataclass(frozen=True, slots=True)
class PastClass:
    """The class that was told on a day; `now` is what today's records give where that is another."""

    dimension: str
    chip: Chip
    now: Chip | None
    was_told: bool


def open_past(user: User, pk: int, day: date) -> Then:
    """Return the customer as of a day, or say that there was none yet."""
    if bar_of(get_visible(user, Customer, pk=pk)):
        raise DayError(
            "这位客户不作自动分类，过去的类别不再重算。",
            "This customer is not classified automatically: past classes are not worked out.",
        )
    found = then(user, Customer(pk=pk), day)
    began = found.began
    if began is not None and day < began:
        raise DayError(
            f"{day.isoformat()} 还没有这位客户，档案从 {began.isoformat()} 开始。",
            f"There was no such customer on {day.isoformat()}: the record began on {began.isoformat()}.",
        )
    return found


def past_context(request: Request, found: Then, *, before: int | None) -> dict[str, object]:
    """Return everything that the page shows of a past day."""
    writer = writer_for(request, found)
    customer, day = found.customer, found.day
    began = found.began or day
    chips = Chips(found.rules, writer.language)
    return {
        "section": "customers",
        "customer": customer,
        "past": [_past_class(found, scheme, chips) for scheme in found.rules.schemes],
        "as_of": day,
        "today": local_today(),
        "began": began,
        "days_known": (day - began).days,
        "figures": figures(found.history, today=day, language=writer.language, currency=writer.currency),
        "side": read_side(request.user, customer),
        "group": read_kin(request.user, customer, found.rules, writer.language),
        "relations": read_related(request.user, customer),
        "may_change": False,
        "timeline": read_timeline(
            request.user,
            customer.pk,
            group=read_group(request.GET.get("group", "")),
            before=before,
            rules=found.rules,
            writer=writer,
            until=day,
        ),
    }


def _past_class(found: Then, scheme: Scheme, chips: Chips) -> PastClass:
    dimension = scheme.dimension
    told, key = found.told.get(dimension), found.class_of(dimension)
    is_unknown = is_undetermined(scheme, key, found.facts)
    computed = chips.one(scheme, Standing(key, key, "rule", is_unknown))
    if told is None:
        return PastClass(dimension, computed, None, was_told=False)
    differs = found.differs(dimension)
    shown = Standing(told.class_key, told.class_key, told.source, is_unknown and not differs)
    return PastClass(dimension, chips.one(scheme, shown), computed if differs else None, was_told=True)


def past_panel(request: Request, found: Then, dimension: str) -> dict[str, object]:
    """Return what explains the class of a past day."""
    if dimension not in {scheme.dimension for scheme in found.rules.schemes}:
        raise NotFound
    writer, customer = writer_for(request, found), found.customer
    return {
        "section": "customers",
        "customer": customer,
        "dimension": dimension,
        "as_of": found.day,
        "why": why_then(found, dimension, writer),
        "ribbon": ribbon(request.user, customer.pk, found.rules.scheme(dimension), found.day, writer.language),
    }
