"""Writes: customers are given to whom the rules say, and their history says by which and why.

The order of locks is always the same: the customers by id, then the rules by id, then the people by id. Under the lock
of the rules one assigns after the other, so that turns are fair and what people own is counted right; whoever is being
deactivated is either waited for, and then is nobody any more, or is deactivated once this is over.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import require
from zhike.accounts.queries import assignable_owners, company_zone
from zhike.assignment.actions.queue import AGAIN, wait_for_people
from zhike.assignment.choosing import Chooser, asked, turns_of
from zhike.assignment.models import Rule, Waiting
from zhike.assignment.rules import live_rules, read_rules
from zhike.audit.actions import record
from zhike.base.clock import now, today
from zhike.base.errors import Conflict
from zhike.classification.preview import not_filled_in
from zhike.classification.rules import rulebook
from zhike.core.facts import Ref
from zhike.core.text import Text
from zhike.customers.actions.many import Gift, give_by_rule, lock_doable
from zhike.customers.followed import Followed
from zhike.customers.models import Customer
from zhike.jobs.kinds import SAME, Outcome, refused
from zhike.jobs.models import Item
from zhike.timeline.locks import lock_customers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from zhike.accounts.models import User
    from zhike.assignment.choosing import Answer
    from zhike.assignment.rules import ReadRule

CHUNK = 2_000
OWNER = Ref("customer.owner")
NO_RULE = Text("没有规则适用", "no rule applies")
IN_POOL = Text("在公海里，没有规则分配公海里的客户", "in a pool, and no rule takes customers out of pools")
ASSIGNED = Text("已按规则分配", "Assigned by rule")
NOBODY = Text("规则「{rule}」适用，但现在没有人能接", "the rule “{rule}” applies, but nobody can take it now")


def assign_created(ids: Sequence[int], *, by: User | None) -> None:
    """Give new customers without an owner to whom the rules for new ones say, in the transaction that makes them."""
    del by
    _assign_new(ids, Rule.Occasion.CREATED)


def assign_imported(ids: Sequence[int], *, by: User | None) -> Followed:
    """Give the customers that a step of an import has made, and of whom the file named no owner, to people."""
    del by
    return Followed(ASSIGNED, _assign_new(ids, Rule.Occasion.IMPORTED))


def _assign_new(ids: Sequence[int], occasion: str) -> int:
    """Ask the rules about new customers and return how many were given to somebody."""
    if not live_rules(occasion).exists():
        return 0
    unowned = list(Customer.present.filter(pk__in=ids, owner=None).order_by("pk").values_list("pk", flat=True))
    if not unowned:
        return 0
    lock_customers(unowned)
    answers = _give(unowned, locked_rules(occasion), by=None)
    wait_for_people(occasion, [pk for pk, answer in answers.items() if answer.is_for_nobody])
    return sum(answer.pick is not None for answer in answers.values())


@transaction.atomic
def assign_by_hand(*, ids: Iterable[int], by: User) -> dict[int, Outcome]:
    """Give these customers to whom the rules say that are asked by hand, with the rights of the person who asks."""
    require(by, "assign", Customer)
    wanted = [customer.pk for customer in lock_doable(ids, by, "assign")]
    found: dict[int, Outcome] = {}
    answers = _give(wanted, locked_rules(Rule.Occasion.HAND), by=by, outcomes=found)
    for pk, answer in answers.items():
        if answer.fits:
            found[pk] = SAME
        elif answer.rule is None:
            found[pk] = refused(IN_POOL if answer.stays else NO_RULE)
        elif answer.pick is None:
            found[pk] = refused(Text(NOBODY.zh.format(rule=answer.rule.name), NOBODY.en.format(rule=answer.rule.name)))
    return found


def check_by_hand(by: User) -> None:
    """Raise unless `by` may assign, there are rules to go by, and these know what they ask for of everybody."""
    require(by, "assign", Customer)
    rules = read_rules(live_rules(Rule.Occasion.HAND))
    if not rules:
        raise Conflict("没有可以手动执行的规则", "there is no rule that is asked by hand")
    if not_filled_in(ref for one in rules for ref in one.refs):
        raise Conflict(
            "规则里有的指标还在给所有客户计算，过几分钟再来",
            "a metric in these rules is still being worked out for everybody: try again in a few minutes",
        )


def assign_waiting() -> int:
    """Ask the rules about everybody whose time has come; return how many were given to somebody."""
    given, last = 0, 0
    # Nobody waits longer than that: a clock that ran ahead has written it.
    Waiting.objects.filter(after__gt=now() + AGAIN).update(after=now())
    while True:
        chunk, found = _assign_next(after=last)
        given += found
        if not chunk:
            return given
        last = chunk[-1]


@transaction.atomic
def _assign_next(*, after: int) -> tuple[list[int], int]:
    """Deal with the next customers who wait, in the order of their ids; those that somebody else holds are left."""
    due = Waiting.objects.filter(after__lte=now(), customer__gt=after).order_by("customer")
    chunk = list(due.values_list("customer", flat=True)[:CHUNK])
    if not chunk:
        return [], 0
    lock_customers(chunk)
    rows = {row.customer_id: row for row in Waiting.objects.filter(customer__in=chunk, after__lte=now())}
    present = set(Customer.present.filter(pk__in=rows).values_list("pk", flat=True))
    given = 0
    again: list[int] = []
    for occasion in Rule.Occasion.values:
        ids = [pk for pk, row in rows.items() if row.occasion == occasion and pk in present]
        rules = locked_rules(occasion) if ids else []
        if not rules:
            continue
        changed = {pk: rows[pk].dimensions for pk in ids}
        # Whoever came to have an owner meanwhile needs none; one whose class has changed may need another.
        answers = _give(ids, rules, by=None, changed=changed, moves=occasion == Rule.Occasion.CLASSED)
        given += sum(answer.pick is not None for answer in answers.values())
        again += [pk for pk, answer in answers.items() if answer.is_for_nobody]
    Waiting.objects.filter(pk__in=[row.pk for row in rows.values()]).exclude(customer__in=again).delete()
    Waiting.objects.filter(customer__in=again).update(after=now() + AGAIN)
    return chunk, given


def locked_rules(occasion: str) -> list[ReadRule]:
    """Lock the rules of an occasion in the order of their ids and return them in theirs."""
    return read_rules(live_rules(occasion).order_by("pk").select_for_update(no_key=True))


def _give(
    ids: Collection[int],
    rules: Sequence[ReadRule],
    *,
    by: User | None,
    changed: Mapping[int, Sequence[str]] | None = None,
    moves: bool = True,
    outcomes: dict[int, Outcome] | None = None,
) -> dict[int, Answer]:
    """Choose for these customers, who are locked, and write it down."""
    zone = company_zone()
    day = today(zone)
    among = None if by is None else assignable_owners(by).values_list("pk", flat=True)
    chooser = Chooser(rules, day, among=among, every_day=by is not None)
    before = turns_of(one.rule for one in rules)
    owners: dict[int, int | None] = {}
    answers: dict[int, Answer] = {}
    for one in asked(Customer.present.filter(pk__in=ids), rules, day, zone):
        owners[one.pk] = one.owner
        answers[one.pk] = chooser.choose(one, changed=(changed or {}).get(one.pk, ()), moves=moves)
    to = {
        pk: Gift(answer.pick.user, owners[pk], answer.pick.why())
        for pk, answer in answers.items()
        if answer.pick is not None
    }
    found = give_by_rule(to=to, by=by, place=_is_owner_read()) if to else {}
    for rule in (one.rule for one in rules if one.rule.turns != before[one.rule.pk]):
        rule.save(update_fields=["turns"])
    if outcomes is not None:
        outcomes |= found
    elif to:
        _audit(answers, found)
    return answers


def _is_owner_read() -> bool:
    """Say whether a class depends on who owns a customer: otherwise nobody is placed again for it."""
    return any(ref == OWNER for reads in rulebook().reads.values() for _, ref in reads)


def _audit(answers: Mapping[int, Answer], found: Mapping[int, Outcome]) -> None:
    """Write down how many customers the program gave to whom, by which rule."""
    changed = {pk for pk, outcome in found.items() if outcome.state == Item.State.CHANGED}
    by_rule: dict[int, Counter[int]] = {}
    for pk in changed:
        pick = answers[pk].pick
        assert pick is not None
        by_rule.setdefault(pick.rule.pk, Counter())[pick.user.pk] += 1
    for rule, people in sorted(by_rule.items()):
        subject = ("customers.Customer", next(iter(changed))) if len(changed) == 1 else ("assignment.Rule", rule)
        data = {"rule": rule, "count": people.total(), "counts": {str(pk): n for pk, n in sorted(people.items())}}
        record("customer.assigned", by=None, subject=subject, data=data)
