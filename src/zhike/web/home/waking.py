"""Sleeping customers of high value, with what they would need again.

Sleeping is who stands in a class of `SLEEPING`, of high value who stands in the highest class of value. They are told
by what they have ever bought for; what they would need again comes from the rhythm of their past orders
(`core.rhythm`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.db.models import BigIntegerField, F
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext, ngettext

from zhike.accounts.policy import redacted, visible
from zhike.base.paging import Count, capped_count
from zhike.base.templatetags.zhike import day as near_day
from zhike.classification.facts import read_stored
from zhike.classification.models import Placement
from zhike.core.facts import Ref
from zhike.core.money import brief_money
from zhike.core.rhythm import Bought, need_again, products
from zhike.customers.models import Customer
from zhike.customers.queries import SEARCH_COLUMNS
from zhike.timeline.models import Event
from zhike.timeline.queries import voided
from zhike.web.home.queries import ORDER, hottest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.classification.rules import Rulebook
    from zhike.core.rhythm import Need
    from zhike.core.text import Language
    from zhike.web.home.whose import Whose

VALUE = "value"
# Who was a customer and has fallen silent, in the packs that tell it.
SLEEPING = (("activity", "dormant"), ("cycle", "overdue"))
SHOWN = 4
MOST_COUNTED = 1_000
EVER, SILENT = Ref("metric.revenue"), Ref("metric.days_since_interaction")


@dataclass(frozen=True, slots=True)
class Sleeper:
    """A customer to wake: what they ever bought for (minor units), silent for how many days, and why now."""

    customer: Customer
    amount: int
    brief: str
    silent_days: int | None
    need: Need | None
    why: str
    title: str


@dataclass(frozen=True, slots=True)
class Waking:
    """Those who bought for most, how many there are, and what leads to all of them."""

    sleepers: Sequence[Sleeper]
    size: Count
    query: str


def waking(whose: Whose, rules: Rulebook, *, today: date, language: Language, currency: str) -> Waking | None:
    """Return whom to wake; None where no rules in force tell value and sleep."""
    known = {(scheme.dimension, one.key) for scheme in rules.schemes for one in scheme.classes}
    asleep = next((one for one in SLEEPING if one in known), None)
    high = hottest(rules, VALUE)
    if asleep is None or not high:
        return None
    rows = sleeping(whose, asleep, high)
    ever = Cast(KeyTextTransform(str(EVER), "facts__values"), BigIntegerField())
    first = rows.annotate(ever=ever).order_by(F("ever").desc(nulls_last=True), "pk")
    ids = list(first.values_list("pk", flat=True)[:SHOWN])
    loaded = visible(whose.user, Customer).filter(pk__in=ids).select_related("facts", "owner").defer(*SEARCH_COLUMNS)
    bought = orders_of(whose.user, ids)
    drawn = {one.pk: _sleeper(whose.user, one, bought.get(one.pk, []), today, language, currency) for one in loaded}
    dimension, key = asleep
    return Waking(
        sleepers=[drawn[pk] for pk in ids if pk in drawn],
        size=capped_count(rows, MOST_COUNTED),
        query=f"class.{VALUE}={high}&class.{dimension}={key}",
    )


def sleeping(whose: Whose, asleep: tuple[str, str], high: str) -> QuerySet[Customer]:
    """Return the customers of high value who sleep."""
    dimension, key = asleep
    quiet = Placement.objects.filter(dimension=dimension, class_key=key, undetermined=False).values("customer")
    dear = Placement.objects.filter(dimension=VALUE, class_key=high).values("customer")
    return whose.customers().filter(pk__in=quiet).filter(pk__in=dear)


def orders_of(user: User, ids: Iterable[int]) -> dict[int, list[Bought]]:
    """Return what each of these customers ordered, and when."""
    rows = visible(user, Event).filter(customer__in=list(ids), kind=ORDER).exclude(pk__in=voided())
    found: dict[int, list[Bought]] = {}
    for pk, title, day in rows.order_by("day", "pk").values_list("customer", "data__title", "day"):
        found.setdefault(pk, []).extend(Bought(name, day) for name in products(title or "") or [""])
    return found


def _sleeper(
    user: User, customer: Customer, bought: Sequence[Bought], today: date, language: Language, currency: str
) -> Sleeper:
    facts = getattr(customer, "facts", None)
    stored = facts.values if facts else {}
    amount = cast("int", read_stored(stored, EVER, today) or 0)
    need = need_again(bought, today)
    return Sleeper(
        customer=redacted(user, customer),
        amount=amount,
        brief=brief_money(amount, currency, language) if amount else "0",
        silent_days=cast("int | None", read_stored(stored, SILENT, today)),
        need=need,
        why=rhythm_words(need, today) if need else _last(bought),
        title=gettext("唤醒：%(product)s该补了") % {"product": need.product}
        if need
        else gettext("唤醒：问问近况和需要"),
    )


def rhythm_words(need: Need, today: date) -> str:
    """Say how often a product was bought and since when it is due."""
    over = need.days_over(today)
    every = ngettext("「%(product)s」约 %(n)s 天买一次", "「%(product)s」约 %(n)s 天买一次", need.gap)
    said = every % {"product": need.product, "n": need.gap}
    if over > 0:
        return said + ngettext("，已过 %(n)s 天", "，已过 %(n)s 天", over) % {"n": over}
    return said + gettext("，%(day)s该补了") % {"day": near_day(need.due)}


def _last(bought: Sequence[Bought]) -> str:
    if not bought:
        return ""
    last = bought[-1]
    if not last.product:
        return gettext("上次下单在 %(day)s") % {"day": near_day(last.day)}
    return gettext("上次在 %(day)s买了「%(product)s」") % {"day": near_day(last.day), "product": last.product}
