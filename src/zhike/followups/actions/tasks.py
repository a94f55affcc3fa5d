"""Writes of tasks: made, changed, moved, put off, given to somebody else; `finishing` ends them.

Each takes the `version` that the person had before them, under a lock on the customer and then on the task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from django.db import transaction

from zhike.accounts.policy import can, get_visible, require
from zhike.accounts.queries import company_zone
from zhike.base.clock import now, today
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid, day, line, paragraph
from zhike.classification.models import Notification
from zhike.customers.models import Customer
from zhike.followups import recurrence
from zhike.followups.actions.contact_days import follow_tasks
from zhike.followups.models import Follower, Task
from zhike.followups.queries.tasks import askable
from zhike.timeline.locks import MergedAway, lock_customers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, time
    from uuid import UUID

    from zhike.accounts.models import User

MOST_FOLLOWERS = 20


class TaskFields(TypedDict, total=False):
    """What a person says of a task."""

    kind: str
    title: str
    text: str
    due_on: date
    due_at: time | None
    priority: int
    recurrence: str
    checklist: Sequence[Mapping[str, object]]


@transaction.atomic
def create_task(
    *,
    by: User,
    owner: User | None = None,
    customer: Customer | None = None,
    followers: Iterable[User] = (),
    form_key: UUID | None = None,
    **given: Unpack[TaskFields],
) -> Task:
    """Make a task for oneself or somebody else. What the form with this key has made is given back."""
    require(by, "create", Task)
    if form_key is not None and (made := Task.objects.filter(form_key=form_key).first()):
        return get_visible(by, Task, pk=made.pk)
    if customer is not None:
        customer = _lock_customer(by, customer.pk)
    columns = _clean({"due_on": today(company_zone()), "title": "", **given}, None)
    person = owner or by
    _check_askable(by, person, customer)
    task = Task.objects.create(
        **columns,
        customer=customer,
        owner=person,
        creator=by,
        delegated=customer is not None and person.pk != customer.owner_id,
        form_key=form_key,
        created_at=now(),
    )
    _follow(task, followers, by)
    _tell(task, by)
    follow_day(task, by)
    return task


@transaction.atomic
def change_task(*, task: Task, version: int, by: User, **given: Unpack[TaskFields]) -> Task:
    """Change what is given of an open task."""
    found = lock_task(task, version, by)
    columns = _clean(given, found)
    return save_task(found, columns, by)


@transaction.atomic
def move_task(*, task: Task, version: int, due_on: date, by: User, due_at: time | None = None) -> Task:
    """Give a task another day, and time; it is not put off any more."""
    found = lock_task(task, version, by)
    return save_task(found, {"due_on": day(due_on, "due_on"), "due_at": due_at, "snoozed_until": None}, by)


@transaction.atomic
def snooze_task(*, task: Task, version: int, until: date, by: User) -> Task:
    """Put a task off: until that day it is not shown as due, and keeps the day on which it was."""
    found = lock_task(task, version, by)
    if until <= today(company_zone()):
        raise Invalid("推迟到今天以后的一天", "put it off to a later day", path="until")
    return save_task(found, {"snoozed_until": day(until, "until")}, by)


@transaction.atomic
def delegate_task(*, task: Task, version: int, to: User, by: User) -> Task:
    """Give a task to somebody else, who hears of it. Whoever gave it away goes on following it."""
    found = lock_task(task, version, by)
    if to.pk == found.owner_id:
        return found
    _check_askable(by, to, found.customer)
    before = found.owner
    save_task(found, {"owner": to, "delegated": found.customer is None or found.customer.owner_id != to.pk}, by)
    _follow(found, [before], by)
    _tell(found, by)
    return found


@transaction.atomic
def follow_task(*, task: Task, by: User, follows: bool = True) -> None:
    """Follow a task that one sees, or follow it no longer."""
    require(by, "view", task)
    if follows:
        _follow(task, [by], by)
    else:
        Follower.objects.filter(task=task, user=by).delete()


# --- What they have in common ---


def _lock_customer(by: User, pk: int) -> Customer:
    lock_customers([pk])
    found = Customer.objects.select_related("owner").get(pk=pk)
    if found.merged_into_id is not None:
        raise MergedAway
    return get_visible(by, Customer, pk=pk)


def lock_task(task: Task, version: int | None, by: User) -> Task:
    """Lock the customer, then the task, and look again whether the person may change it."""
    if task.customer_id is not None:
        lock_customers([task.customer_id])
    rows = Task.objects.select_related("customer", "owner", "plan").select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=task.pk).first()
    if found is None:
        raise NotFound
    if found.customer_id != task.customer_id:
        raise MergedAway
    require(by, "change", found)
    if version is not None:
        check_open(found, version)
    return found


def check_open(found: Task, version: int) -> None:
    if found.state != Task.State.OPEN:
        raise Conflict("这项任务已经不在待办里了，再看一眼", "this task is no longer open: look again")
    if found.version != version:
        raise Conflict("这项任务刚被别人改过，再看一眼", "somebody has just changed this task: look again")


def _check_askable(by: User, person: User, customer: Customer | None) -> None:
    if not person.is_active:
        raise Invalid("这个人已经停用，请选别人", "this person has been deactivated: choose another", path="owner")
    if person.pk == by.pk:
        return
    if customer is not None and not can(person, "view", customer):
        raise Forbidden("他看不到这位客户，请选别人", "they do not see this customer: choose another", path="owner")
    if customer is None and not askable(by, None).filter(pk=person.pk).exists():
        raise Forbidden("你不能把任务交给这个人", "You may not give a task to this person", path="owner")


def _clean(given: TaskFields, held: Task | None) -> dict[str, Any]:
    """Return the columns for what was given."""
    columns: dict[str, Any] = dict(given)
    if "title" in columns:
        columns["title"] = line(columns["title"], "title", Task.TITLE_MAX, required=True)
        if held is not None and columns["title"] == held.name:
            columns["title"] = held.title  # as the page showed it, in the language of whoever looks
    if "text" in columns:
        columns["text"] = paragraph(columns["text"], "text", Task.TEXT_MAX)
    if "due_on" in columns:
        day(columns["due_on"], "due_on")
    if columns.get("kind", Task.Kind.TODO) not in Task.Kind.values:
        raise Invalid("没有这种方式", "there is no such kind", path="kind")
    if columns.get("priority", Task.Priority.NORMAL) not in Task.Priority.values:
        raise Invalid("没有这个优先级", "there is no such priority", path="priority")
    if "checklist" in columns:
        columns["checklist"] = _checklist(columns["checklist"])
    rule = columns.get("recurrence", held.recurrence if held else "")
    if rule and {"recurrence", "due_on"} & columns.keys():
        first = columns["due_on"] if "due_on" in columns or held is None else held.due_on
        columns["recurrence"] = recurrence.clean(rule, first)
    return columns


def _checklist(given: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = [
        {"text": line(str(item.get("text", "")), "checklist", Task.TITLE_MAX), "done": item.get("done") is True}
        for item in given
    ]
    found = [item for item in found if item["text"]]
    if len(found) > Task.CHECKLIST_MAX:
        raise Invalid(f"最多 {Task.CHECKLIST_MAX} 项", f"at most {Task.CHECKLIST_MAX} items", path="checklist")
    return found


def save_task(found: Task, columns: Mapping[str, Any], by: User) -> Task:
    changed = {name: value for name, value in columns.items() if getattr(found, name) != value}
    if not changed:
        return found
    for name, value in changed.items():
        setattr(found, name, value)
    if {"due_on", "snoozed_until"} & changed.keys():
        found.told = 0
    found.version += 1
    found.save()
    found.refresh_from_db(fields=["shown_on"])
    follow_day(found, by)
    return found


def _follow(task: Task, people: Iterable[User], by: User) -> None:
    wanted = {person.pk: person for person in people if person.pk != task.owner_id}
    for person in wanted.values():
        if person.pk != by.pk:
            _check_askable(by, person, task.customer)
    if task.following.exclude(user__in=wanted).count() + len(wanted) > MOST_FOLLOWERS:
        raise Invalid(f"最多 {MOST_FOLLOWERS} 人关注", f"at most {MOST_FOLLOWERS} people follow", path="followers")
    rows = [Follower(task=task, user=person, added_at=now()) for person in wanted.values()]
    Follower.objects.bulk_create(rows, ignore_conflicts=True)


def _tell(task: Task, by: User) -> None:
    """Tell the owner of a task that somebody else gave it to them."""
    if task.owner_id != by.pk:
        Notification.objects.create(
            user_id=task.owner_id,
            kind=Notification.Kind.TASK,
            customer_id=task.customer_id,
            day=task.due_on,
            text=f"{by.name}：{task.name_in('en' if task.owner.language == 'en' else 'zh')}",
            created_at=now(),
        )


def follow_day(task: Task, by: User) -> None:
    if task.customer_id is not None:
        follow_tasks([task.customer_id], by=by)
