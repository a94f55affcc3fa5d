"""The strip of figures: what `queries` counts, in words and with a line or bars of the periods before.

They add up hundreds of thousands of events, so the page does not wait for them: it asks for them once it is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.base.errors import current_language
from zhike.base.templatetags.zhike import MISSING, number
from zhike.core.money import brief_money, format_money
from zhike.web.home import queries
from zhike.web.home.queries import Days

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from zhike.classification.rules import Rulebook
    from zhike.web.home.queries import Run
    from zhike.web.home.whose import Whose

LABELS = (_("本月回款"), _("本月成交额"), _("新增意向客户"), _("跟进按时率"), _("首次响应"))


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of this month so far, with the difference to last month by the like day.

    `direction` is that of the number, `is_good` whether that is welcome; `exact` is for whoever hovers.
    """

    key: str
    label: str
    value: str
    unit: str
    exact: str
    parts: Sequence[float | None]
    drawn: Literal["line", "bars"]
    tone: str
    change: str
    direction: int
    is_good: bool
    counted_at: datetime | None = None


def strip(whose: Whose, rules: Rulebook, *, today: date, currency: str) -> list[Figure]:
    """Return the five figures of the strip."""
    days = Days(today)
    amounts = queries.amounts(whose, days)
    money, exact = _money(currency)
    paid, sold, hot, kept, answered = (str(label) for label in LABELS)
    figures = [
        _figure("payments", paid, queries.payments(whose, days, amounts), money, exact=exact),
        _figure("revenue", sold, queries.revenue(whose, days, amounts), money, exact=exact),
        _figure("hot", hot, queries.newly_hot(whose, days, rules), number, unit=gettext("位"), drawn="bars"),
        _figure("on_time", kept, queries.on_time(whose, days), number, unit="%", change=_points, tone="ochre"),
        _figure(
            "first_answer",
            answered,
            queries.first_answer(whose, days),
            number,
            unit=gettext("小时"),
            tone="malachite",
            less_is_more=True,
        ),
    ]
    return figures if queries.hottest(rules) else [one for one in figures if one.key != "hot"]


def company_figures(whose: Whose, rules: Rulebook, *, today: date, currency: str) -> list[Figure]:
    """Return the five figures of whoever answers for the company."""
    days = Days(today)
    amounts = queries.amounts(whose, days)
    money, exact = _money(currency)
    found = [
        _figure("revenue", gettext("本月成交额"), queries.revenue(whose, days, amounts), money, exact=exact),
        _figure("payments", gettext("本月回款"), queries.payments(whose, days, amounts), money, exact=exact),
        _figure(
            "new", gettext("本月新客户"), queries.new_customers(whose, days), number, unit=gettext("位"), drawn="bars"
        ),
        _figure(
            "hot",
            gettext("新增意向客户"),
            queries.newly_hot(whose, days, rules),
            number,
            unit=gettext("位"),
            drawn="bars",
        ),
        _figure(
            "on_time",
            gettext("跟进按时率"),
            queries.on_time(whose, days),
            number,
            unit="%",
            change=_points,
            tone="ochre",
        ),
    ]
    return found if queries.hottest(rules) else [one for one in found if one.key != "hot"]


def _money(currency: str) -> tuple[Callable[[float], str], Callable[[float], str]]:
    def brief(amount: float) -> str:
        return brief_money(int(amount), currency, current_language()) if amount else "0"

    return brief, lambda amount: format_money(int(amount), currency)


def _points(difference: float) -> str:
    return gettext("%(n)s 个百分点") % {"n": number(difference)}


def _figure(  # noqa: PLR0913  one keyword each
    key: str,
    label: str,
    run: Run,
    write: Callable[[float], str],
    *,
    exact: Callable[[float], str] = number,
    unit: str = "",
    change: Callable[[float], str] | None = None,
    drawn: Literal["line", "bars"] = "line",
    tone: str = "azurite",
    less_is_more: bool = False,
) -> Figure:
    difference = 0.0
    if run.now is not None and run.before is not None:
        difference = round(run.now - run.before, 1)
        difference = int(difference) if difference == int(difference) else difference
    direction = (difference > 0) - (difference < 0)
    return Figure(
        key=key,
        label=label,
        value=MISSING if run.now is None else write(run.now),
        unit="" if run.now is None else unit,
        exact="" if run.now is None else exact(run.now),
        parts=run.parts,
        drawn=drawn,
        tone=tone,
        change=(change or write)(abs(difference)) if difference else "",
        direction=direction,
        is_good=direction > 0 if not less_is_more else direction < 0,
        counted_at=run.counted_at,
    )
