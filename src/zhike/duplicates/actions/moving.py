"""Writes: everything that hangs on records that are merged becomes the survivor's, as `moves` says.

The caller has locked all of them. What the survivor has already stays with the merged record, where nobody sees
it, so that nothing is removed and taking back finds it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection
from django.db.models import OuterRef, Q, Subquery

from zhike.accounts.models import Share
from zhike.classification.models import Override, Review
from zhike.customers.models import Address, Contact, Customer, CustomField, Reach, Relation
from zhike.customers.reaches import COLUMNS
from zhike.duplicates.actions.uniting import unite_contacts
from zhike.duplicates.moves import FATES, STAYING, How
from zhike.followups.models import Plan, Task
from zhike.timeline.sealing import rewriting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from zhike.accounts.models import User
    from zhike.duplicates.actions.journal import Journal

_ALIKE = ("division", "province", "city", "district", "street", "postcode")
_MOVING = """
SELECT e.customer_id, array_agg(e.id ORDER BY e.id) FROM timeline_event e
 WHERE e.customer_id = ANY(%(merged)s) AND NOT e.kind = ANY(%(staying)s)
   AND NOT EXISTS (SELECT FROM timeline_event v WHERE v.id = e.voids_id AND v.kind = ANY(%(staying)s))
 GROUP BY e.customer_id
"""
_MOVE = "UPDATE timeline_event SET customer_id = %s WHERE id = ANY(%s) AND customer_id = %s"
_ABOUT = "UPDATE timeline_event SET contact_id = %s WHERE contact_id = %s AND customer_id = %s RETURNING id"
_ABOUT_AGAIN = "UPDATE timeline_event SET contact_id = %s WHERE id = ANY(%s) AND customer_id = %s"
# What was said since of persons who go back goes with them, and so does what takes back an event that does.
_FOLLOWING = """
SELECT e.id FROM timeline_event e
 WHERE e.customer_id = %s AND NOT e.id = ANY(%s)
   AND (e.contact_id IN (SELECT id FROM customers_contact WHERE customer_id = %s) OR e.voids_id = ANY(%s))
"""


@dataclass(frozen=True, slots=True)
class Group:
    """The survivor and those who are merged into it, all locked. `reached` are its primary number and address."""

    survivor: Customer
    merged: Sequence[Customer]
    reached: Mapping[str, str]
    by: User | None
    at: datetime

    @property
    def ids(self) -> list[int]:
        return [customer.pk for customer in self.merged]


def move_all(group: Group, journal: Journal) -> dict[int, int]:
    """Move what hangs on the merged records, all but the timeline; return contact who goes → who remains."""
    for place, fate in FATES.items():
        if fate.how in {How.MOVES, How.ONCE}:
            _move(place, group, journal, fate.alike, fate.only or {})
    united = _contacts(group, journal)
    _reaches(group, journal)
    _addresses(group, journal)
    _relations(group, journal)
    _shares(group, journal)
    _overrides(group, journal)
    _plans(group, journal)
    for review in Review.objects.filter(customer__in=group.ids, state=Review.State.OPEN).exclude(
        kind=Review.Kind.FEEDBACK
    ):
        journal.change(review, state=Review.State.OBSOLETE.value, decided_at=group.at)
    return united


def _plans(group: Group, journal: Journal) -> None:
    """Leave one active plan of a purpose: the survivor's, else the one that began first. What is left of others is dropped."""
    rows = Plan.objects.filter(customer__in=_everybody(group)).order_by("started_at", "pk")
    theirs = [row for row in rows if row.customer_id != group.survivor.pk]
    going = {row.purpose for row in rows if row.customer_id == group.survivor.pk and row.state == Plan.State.ACTIVE}
    for plan in theirs:
        if plan.state != Plan.State.ACTIVE:
            continue
        if plan.purpose in going:
            journal.change(plan, state=Plan.State.ENDED.value, ended_at=group.at, end_reason="merged")
            for task in Task.objects.filter(plan=plan, state=Task.State.OPEN):
                journal.change(task, state=Task.State.DROPPED.value, done_at=group.at)
        going.add(plan.purpose)
    if group.survivor.owner_id is not None:
        open_ = Task.objects.filter(customer=group.survivor, state=Task.State.OPEN, delegated=False)
        for task in open_.filter(owner__in=[one.owner_id for one in group.merged if one.owner_id]):
            if task.owner_id != group.survivor.owner_id:
                journal.change(task, owner_id=group.survivor.owner_id)
    moved = [(row.pk, row.customer_id) for row in theirs]
    journal.move("followups.Plan.customer", moved, group.survivor.pk)


def _move(place: str, group: Group, journal: Journal, alike: tuple[str, ...], only: Mapping[str, object]) -> None:
    label, _, column = place.rpartition(".")
    rows = apps.get_model(label)._default_manager.filter(**only)
    found = _not_alike(rows, column, alike, group)
    journal.move(place, [(row.pk, getattr(row, f"{column}_id")) for row in found], group.survivor.pk)


def _not_alike(rows: QuerySet[Any], column: str, alike: tuple[str, ...], group: Group) -> list[Any]:
    """Return the rows of the merged records, each that is equal to another once, and not one the survivor has."""
    theirs = list(rows.filter(**{f"{column}__in": group.ids}).order_by("pk"))
    if not alike:
        return theirs
    names = [rows.model._meta.get_field(name).attname for name in alike]
    known = set(rows.filter(**{column: group.survivor.pk}).values_list(*names))
    found = []
    for row in theirs:
        key = tuple(getattr(row, name) for name in names)
        if key not in known:
            known.add(key)
            found.append(row)
    return found


def _only_primary(rows: Sequence[Contact | Address], group: Group, journal: Journal) -> None:
    """Leave one primary row: the survivor's, else the first of the others."""
    settled = any(row.is_primary and row.customer_id == group.survivor.pk for row in rows)
    for row in rows:
        if row.is_primary and row.customer_id != group.survivor.pk:
            if settled:
                journal.change(row, is_primary=False)
            settled = True


def _everybody(group: Group) -> list[int]:
    return [group.survivor.pk, *group.ids]


def _contacts(group: Group, journal: Journal) -> dict[int, int]:
    everybody = list(Contact.objects.filter(customer__in=_everybody(group)).order_by("pk"))
    united = unite_contacts(group, everybody, journal)
    rows = [row for row in everybody if row.pk not in united]
    _only_primary(rows, group, journal)
    theirs = [(row.pk, row.customer_id) for row in rows if row.customer_id != group.survivor.pk]
    journal.move("customers.Contact.customer", theirs, group.survivor.pk)
    reaches = Reach.objects.filter(customer__in=group.ids, contact__isnull=False).exclude(contact__in=list(united))
    journal.move("customers.Reach.customer", reaches.values_list("pk", "customer"), group.survivor.pk)
    return {gone: remaining.pk for gone, remaining in united.items()}


def _reaches(group: Group, journal: Journal) -> None:
    """Unite the ways to reach the customer itself: what was chosen first, then its own, then those of the others."""
    rows = Reach.objects.filter(contact=None)
    ours = list(rows.filter(customer=group.survivor.pk))
    added = _not_alike(rows, "customer", ("kind", "value"), group)
    order = {pk: place for place, pk in enumerate(group.ids)}
    added.sort(key=lambda row: (order[row.customer_id], row.position, row.pk))
    journal.move("customers.Reach.customer", [(row.pk, row.customer_id) for row in added], group.survivor.pk)
    for kind in Reach.Kind:
        first = group.reached.get(kind.value, "") if kind in COLUMNS else ""
        found = [row for row in [*ours, *added] if row.kind == kind]
        found.sort(key=lambda row: row.value != first)
        for place, row in enumerate(found):
            if row.position != place:
                journal.change(row, position=place)


def _addresses(group: Group, journal: Journal) -> None:
    found = _not_alike(Address.objects.all(), "customer", _ALIKE, group)
    ours = list(Address.objects.filter(customer=group.survivor.pk))
    _only_primary([*ours, *found], group, journal)
    journal.move("customers.Address.customer", [(row.pk, row.customer_id) for row in found], group.survivor.pk)


def _relations(group: Group, journal: Journal) -> None:
    everybody = set(_everybody(group))
    for row in Relation.objects.filter(Q(customer__in=group.ids) | Q(other__in=group.ids)).order_by("pk"):
        ends = [group.survivor.pk if pk in everybody else pk for pk in (row.customer_id, row.other_id)]
        if ends[0] == ends[1]:
            continue
        if row.kind == Relation.Kind.PARTNER:
            ends.sort()
        if not Relation.objects.filter(customer=ends[0], other=ends[1], kind=row.kind).exists():
            journal.change(row, customer_id=ends[0], other_id=ends[1])


def _shares(group: Group, journal: Journal) -> None:
    rows = Share.objects.filter(Q(ends_at=None) | Q(ends_at__gt=group.at), object=Customer._meta.label, ended_at=None)
    known: set[tuple[int | None, int | None]] = set(rows.filter(row=group.survivor.pk).values_list("user", "team"))
    found = []
    for row in rows.filter(row__in=group.ids).order_by("-may_write", "pk"):
        if (row.user_id, row.team_id) not in known:
            known.add((row.user_id, row.team_id))
            found.append((row.pk, row.row))
    journal.move("accounts.Share.row", found, group.survivor.pk)


def _overrides(group: Group, journal: Journal) -> None:
    """Let the class that was set last hold in each dimension."""
    rows = Override.objects.filter(customer__in=_everybody(group), ended_at=None).order_by("created_at", "pk")
    last = {row.dimension: row for row in rows}
    for row in rows:
        if last[row.dimension].pk != row.pk:
            by = group.by.pk if group.by else None
            journal.change(row, ended_at=group.at, ended_by_id=by, end=Override.End.REPLACED.value)
    theirs = [(row.pk, row.customer_id) for row in last.values() if row.customer_id != group.survivor.pk]
    journal.move("classification.Override.customer", theirs, group.survivor.pk)


def pointing(ids: Sequence[int]) -> set[int]:
    """Return the customers who hang below one of these, or name one in an own field: to be locked with them."""
    found = set(Customer.objects.filter(parent__in=ids).values_list("pk", flat=True))
    for key in _linking():
        rows = Customer.objects.filter(**{f"custom__{key}__in": [str(pk) for pk in ids]})
        found.update(rows.values_list("pk", flat=True))
    return found


def move_pointers(group: Group, journal: Journal) -> None:
    """Let whoever hangs below a merged record, or names it, mean the survivor."""
    others = Customer.objects.exclude(pk__in=_everybody(group)).order_by("pk")
    for child in others.filter(parent__in=group.ids):
        journal.change(child, parent_id=group.survivor.pk)
    now, texts = str(group.survivor.pk), [str(pk) for pk in group.ids]
    for key in _linking():
        for customer in others.filter(**{f"custom__{key}__in": texts}):
            columns = {"custom": {**customer.custom, key: now}}
            if key in customer.custom_folded:
                columns["custom_folded"] = {**customer.custom_folded, key: now}
            journal.change(customer, **columns)


def _linking() -> list[str]:
    return list(CustomField.objects.filter(format=CustomField.Format.CUSTOMER).values_list("key", flat=True))


def move_events(group: Group, united: Mapping[int, int]) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Unite the timelines; return merged record → the events that were its own, contact who goes → those about them."""
    about: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_MOVING, {"merged": group.ids, "staying": list(STAYING)})
        moving: dict[int, list[int]] = dict(cursor.fetchall())
        if moving:
            with rewriting(group.ids, why="merged"):
                for owner, ids in moving.items():
                    cursor.execute(_MOVE, [group.survivor.pk, ids, owner])
                for gone, remaining in united.items():
                    cursor.execute(_ABOUT, [remaining, gone, group.survivor.pk])
                    about[gone] = [pk for (pk,) in cursor.fetchall()]
    return moving, about


def reaches_follow(survivor: int, merged: Sequence[int]) -> None:
    """Let what was added since to reach contacts who have gone back go with them."""
    whose = Contact.objects.filter(pk=OuterRef("contact")).values("customer")
    Reach.objects.filter(customer=survivor, contact__customer__in=merged).update(customer=Subquery(whose))


def move_events_back(survivor: int, moved: Mapping[str, Sequence[int]], about: Mapping[str, Sequence[int]]) -> int:
    """Part the timelines again, contacts having gone back before; return how many later events went with them.

    `about`: contact who had become one with another → the events that were about them.
    """
    later = 0
    with rewriting([survivor], why="parted"), connection.cursor() as cursor:
        for contact, ids in about.items():
            cursor.execute(_ABOUT_AGAIN, [int(contact), list(ids), survivor])
        for owner, ids in moved.items():
            cursor.execute(_FOLLOWING, [survivor, list(ids), int(owner), list(ids)])
            following = [pk for (pk,) in cursor.fetchall()]
            later += len(following)
            cursor.execute(_MOVE, [int(owner), [*ids, *following], survivor])
    return later
