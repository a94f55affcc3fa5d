"""Writes of the ladder: what is overdue is told to the owner, to who leads them and to who leads those, once each.

Each step of a task is counted in its row, and each step of a day that was agreed is a row of its own, in the
transaction that tells people, so that a run that comes twice, or late, tells everybody once. A person hears of
everything by one notification a day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from zhike.accounts.models import User
from zhike.accounts.policy import require
from zhike.accounts.queries import company_zone
from zhike.assignment.ladder import LADDER, chain
from zhike.assignment.models import Absence
from zhike.audit.actions import record
from zhike.base.clock import now, today
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid
from zhike.classification.models import Notification
from zhike.followups.models import Escalation, LadderTerms, Task
from zhike.followups.queries.ladder import missed_contacts, overdue_tasks, terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

CHUNK = 1_000
MOST_DAYS = 90


class _Late(NamedTuple):
    """Something overdue: a task, or the day that was agreed with a customer; how many steps were told of it."""

    task: Task | None
    customer: int | None
    due_on: date
    owner: int
    told: int


def climb(day: date | None = None) -> int:
    """Tell people of what is overdue, as of a day; return how many steps were told."""
    said = terms()
    as_of = day or today(company_zone())
    if not said.is_on:
        return 0
    return _Climb(as_of, (said.owner_after, said.leader_after, said.above_after)).climb()


class _Climb:
    """One run, with who leads whom and who is away."""

    def __init__(self, as_of: date, after: Sequence[int]) -> None:
        self.as_of = as_of
        self.after = after
        self._chains: dict[int, list[list[int]]] = {}
        self._away: dict[int, list[Absence]] = {}
        self._told: Counter[tuple[int, bool]] = Counter()

    def climb(self) -> int:
        steps = 0
        lasts = [self.as_of - timedelta(days=days) for days in self.after]
        before = 0
        while True:
            with transaction.atomic():
                rows = overdue_tasks(lasts).filter(pk__gt=before).order_by("pk").select_for_update(skip_locked=True)
                tasks = list(rows[:CHUNK])
                found = [_Late(task, task.customer_id, task.shown_on, task.owner_id, task.told) for task in tasks]
                steps += self._tell(found)
                Task.objects.bulk_update(tasks, ["told"])
                self._notify()
            if len(tasks) < CHUNK:
                break
            before = tasks[-1].pk
        with transaction.atomic():
            customers = missed_contacts(lasts).select_for_update(of=("self",), skip_locked=True, no_key=True)
            missed = list(customers.values_list("pk", "next_contact_on", "owner"))
            known = self._known([pk for pk, _, _ in missed])
            found = [
                _Late(None, pk, due_on, owner, known.get((pk, due_on), 0)) for pk, due_on, owner in missed if due_on
            ]
            steps += self._tell(found)
            self._notify()
        return steps

    def _known(self, customers: Iterable[int]) -> dict[tuple[int, date], int]:
        rows = Escalation.objects.filter(task=None, customer__in=list(customers)).order_by("step")
        return {(pk or 0, due_on): step for pk, due_on, step in rows.values_list("customer", "due_on", "step")}

    def _tell(self, found: Sequence[_Late]) -> int:
        """Write down every step that has come for these; return how many."""
        self._read({one.owner for one in found})
        rows: list[Escalation] = []
        steps = 0
        at = now()
        for one in found:
            days = self._days(one.owner, one.due_on)
            told = one.told
            while days is not None and told < LADDER and days >= self.after[told]:
                heard = self._chain(one.owner)[told]
                for user in heard:
                    rows.append(
                        Escalation(
                            task=one.task,
                            customer_id=one.customer,
                            due_on=one.due_on,
                            step=told + 1,
                            days=days,
                            owner_id=one.owner,
                            user_id=user,
                            at=at,
                        )
                    )
                    self._told[user, user == one.owner] += 1
                steps += bool(heard)
                told += 1
            if one.task is not None:
                one.task.told = told
        Escalation.objects.bulk_create(rows, ignore_conflicts=True)
        return steps

    def _read(self, owners: set[int]) -> None:
        new = owners - self._away.keys()
        away: defaultdict[int, list[Absence]] = defaultdict(list)
        for absence in Absence.objects.filter(user__in=new, first_day__lte=self.as_of).order_by("first_day"):
            away[absence.user_id].append(absence)
        self._away |= {pk: away[pk] for pk in new}

    def _chain(self, owner: int) -> list[list[int]]:
        """Return who hears of what is this person's, asked for once and only where somebody is to hear of it."""
        if owner not in self._chains:
            self._chains[owner] = chain(User.objects.select_related("team__parent").get(pk=owner))
        return self._chains[owner]

    def _days(self, owner: int, due_on: date) -> int | None:
        """Return by how many days something is late, those on which its owner was away left out; None while they are."""
        days = (self.as_of - due_on).days
        for absence in self._away[owner]:
            if absence.last_day >= self.as_of:
                return None
            first = max(absence.first_day, due_on + timedelta(days=1))
            days -= max(0, (absence.last_day - first).days + 1)
        return days

    def _notify(self) -> None:
        """Tell each person how much has come up to them; of one day there is one notification."""
        at = now()
        told: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        for (user, is_own), size in self._told.items():
            told[user][0 if is_own else 1] += size
        self._told.clear()
        rows = Notification.objects.filter(kind=Notification.Kind.ESCALATION, user__in=told, day=self.as_of)
        standing = {row.user_id: row for row in rows.select_for_update()}
        for row in standing.values():
            own, others = (int(size) for size in row.text.split())
            row.text = f"{own + told[row.user_id][0]} {others + told[row.user_id][1]}"
            row.read_at = None
        Notification.objects.bulk_update(standing.values(), ["text", "read_at"])
        Notification.objects.bulk_create(
            Notification(
                user_id=user,
                kind=Notification.Kind.ESCALATION,
                day=self.as_of,
                text=f"{own} {others}",
                created_at=at,
            )
            for user, (own, others) in sorted(told.items())
            if user not in standing
        )


@transaction.atomic
def set_ladder(
    *, is_on: bool, owner_after: int, leader_after: int, above_after: int, version: int, by: User
) -> LadderTerms:
    """Say after how many days overdue who hears of it. Who was told was told."""
    require(by, "change", LadderTerms)
    LadderTerms.objects.get_or_create(pk=1)
    found = LadderTerms.objects.select_for_update().get(pk=1)
    if found.version != version:
        raise Conflict("刚被别人改过，再看一眼", "somebody has just changed this: look again")
    _check_days(owner_after, leader_after, above_after)
    columns = {
        "is_on": is_on,
        "owner_after": owner_after,
        "leader_after": leader_after,
        "above_after": above_after,
    }
    changed = sorted(name for name, value in columns.items() if getattr(found, name) != value)
    if not changed:
        return found
    for name in changed:
        setattr(found, name, columns[name])
    found.version += 1
    found.changed_by = by
    found.save()
    record("ladder.changed", by=by, data={"fields": changed})
    return found


def _check_days(owner_after: int, leader_after: int, above_after: int) -> None:
    """Refuse a ladder on which somebody higher up would hear of it sooner, beside the day that is wrong."""
    days = {"owner_after": owner_after, "leader_after": leader_after, "above_after": above_after}
    for path, size in days.items():
        if not 1 <= size <= MOST_DAYS:
            raise Invalid(f"写 1 到 {MOST_DAYS} 天", f"write 1 to {MOST_DAYS} days", path=path)
    if leader_after < owner_after:
        raise Invalid(
            f"主管不能比负责人先知道：至少 {owner_after} 天",
            f"who leads cannot hear of it before the owner: at least {owner_after}",
            path="leader_after",
        )
    if above_after < leader_after:
        raise Invalid(
            f"主管的主管不能比主管先知道：至少 {leader_after} 天",
            f"who leads those cannot hear of it before who leads: at least {leader_after}",
            path="above_after",
        )
