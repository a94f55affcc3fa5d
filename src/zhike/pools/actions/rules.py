"""Writes of reclaim rules: said anew, put in order, paused, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import transaction
from django.db.models import Max

from zhike.accounts.policy import require
from zhike.audit.actions import record
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, line
from zhike.classification.actions.drafts import forget_what_nobody_reads
from zhike.classification.tasks import ask_for, fill_metrics
from zhike.pools.conditions import keep_metrics, known_fields, metrics_of, read
from zhike.pools.models import Pool, Rule
from zhike.pools.reclaim import CLOCKS, clock_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhike.accounts.models import User

MOST = 50


class RuleFields(TypedDict):
    """All that is said of a rule beside its place."""

    name: str
    pool: Pool
    condition: object
    exception: object
    clock: str
    days: int
    warn_days: int


@transaction.atomic
def set_rule(*, rule: Rule | None, version: int, by: User, **given: Unpack[RuleFields]) -> Rule:
    """Make a rule, which begins last and paused, or say anew what the one does that was seen at `version`."""
    require(by, "change", Pool)
    found = Rule.objects.select_for_update().get(pk=rule.pk) if rule else Rule()
    if rule is not None and found.version != version:
        raise Conflict("这条规则刚被别人改过，再看一眼再保存", "this rule was changed meanwhile: look again")
    if rule is None and Rule.objects.count() >= MOST:
        raise Invalid(f"最多 {MOST} 条规则", f"at most {MOST} rules", path="name")
    fields = known_fields(by)
    condition = read(given["condition"], fields)
    exception = read(given["exception"], fields, "exception")
    name = line(given["name"], "name", Rule.NAME_MAX, required=True)
    if given["clock"] not in CLOCKS:
        raise Invalid("没有这个计时", "there is no such clock", path="clock")
    if not 1 <= given["days"] <= Rule.DAYS_MAX:
        raise Invalid(f"天数写 1 到 {Rule.DAYS_MAX}", f"from 1 to {Rule.DAYS_MAX} days", path="days")
    if not 0 <= given["warn_days"] < given["days"]:
        raise Invalid("提前的天数要比期限短", "the warning comes less days before than the rule has", path="warn_days")
    columns = {**given, "name": name}
    changed = [column for column, value in columns.items() if rule is None or getattr(found, column) != value]
    for column, value in columns.items():
        setattr(found, column, value)
    if rule is None:
        found.position = (Rule.objects.aggregate(last=Max("position"))["last"] or 0) + 1
    found.version += rule is not None
    found.save()
    if keep_metrics(metrics_of(condition, exception) | {clock_of(found)}):
        ask_for(fill_metrics)
    if changed:
        data = {"name": found.name, "fields": changed}
        record("pool.rule_changed", by=by, subject=("pools.Rule", found.pk), data=data)
    return found


@transaction.atomic
def pause_rule(*, rule: Rule, is_paused: bool, by: User) -> None:
    """Let a rule take nobody for the time being, or let it take customers again."""
    require(by, "change", Pool)
    if Rule.objects.filter(pk=rule.pk).exclude(is_paused=is_paused).update(is_paused=is_paused):
        data = {"name": rule.name, "fields": ["is_paused"], "before": not is_paused, "after": is_paused}
        record("pool.rule_changed", by=by, subject=("pools.Rule", rule.pk), data=data)


@transaction.atomic
def reorder_rules(*, order: Sequence[int], by: User) -> None:
    """Ask the rules in this order; those not named follow as they were."""
    require(by, "change", Pool)
    rows = {rule.pk: rule for rule in Rule.objects.select_for_update()}
    wanted = [*(pk for pk in order if pk in rows), *(pk for pk in rows if pk not in order)]
    if wanted == list(rows):
        return
    for place, pk in enumerate(wanted, start=1):
        Rule.objects.filter(pk=pk).update(position=place)
    record("pool.rule_changed", by=by, data={"fields": ["position"], "after": wanted})


@transaction.atomic
def remove_rule(*, rule: Rule, by: User) -> None:
    """Take a rule away; what it has done stays."""
    require(by, "change", Pool)
    record("pool.rule_removed", by=by, subject=("pools.Rule", rule.pk), data={"name": rule.name})
    Rule.objects.filter(pk=rule.pk).delete()
    forget_what_nobody_reads()
