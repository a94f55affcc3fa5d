"""Writes: drafts tried on past months, in the background and with progress."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.base.clock import now, today
from zhike.base.inputs import Invalid
from zhike.classification.backtest import back_test
from zhike.classification.candidates import candidate, draft_version
from zhike.classification.models import BackTest, Scheme, SchemeVersion
from zhike.classification.rules import rulebook
from zhike.core.dates import add_months
from zhike.core.errors import ZhikeError
from zhike.customers.models import Customer
from zhike.privacy.profiling import unprofiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User

MOST_MONTHS = 12
OUTCOME_DAYS = (30, 90, 180)


def ask_back_test(*, draft: SchemeVersion, months: Sequence[int], outcome_days: int, by: User) -> BackTest:
    """Have a draft tried as of the days that lie so many months back."""
    require(by, "change", Scheme)
    candidate([draft_version(draft)])
    if outcome_days not in OUTCOME_DAYS or not months or not all(1 <= month <= MOST_MONTHS for month in months):
        raise Invalid(
            f"回测 1 到 {MOST_MONTHS} 个月前，看之后 30、90 或 180 天",
            f"a back-test looks 1 to {MOST_MONTHS} months back, and at the 30, 90 or 180 days after",
            path="months",
        )
    day = today(company_zone())
    return BackTest.objects.create(
        version=draft,
        revision=draft.revision,
        days=[add_months(day, -month).isoformat() for month in sorted(set(months), reverse=True)],
        outcome_days=outcome_days,
        by=by,
        created_at=now(),
    )


def run_waiting() -> int:
    """Try every draft for which somebody asked; one that a crash left running is begun again."""
    state = BackTest.State
    waiting = list(BackTest.objects.filter(state__in=[state.WAITING, state.RUNNING]).order_by("pk"))
    for test in waiting:
        run_back_test(test)
    return len(waiting)


def run_back_test(test: BackTest) -> None:
    """Place everybody as of the days, by the draft and by the rules in force."""
    rows = BackTest.objects.filter(pk=test.pk)
    rows.update(state=BackTest.State.RUNNING)
    version = SchemeVersion.objects.select_related("scheme").get(pk=test.version_id)
    dimension, zone = version.scheme.dimension, company_zone()
    try:
        sides = {"draft": (candidate([draft_version(version)]).rules.schemes, dimension)}
        in_force = rulebook().schemes
        if any(scheme.dimension == dimension for scheme in in_force):
            sides["published"] = (in_force, dimension)
        result = back_test(
            Customer.present.exclude(unprofiled()).order_by("pk").values_list("pk", flat=True),
            sides,
            [date.fromisoformat(day) for day in test.days],
            outcome_days=test.outcome_days,
            zone=zone,
            progress=lambda done, total: _progress(test.pk, done, total),
        )
    except ZhikeError as error:
        problem = {"zh": error.message("zh"), "en": error.message("en")}
        rows.update(state=BackTest.State.FAILED, problem=problem)
        return
    rows.update(state=BackTest.State.DONE, result=result)


def _progress(pk: int, done: int, total: int) -> None:
    BackTest.objects.filter(pk=pk).update(done=done, total=total)
