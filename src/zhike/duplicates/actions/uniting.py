"""Writes: contacts of records that are merged, and who are one person, become one.

One person: the same name, and a telephone number or an e-mail address in common, at two of the records. Who goes stays
with the merged record, unseen, so that parting finds them there; what they knew more is added to who remains.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from zhike.core.text import fold
from zhike.customers.models import Reach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zhike.customers.models import Contact
    from zhike.duplicates.actions.journal import Journal
    from zhike.duplicates.actions.moving import Group

_SHARED = (Reach.Kind.PHONE, Reach.Kind.EMAIL)
# What is taken over where nothing stands; the state of a number goes with the number.
_FILLED: Mapping[str, tuple[str, ...]] = {
    "title": (),
    "phone": ("phone_state",),
    "email": (),
    "role": (),
    "birthday": (),
    "preferences": (),
}


def unite_contacts(group: Group, contacts: Sequence[Contact], journal: Journal) -> dict[int, Contact]:
    """Let the contacts who are somebody already give them what they know; return who goes → who remains."""
    reaches: dict[int, list[Reach]] = defaultdict(list)
    for reach in Reach.objects.filter(contact__in=[one.pk for one in contacts]).order_by("position", "pk"):
        reaches[reach.contact_id or 0].append(reach)
    order = {pk: place for place, pk in enumerate([group.survivor.pk, *group.ids])}
    kept: dict[str, list[Contact]] = defaultdict(list)
    united: dict[int, Contact] = {}
    for contact in sorted(contacts, key=lambda one: (order[one.customer_id], one.pk)):
        name = fold(contact.name)
        same = next((one for one in kept[name] if _is_one(one, contact, reaches)), None)
        if same is None:
            kept[name].append(contact)
            continue
        united[contact.pk] = same
        _add_reaches(same, contact, group, journal, reaches)
        _fill(same, contact, journal)
    _keep_primary(group, contacts, united, journal)
    return united


def _is_one(one: Contact, other: Contact, reaches: Mapping[int, Sequence[Reach]]) -> bool:
    """Say whether two contacts of one name are one person; whoever has left is not who is there."""
    if one.customer_id == other.customer_id or (one.left_on is None) != (other.left_on is None):
        return False
    return bool(_reached(one, reaches) & _reached(other, reaches))


def _reached(contact: Contact, reaches: Mapping[int, Sequence[Reach]]) -> set[tuple[str, str]]:
    """Return the numbers and addresses of a contact in the form in which each is one."""
    found = {(str(row.kind), fold(row.value)) for row in reaches.get(contact.pk, ()) if row.kind in _SHARED}
    found |= {(str(kind), fold(value)) for kind, value in zip(_SHARED, (contact.phone, contact.email), strict=True)}
    return {(kind, value) for kind, value in found if value}


def _add_reaches(
    same: Contact, contact: Contact, group: Group, journal: Journal, reaches: dict[int, list[Reach]]
) -> None:
    held = reaches[same.pk]
    known = {(row.kind, fold(row.value)) for row in held}
    for row in reaches[contact.pk]:
        if (row.kind, fold(row.value)) not in known:
            place = sum(one.kind == row.kind for one in held)
            journal.change(row, contact_id=same.pk, customer_id=group.survivor.pk, position=place)
            held.append(row)


def _fill(same: Contact, contact: Contact, journal: Journal) -> None:
    columns: dict[str, object] = {}
    for name, following in _FILLED.items():
        if getattr(same, name) in (None, "") and getattr(contact, name) not in (None, ""):
            columns |= {column: getattr(contact, column) for column in (name, *following)}
    if columns:
        journal.change(same, **columns, version=same.version + 1)


def _keep_primary(group: Group, contacts: Sequence[Contact], united: Mapping[int, Contact], journal: Journal) -> None:
    """Let who remains be the primary contact in place of who goes, where the survivor has none."""
    if any(one.is_primary and one.customer_id == group.survivor.pk for one in contacts):
        return
    gone = next((one for one in contacts if one.pk in united and one.is_primary), None)
    if gone is not None and united[gone.pk].customer_id == group.survivor.pk:
        journal.change(united[gone.pk], is_primary=True)
