"""Writes of the rules: made, changed, moved, paused, removed. All under one lock, so that their order is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.db import transaction

from zhike.accounts.models import Team, User
from zhike.accounts.policy import require
from zhike.assignment.actions.queue import ask_again
from zhike.assignment.models import Capacity, Rule
from zhike.assignment.rules import fields_of_rules, read_rules, stored_condition
from zhike.audit.actions import record
from zhike.base.clock import now
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid, line
from zhike.classification.models import KeptMetric
from zhike.classification.preview import not_filled_in
from zhike.classification.tasks import ask_for, fill_metrics
from zhike.core.conditions.parse import parse
from zhike.core.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LAST_NAME = "其余所有客户"


class RuleFields(TypedDict):
    """What a person says of a rule. `where` is a condition as data; None means everybody."""

    name: str
    where: Mapping[str, object] | None
    occasions: Sequence[str]
    target: str
    people: Sequence[User]
    team: Team | None
    method: str
    least_level: int
    skills: Sequence[str]
    from_pools: bool


@transaction.atomic
def save_rule(*, rule: Rule | None, given: RuleFields, by: User, version: int = 0, is_last: bool = False) -> Rule:
    """Make a rule, behind the others, or say anew what one is that is still as the person saw it at `version`."""
    require(by, "change", Rule)
    others = lock_rules()
    if rule is None:
        if len(others) >= Rule.MOST:
            raise Conflict(f"最多 {Rule.MOST} 条规则", f"at most {Rule.MOST} rules")
        if is_last and any(one.is_last for one in others):
            raise Conflict("已经有兜底的规则", "there is a rule for all the others already")
        found = Rule(is_last=is_last, position=max((one.position for one in others), default=-1) + 1)
    else:
        found = _found(others, rule.pk)
        if found.version != version:
            raise Conflict("这条规则刚被别人改过，再看一眼", "somebody has just changed this rule: look again")
        found.version += 1
    _fill(found, given, is_named=not found.is_last)
    found.changed_by, found.changed_at = by, now()
    found.save()
    found.people.set(given["people"] if found.target == Rule.Target.PEOPLE else [])
    _keep_what_it_reads(found)
    data = {"name": found.name, "fields": list(given), "state": "added" if rule is None else "changed"}
    record("assignment.changed", by=by, subject=found, data=data)
    ask_again()
    return found


def _fill(rule: Rule, given: RuleFields, *, is_named: bool) -> None:
    rule.name = line(given["name"], "name", Rule.NAME_MAX, required=True) if is_named else LAST_NAME
    where = given["where"] if is_named else None
    if where is not None:
        parse(where, fields_of_rules(), "where")
    rule.where = stored_condition(where)
    rule.occasions = [one for one in Rule.Occasion.values if one in given["occasions"]]
    if not rule.occasions:
        raise Invalid("至少选一种时候", "choose at least one occasion", path="occasions")
    for name, allowed in (("target", Rule.Target.values), ("method", Rule.Method.values)):
        if given[name] not in allowed:  # type: ignore[literal-required]
            raise Invalid("没有这一项", "there is no such choice", path=name)
    rule.target, rule.method = given["target"], given["method"]
    rule.team = given["team"] if rule.target == Rule.Target.TEAM else None
    if rule.target == Rule.Target.TEAM and rule.team is None:
        raise Invalid("选一个团队", "choose a team", path="team")
    if rule.target == Rule.Target.PEOPLE:
        _check_people(given["people"])
    if given["least_level"] not in {0, *Capacity.Level.values}:
        raise Invalid("没有这个级别", "there is no such level", path="least_level")
    rule.least_level, rule.from_pools = given["least_level"], given["from_pools"]
    skills = (line(one, "skills", Capacity.SKILL_MAX) for one in given["skills"])
    rule.skills = list({fold(one): one for one in skills if one}.values())[: Capacity.MOST_SKILLS]


def _check_people(people: Iterable[User]) -> None:
    wanted = {person.pk for person in people}
    if not wanted:
        raise Invalid("至少选一个人", "choose at least one person", path="people")
    if User.objects.filter(pk__in=wanted, is_active=True).count() < len(wanted):
        raise Invalid("有人已经停用，请去掉", "somebody has been deactivated: take them out", path="people")


def _keep_what_it_reads(rule: Rule) -> None:
    """Have the metrics kept that the condition reads and nothing else does yet."""
    (read,) = read_rules([rule])
    new = {str(row.ref) for row in not_filled_in(read.refs) if row._state.adding}
    if new:
        KeptMetric.objects.bulk_create([KeptMetric(ref=ref) for ref in sorted(new)], ignore_conflicts=True)
        ask_for(fill_metrics)


@transaction.atomic
def pause_rule(*, rule: Rule, is_paused: bool, by: User) -> None:
    """Ask a rule no more for the time being, or again."""
    require(by, "change", Rule)
    found = _found(lock_rules(), rule.pk)
    if found.is_paused == is_paused:
        return
    found.is_paused, found.changed_by, found.changed_at = is_paused, by, now()
    found.version += 1
    found.save(update_fields=["is_paused", "changed_by", "changed_at", "version"])
    record(
        "assignment.changed", by=by, subject=found, data={"name": found.name, "state": "paused" if is_paused else "on"}
    )
    if not is_paused:
        ask_again()


@transaction.atomic
def order_rules(*, order: Sequence[int], by: User) -> None:
    """Put the rules into this order. The order names every rule but the last one, whoever made one meanwhile."""
    require(by, "change", Rule)
    rules = {one.pk: one for one in lock_rules() if not one.is_last}
    if sorted(order) != sorted(rules):
        raise Conflict("规则刚刚变过，再看一眼", "the rules have just changed: look again")
    moved = False
    for position, pk in enumerate(order):
        if rules[pk].position != position:
            Rule.objects.filter(pk=pk).update(position=position)
            moved = True
    if moved:
        record("assignment.changed", by=by, data={"state": "ordered"})


def move_rule(*, rule: Rule, steps: int, by: User) -> None:
    """Move a rule up (-1) or down (1) by so many places; at the end it stays."""
    order = [one.pk for one in sorted(Rule.objects.filter(is_last=False), key=lambda one: (one.position, one.pk))]
    if rule.pk not in order:
        return
    at = order.index(rule.pk)
    order.insert(min(max(at + steps, 0), len(order) - 1), order.pop(at))
    order_rules(order=order, by=by)


@transaction.atomic
def remove_rule(*, rule: Rule, by: User) -> None:
    """Take a rule away; what it gave to people stays with them, and its name in their history."""
    require(by, "change", Rule)
    found = _found(lock_rules(), rule.pk)
    record("assignment.changed", by=by, subject=found, data={"name": found.name, "state": "removed"})
    found.delete()


def lock_rules() -> list[Rule]:
    """Lock all rules in the order of their ids."""
    return list(Rule.objects.order_by("pk").select_for_update(no_key=True))


def _found(rules: Iterable[Rule], pk: int | None) -> Rule:
    for one in rules:
        if one.pk == pk:
            return one
    raise NotFound
