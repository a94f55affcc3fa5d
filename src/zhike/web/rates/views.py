"""What other currencies are worth from which day on, and the amounts that a corrected rate makes others."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from zhike.accounts.policy import get_visible, require
from zhike.base.currencies import codes, name_of
from zhike.base.errors import current_language
from zhike.base.forms import Form, tell
from zhike.core.errors import ZhikeError
from zhike.jobs.tasks import start
from zhike.timeline.amounts import NOTE_MAX, restate, restated, set_rate
from zhike.timeline.models import ExchangeRate
from zhike.timeline.rates import all_rates, in_force
from zhike.web.rates.kinds import AT_ONCE, ask_restate
from zhike.web.request import local_today

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse, QueryDict

    from zhike.web.request import Request

UNPROCESSABLE = 422
FIRST = ("USD", "EUR", "HKD", "JPY", "GBP")
MOST_OF_ONE = 24


class RateForm(Form):
    """A currency, from which day on, its rate, and where that comes from."""

    currency = forms.ChoiceField(label=_("币种"))
    day = forms.DateField(label=_("从哪天起"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    rate = forms.CharField(label=_("汇率"), max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    note = forms.CharField(label=_("来源"), max_length=NOTE_MAX, required=False)

    def __init__(self, data: QueryDict | None = None, *, base: str) -> None:
        super().__init__(data, initial={"day": local_today(), "currency": "USD" if base != "USD" else "EUR"})
        language = current_language()
        ordered = sorted(codes() - {base}, key=lambda code: (code not in FIRST, code))
        self.fields["currency"].choices = [(code, f"{code} {name_of(code, language)}") for code in ordered]  # type: ignore[attr-defined]
        self.fields["rate"].help_text = gettext("1 个单位等于多少 %(base)s，例如 7.2。") % {"base": base}


@dataclass(frozen=True, slots=True)
class CurrencyRates:
    """The rates of one currency, the newest day first."""

    code: str
    name: str
    rates: Sequence[ExchangeRate]


@require_http_methods(["GET", "HEAD", "POST"])
def rate_list(request: Request) -> HttpResponse:
    require(request.user, "change", ExchangeRate)
    base = request.company.currency
    form = RateForm(request.POST or None, base=base)
    status = 200 if request.method != "POST" else UNPROCESSABLE
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            rate = set_rate(
                currency=given["currency"],
                from_day=given["day"],
                rate=given["rate"],
                note=given["note"],
                by=request.user,
            )
        except ZhikeError as error:
            tell(form, error)
        else:
            messages.success(request, gettext("%(currency)s 的汇率已保存") % {"currency": rate.currency})
            return redirect("web:rate_restate", rate.pk) if restated(rate).events else redirect("web:rates")
    language = current_language()
    context = {
        "section": "settings",
        "form": form,
        "base": base,
        "currencies": [
            CurrencyRates(code, name_of(code, language), _counting(list(rows))[:MOST_OF_ONE])
            for code, rows in groupby(all_rates(base), key=lambda rate: rate.currency)
        ],
    }
    return render(request, "web/rates.html", context, status=status)


def _counting(rates: Sequence[ExchangeRate]) -> list[ExchangeRate]:
    """Return the rates that count: of two for one day the later written."""
    return list({rate.day: rate for rate in reversed(rates)}.values())[::-1]


@require_http_methods(["GET", "HEAD", "POST"])
def rate_restate(request: Request, pk: int) -> HttpResponse:
    """Say how many amounts a rate makes others, and put them right when that is wanted."""
    require(request.user, "change", ExchangeRate)
    rate = get_visible(request.user, ExchangeRate, pk=pk)
    if request.method == "POST":
        found = restated(rate)
        if found.customers > AT_ONCE:
            return redirect("web:job", start(ask_restate(rate, found, by=request.user)).pk)
        done = restate(rate, by=request.user)
        said = ngettext("%(n)s 笔金额已按新汇率重算", "%(n)s 笔金额已按新汇率重算", done.events) % {"n": done.events}
        messages.success(request, said)
        return redirect("web:rates")
    context = {
        "section": "settings",
        "rate": rate,
        "base": rate.base,
        "counts": in_force(rate),
        "found": restated(rate),
    }
    return render(request, "web/rate_restate.html", context)
