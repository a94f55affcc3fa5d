"""Writes: an import is taken back, the last row first: what it made goes, what it changed is as before.

What somebody has touched since stays as it is and is listed with the reason.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q

from zhike.accounts.models import User
from zhike.accounts.policy import doable, require
from zhike.assignment.actions.promises import take_back
from zhike.audit import actions as audit
from zhike.base.among import among
from zhike.base.clock import now
from zhike.base.doors import Door, through
from zhike.base.errors import Conflict
from zhike.classification.models import Override
from zhike.core.text import Text
from zhike.customers.actions.bin import remove_contacts, remove_with_all
from zhike.customers.actions.changes import changes_between, plain
from zhike.customers.actions.imported import Record, store_records
from zhike.customers.actions.search import make_findable
from zhike.customers.columns import clean, derived
from zhike.customers.models import Address, Attachment, Contact, Customer, CustomField, Reach, Relation
from zhike.customers.sensitive import Guard, refusal
from zhike.followups.models import Task
from zhike.imports.actions.events import void_events
from zhike.imports.actions.files import locked
from zhike.imports.actions.log import SOURCE
from zhike.imports.actions.plans import drop_empty_fields
from zhike.imports.models import Import, Row
from zhike.imports.plans import Plan
from zhike.timeline.actions import bulk_setting
from zhike.timeline.kinds import CHANGE_KINDS, KINDS, Group
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.base.inputs import Invalid

CHUNK = 2_000
_State, _V = Import.State, Row.Verdict
_TAKEN = (_V.CREATED, _V.UPDATED)
_CLASSES = [kind.key for kind in KINDS.values() if kind.group == Group.CLASS]
_PLANS = [key for key in KINDS if key.startswith("plan.")]
_BY_ITSELF = (Door.IMPORT.value, Door.RULE.value)
_SINCE = Text("后来又有人动过，没有撤销", "somebody has touched it since: left as it is")
_GONE = Text("已经不在了，或者你看不到、不能改", "gone, or not yours to see or change")
_FIELDS_SINCE = Text("{names} 后来又改过，没有撤销", "{names} changed since: left as it is")
# What a row keeps beside the fields.
_BESIDE = frozenset({"made", "event", "candidates"})


@transaction.atomic
def begin_undo(*, imported: Import, by: User | None) -> Import:
    """Let an import be taken back. One that is still going on has to be stopped first."""
    if by is not None:
        require(by, "import", Customer)
    found = locked(imported)
    if not may_undo(found):
        raise Conflict("这次导入现在不能撤销", "this import cannot be taken back now")
    found.state = _State.UNDOING
    found.save(update_fields=["state"])
    return found


def may_undo(imported: Import) -> bool:
    """Say whether something of an import can be taken back."""
    if imported.state not in {_State.DONE, _State.PAUSED, _State.CANCELLED}:
        return False
    return imported.rows.filter(verdict__in=_TAKEN).exists()


@transaction.atomic
def undo_step(imported: Import, *, by: User | None, job: int | None = None) -> bool:
    """Take the next rows back and say whether there are more."""
    found = locked(imported)
    if found.state != _State.UNDOING or (job is not None and found.job_id != job):
        return False
    rows = list(found.rows.filter(verdict__in=_TAKEN).order_by("-line")[:CHUNK])
    with through(Door.IMPORT):
        outcome = _events_back(found, rows, by) if found.what == Import.What.EVENTS else _Back(found, by).take(rows)
    for row in rows:
        said = outcome.get(row.pk)
        row.verdict = _V.CONFLICT if said else _V.UNDONE
        row.said = {"zh": said.zh, "en": said.en} if said else {}
        row.before = row.after = {}
        found.conflicts += said is not None
        found.undone += said is None
    _store(rows)
    is_more = bool(rows) and found.rows.filter(verdict__in=_TAKEN).exists()
    if not is_more:
        found.state, found.finished_at = _State.UNDONE, now()
        drop_empty_fields(found)
        audit.record("bulk.undone", by=by, data={"what": "import", "count": found.undone})
    found.save()
    for name in ("state", "undone", "conflicts", "finished_at"):
        setattr(imported, name, getattr(found, name))
    return is_more


def _store(rows: Sequence[Row]) -> None:
    """Write down what became of the rows; those that were removed have been taken off them already."""
    undone = [row.pk for row in rows if row.verdict == _V.UNDONE]
    Row.objects.filter(pk__in=among(undone)).update(verdict=_V.UNDONE, said={}, before={}, after={})
    kept = [row for row in rows if row.verdict == _V.CONFLICT]
    Row.objects.bulk_update(kept, ["verdict", "said", "before", "after"], batch_size=500)


def _events_back(imported: Import, rows: Sequence[Row], by: User | None) -> dict[int, Text]:
    """Void the events that are still counted, and remove the customers that were made for them alone."""
    seen = _doable({row.customer_id for row in rows if row.customer_id}, by)
    kept = [row for row in rows if row.customer_id in seen]
    source = Plan.of(imported.plan).source or SOURCE
    voided = void_events([str(row.after["event"]) for row in kept if "event" in row.after], by=by, source=source)
    outcome = {row.pk: _GONE for row in rows if row.customer_id not in seen}
    outcome |= {row.pk: _SINCE for row in kept if row.after.get("event") not in voided}
    made = {
        row.customer_id
        for row in kept
        if row.customer_id and "customer" in row.after.get("made", ()) and row.pk not in outcome
    }
    touched = touched_ids(made, imported.pk)
    _remove(made - touched, rows)
    return outcome


def _doable(ids: Iterable[int], by: User | None) -> dict[int, Customer]:
    """Lock the customers whom this person may change and return them by id."""
    rows = Customer.present.all() if by is None else doable(by, "change", Customer)
    found = rows.filter(pk__in=list(ids)).order_by("pk").select_related("owner")
    return {customer.pk: customer for customer in found.select_for_update(of=("self",), no_key=True)}


def touched_ids(ids: Iterable[int], imported: int) -> set[int]:
    """Return those of some customers to whom something has happened since this import that was not its own doing."""
    wanted = list(ids)
    by_itself = Q(kind__in=[*CHANGE_KINDS], source__in=_BY_ITSELF) | Q(kind__in=_CLASSES) | Q(kind="event.voided")
    by_itself |= Q(kind__in=_PLANS, actor=None)
    happened = Event.objects.filter(customer__in=wanted, voided_by=None).exclude(by_itself)
    found = set(happened.values_list("customer", flat=True))
    others = Row.objects.filter(customer__in=wanted, verdict__in=_TAKEN).exclude(imported=imported)
    found |= set(others.values_list("customer", flat=True))
    for model in (Attachment, Address, Relation, Override):
        rows: Any = model._default_manager.filter(customer__in=wanted)
        found |= set(rows.values_list("customer", flat=True))
    # What a plan made goes with its customer; what a person wrote down does not, nor what was done.
    tasks = Task.objects.filter(customer__in=wanted).exclude(creator=None, state=Task.State.OPEN)
    found |= set(tasks.values_list("customer", flat=True))
    return found


def _remove(ids: Iterable[int], rows: Sequence[Row]) -> None:
    gone = set(ids)
    if not gone:
        return
    # The verdicts outlive the customers: taken off them first.
    Row.objects.filter(customer__in=gone).update(customer=None, contact=None)
    for row in rows:
        if row.customer_id in gone:
            row.customer_id = row.contact_id = None
    remove_with_all(sorted(gone))


class _Back:
    """Takes rows of customers and contacts back."""

    def __init__(self, imported: Import, by: User | None) -> None:
        self._imported = imported
        self._by = by
        self._fields = list(CustomField.objects.all())
        self._zone = bulk_setting().zone
        self._people = {user.email: user for user in User.objects.filter(is_active=True)}
        self._touched: set[int] = set()
        self._leaving: list[Contact] = []
        self._guard = Guard(self._fields, ())

    def take(self, rows: Sequence[Row]) -> dict[int, Text]:
        """Take rows back, the last first; return what is said of those that stay."""
        customers = _doable({row.customer_id for row in rows if row.customer_id}, self._by)
        self._touched = touched_ids(customers, self._imported.pk)
        self._guard = Guard(self._fields, customers)
        records = {pk: Record(customer, is_new=False) for pk, customer in customers.items()}
        outcome: dict[int, Text] = {}
        gone: set[int] = set()
        for row in rows:
            said = self._take(row, records, gone)
            if said is not None:
                outcome[row.pk] = said
        kept = [record for pk, record in records.items() if pk not in gone]
        store_records(kept, by=self._by, is_given=False)
        if back := [record.customer.pk for record in kept if "owner" in record.changes]:
            take_back(back, since=self._imported.started_at or self._imported.created_at)
        if left := [contact for contact in self._leaving if contact.customer_id not in gone]:
            Row.objects.filter(contact__in=left).update(contact=None)
            leaving = {contact.pk for contact in left}
            remove_contacts(left)
            for row in rows:
                row.contact_id = None if row.contact_id in leaving else row.contact_id
        _remove(gone, rows)
        return outcome

    def _take(self, row: Row, records: Mapping[int, Record], gone: set[int]) -> Text | None:
        record = records.get(row.customer_id or 0)
        if record is None:
            return _GONE
        made = row.after.get("made", ())
        if "customer" in made:
            if row.customer_id in self._touched:
                return _SINCE
            gone.add(record.customer.pk)
            return None
        if row.customer_id in gone:
            return None
        fields = {name: value for name, value in row.after.items() if name not in _BESIDE}
        changed = [name for name, value in fields.items() if self._now(record, row, name) != value]
        if changed:
            return _FIELDS_SINCE.format(names="、".join(changed))
        return self._restore(record, row, fields, is_made="contact" in made)

    def _now(self, record: Record, row: Row, name: str) -> object:
        """Return what stands in a field now."""
        if name == "reaches":
            rows = Reach.objects.filter(customer=record.customer, contact=None, value__in=row.after["reaches"])
            return [value for value in row.after["reaches"] if value in set(rows.values_list("value", flat=True))]
        if name.startswith("contact."):
            contact = Contact.objects.filter(pk=row.contact_id or 0).first()
            return plain(getattr(contact, name.removeprefix("contact."))) if contact else None
        if name.startswith("custom."):
            return record.customer.custom.get(name.removeprefix("custom."))
        return plain(getattr(record.customer, name))

    def _restore(self, record: Record, row: Row, fields: Iterable[str], *, is_made: bool) -> Text | None:
        before = row.before
        if is_made and (said := self._contact_goes(row)) is not None:
            return said
        own = {name.removeprefix("custom."): before.get(name) for name in fields if name.startswith("custom.")}
        given: dict[str, Any] = {
            name: self._stored(name, before.get(name))
            for name in fields
            if "." not in name and name not in {"reaches", "owner"}
        }
        columns = clean(given, self._fields, self._zone)
        if "owner" in fields:
            owner = self._people.get(str(before.get("owner")))
            if before.get("owner") and owner is None:
                return Text("原来的负责人已经停用", "the owner before has been deactivated")
            columns["owner"] = owner
        if own:
            columns |= self._own_before(record.customer, own)
        if refused := self._withheld(record.customer, columns):
            return Text(refused.zh, refused.en)
        for name, pair in changes_between(record.customer, columns).items():
            first = record.changes[name][0] if name in record.changes else pair[0]
            record.changes[name] = [first, pair[1]]
        columns |= derived(columns) if "name" in columns else {}
        for name, value in columns.items():
            setattr(record.customer, name, value)
        if "reaches" in fields:
            Reach.objects.filter(customer=record.customer, contact=None, value__in=row.after["reaches"]).delete()
            make_findable([record.customer.pk])
        _restore_contact(row, fields)
        return None

    def _own_before(self, customer: Customer, own: Mapping[str, object]) -> dict[str, Any]:
        """Return the columns with own fields as they were."""
        folded = {k: v for k, v in customer.custom_folded.items() if k not in own}
        kept = clean({"custom": {k: v for k, v in own.items() if v is not None}}, self._fields, self._zone)
        return {
            "custom": {k: v for k, v in {**customer.custom, **own}.items() if v is not None},
            "custom_folded": {**folded, **kept["custom_folded"]},
        }

    def _withheld(self, customer: Customer, columns: Mapping[str, Any]) -> Invalid | None:
        """Return what is said where a person has not agreed to what a sensitive field held before."""
        kind, own = columns.get("kind", customer.kind), columns.get("custom", customer.custom)
        refused = self._guard.refused(customer.pk, kind=kind, own=own, was=customer.kind, held=customer.custom)
        return refusal(refused[0]) if refused else None

    def _contact_goes(self, row: Row) -> Text | None:
        contact = Contact.objects.filter(pk=row.contact_id or 0).first()
        if contact is None:
            return None
        if contact.version > 1 or Event.objects.filter(contact=contact).exclude(source__in=_BY_ITSELF).exists():
            return _SINCE
        self._leaving.append(contact)
        return None

    def _stored(self, name: str, value: object) -> object:
        is_day = name in {"birthday", "created_on", "next_contact_on", "first_touch_on"} and value
        return date.fromisoformat(str(value)) if is_day else value


def _restore_contact(row: Row, fields: Iterable[str]) -> None:
    names = [name.removeprefix("contact.") for name in fields if name.startswith("contact.")]
    if not names:
        return
    from zhike.customers.actions.contacts import update_contact  # noqa: PLC0415  it imports much

    contact = Contact.objects.get(pk=row.contact_id or 0)
    given: dict[str, Any] = {}
    for name in names:
        value = row.before.get(f"contact.{name}")
        given[name] = date.fromisoformat(str(value)) if name == "birthday" and value else value
    update_contact(contact=contact, version=contact.version, by=None, **given)
