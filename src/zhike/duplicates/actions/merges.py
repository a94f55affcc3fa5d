"""Writes: records that were one customer become one, by one person and in one transaction.

All of them are locked in the order of their ids, with whoever hangs below them, before anything is read. So of two
who merge the same records, or who merge and edit, the second finds what the first has made and is told so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from zhike.accounts.policy import field_access, require, sees_owner
from zhike.accounts.queries import assignable_owners
from zhike.audit import actions as audit
from zhike.base.clock import now
from zhike.base.doors import Door, through
from zhike.base.errors import Conflict, Forbidden, NotFound
from zhike.base.inputs import Invalid
from zhike.core.text import fold
from zhike.customers.actions.changes import as_rows, changes_between
from zhike.customers.actions.giving import tell_given
from zhike.customers.actions.groups import lock_tree
from zhike.customers.actions.many import event
from zhike.customers.actions.search import make_findable
from zhike.customers.completeness import counted_fields, share_of
from zhike.customers.models import Customer
from zhike.duplicates.actions.journal import Journal, as_stored
from zhike.duplicates.actions.moving import Group, move_all, move_events, move_pointers, pointing
from zhike.duplicates.actions.pairs import settle_merged
from zhike.duplicates.actions.stricter import unite_consents
from zhike.duplicates.models import Merge
from zhike.duplicates.proposals import FOLLOWING, MOST, propose, stored
from zhike.timeline import actions as timeline
from zhike.timeline.locks import MergedAway, lock_customers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from zhike.accounts.models import User
    from zhike.customers.actions.changes import Changes
    from zhike.timeline.rows import Setting

WORDS_MAX = 450


@transaction.atomic
def merge_customers(
    *,
    ids: Iterable[int],
    survivor: int,
    by: User | None,
    choices: Mapping[str, int] | None = None,
    versions: Mapping[int, int] | None = None,
    form_key: UUID | None = None,
) -> Merge:
    """Merge two to five records into `survivor`, which is one of them; the same `form_key` again gives the first merge.

    `choices` are fields with the record whose value remains, where it is not the proposed one. `versions` are the
    records as they were looked at: where one has changed since, `Conflict` says so. Nothing is written before all
    of it is known to be allowed.
    """
    wanted = sorted(set(ids))
    if form_key is not None and (done := Merge.objects.filter(form_key=form_key).first()) is not None:
        return done
    if survivor not in wanted or not 1 < len(wanted) <= MOST:
        raise Invalid(f"选 2 到 {MOST} 位客户合并", f"choose two to {MOST} customers to merge")
    lock_tree()
    lock_customers({*wanted, *pointing(wanted)})
    rows = {row.pk: row for row in Customer.objects.select_related("owner").filter(pk__in=wanted)}
    found = [rows[pk] for pk in wanted if pk in rows]
    _check(found, wanted, by)
    _check_versions(found, versions or {})
    main = rows[survivor]
    others = [customer for customer in found if customer.pk != survivor]
    columns = _columns(main, others, by, choices or {})
    group = Group(
        main, others, {name: columns.get(name, getattr(main, name)) for name in ("phone", "email")}, by, now()
    )
    with through(Door.MERGE):
        return _carry_out(group, columns, form_key)


def _check(found: Sequence[Customer], wanted: Sequence[int], by: User | None) -> None:
    """Refuse what is not there, not this person's to merge, or merged by somebody else a moment ago."""
    for customer in found:
        if by is not None and not sees_owner(by, customer.owner, customer):
            raise NotFound
        if customer.merged_into_id is not None:
            raise MergedAway
        if customer.erased_at is not None:
            raise Conflict("已抹去个人信息的客户不能合并", "a customer who was erased cannot be merged")
    if len(found) < len(wanted) or any(customer.deleted_at is not None for customer in found):
        raise NotFound
    if by is not None:
        require(by, "merge", Customer)
        for customer in found:
            require(by, "change", customer)
            require(by, "merge", customer)


def _check_versions(found: Sequence[Customer], versions: Mapping[int, int]) -> None:
    changed = [customer.name for customer in found if versions.get(customer.pk, customer.version) != customer.version]
    if changed:
        names = "、".join(changed)
        raise Conflict(
            f"{names} 刚被别人改过，请先看最新内容再合并",
            f"{names} has been changed meanwhile: look at it again before you merge",
        )


def _columns(main: Customer, others: Sequence[Customer], by: User | None, choices: Mapping[str, int]) -> dict[str, Any]:
    """Return the survivor's columns as they will be."""
    by_id = {customer.pk: customer for customer in [main, *others]}
    lines = {line.field: line for line in propose(by, list(by_id.values()), main.pk)}
    if strange := sorted(set(choices) - set(lines)):
        raise Invalid("没有这个字段可选", "there is no such field to choose", path=strange[0])
    columns: dict[str, Any] = {"custom": {**main.custom}, "custom_folded": {**main.custom_folded}}
    for name, line in lines.items():
        chosen = choices.get(name, line.winner)
        if chosen not in by_id:
            raise Invalid("只能选这几条记录里的值", "choose a value of one of these records", path=name)
        if chosen != line.winner and not line.is_open and by is not None:
            field_access(by, Customer).require_writable([name])
            raise Forbidden("你不能修改这个字段。", "This field is not yours to change.", path=name)
        _take(columns, name, main, by_id[chosen])
    _check_owner(by, main, columns.get("owner", main.owner), by_id)
    folded = {tag: word for customer in by_id.values() for tag, word in _tags(customer)}
    columns["tags"], columns["tags_folded"] = list(folded.values()), sorted(folded)
    columns["no_profiling"] = any(customer.no_profiling for customer in by_id.values())
    columns["parent"] = _parent(main, others, columns.get("kind", main.kind))
    return columns


def _tags(customer: Customer) -> list[tuple[str, str]]:
    """Return the tags of a customer, each as it is compared and as it is written."""
    return [(fold(tag), tag) for tag in customer.tags]


def _take(columns: dict[str, Any], name: str, main: Customer, chosen: Customer) -> None:
    if not name.startswith("custom."):
        if stored(chosen, name) != stored(main, name):
            columns |= {column: getattr(chosen, column) for column in (name, *FOLLOWING.get(name, ()))}
        return
    key = name.removeprefix("custom.")
    for column in ("custom", "custom_folded"):
        values = getattr(chosen, column)
        if key in values:
            columns[column][key] = values[key]
        else:
            columns[column].pop(key, None)


def _check_owner(by: User | None, main: Customer, owner: User | None, by_id: Mapping[int, Customer]) -> None:
    """Let people give the survivor only to those they may give customers to, or leave it with who has it."""
    if by is None or owner in (main.owner, by):
        return
    if main.owner is None and owner in {customer.owner for customer in by_id.values()}:
        return
    if owner is None or not assignable_owners(by).filter(pk=owner.pk).exists():
        raise Forbidden("你不能把客户交给这个人", "You may not give a customer to this person", path="owner")


def _parent(main: Customer, others: Sequence[Customer], kind: str) -> Customer | None:
    """Return the company above: the survivor's, else one of the others', but nobody who hangs below them all."""
    everybody = {main.pk, *(customer.pk for customer in others)}
    if kind == Customer.Kind.PERSON:
        return None
    for customer in [main, *others]:
        above: Customer | None = customer.parent
        first = above
        while above is not None and above.pk not in everybody:
            above = above.parent
        if first is not None and above is None:
            return first
    return None


def _carry_out(group: Group, columns: dict[str, Any], form_key: UUID | None) -> Merge:
    main, setting = group.survivor, timeline.bulk_setting()
    journal = Journal()
    kept: dict[str, Any] = {"keys": {str(customer.pk): customer.key for customer in [main, *group.merged]}}
    merge = Merge.objects.create(
        customer=main, merged=group.ids, form_key=form_key, by=group.by, at=setting.now, kept=kept
    )
    united = move_all(group, journal)
    unite_consents(group, journal)
    move_pointers(group, journal)
    kept["events"], kept["people"] = move_events(group, united)
    for hook in settings.ZHIKE_ON_BINNED:
        import_string(hook)(group.ids)
    _leave(group, columns, setting, merge)
    kept["row"] = row_of(main, columns)
    kept["fields"] = write_columns(main, columns, by=group.by, setting=setting)
    make_findable([main.pk])
    kept |= journal.as_json()
    merge.save(update_fields=["kept"])
    settle_merged(ids=[main.pk, *group.ids], by=group.by)
    audit.record("customer.merged", by=group.by, subject=main, data={"from": group.ids})
    names, keys = ("、".join(filter(None, words))[:WORDS_MAX] for words in _called(group))
    data = {"from": names, "key": keys, "merge": merge.pk}
    teller = group.by if group.by is not None and sees_owner(group.by, main.owner, main) else None
    timeline.record(main, "customer.merged", by=teller, data=data, source=Door.MERGE)
    return merge


def _called(group: Group) -> tuple[list[str], list[str]]:
    return [customer.name for customer in group.merged], [customer.key or "" for customer in group.merged]


def _leave(group: Group, columns: dict[str, Any], setting: Setting, merge: Merge) -> None:
    """Let the merged records lead to the survivor; between them they keep the keys that it does not bear."""
    main = group.survivor
    key = columns.get("key", main.key)
    keys = {customer.pk: customer.key for customer in group.merged}
    giver = next((pk for pk, theirs in keys.items() if theirs is not None and theirs == key), None)
    if giver is not None:
        keys[giver] = main.key
    Customer.objects.filter(pk__in=[main.pk, *group.ids]).update(key=None)
    for customer in group.merged:
        customer.version += 1
        Customer.objects.filter(pk=customer.pk).update(
            deleted_at=setting.now,
            deleted_by=group.by,
            merged_into=main,
            version=customer.version,
            updated_at=setting.now,
            key=keys[customer.pk],
        )
    if giver is None:
        Customer.objects.filter(pk=main.pk).update(key=main.key)
    data = {"into": main.pk, "merge": merge.pk}
    timeline.copy_events(
        [event(c.pk, "customer.merged", {**data, "version": c.version}, group.by, setting) for c in group.merged]
    )


def row_of(main: Customer, names: Iterable[str]) -> dict[str, object]:
    """Return columns of a customer as JSON holds them, under the names that the database has for them."""
    fields = [Customer._meta.get_field(name) for name in names]
    return {f.attname: as_stored(f, getattr(main, f.attname)) for f in fields}  # type: ignore[union-attr, arg-type]


def write_columns(
    main: Customer, columns: Mapping[str, Any], *, by: User | None, setting: Setting
) -> dict[str, list[object]]:
    """Write columns of the survivor and tell what changed; return field → before and after, as the history has them."""
    changes = changes_between(main, columns)
    changes.pop("name_key", None)  # follows the name
    before = main.parent_id
    for name, value in columns.items():
        setattr(main, name, value)
    main.completeness = share_of(main, counted_fields())
    main.version += 1
    main.updated_at = setting.now
    main.save(update_fields=[*columns, "completeness", "version", "updated_at"])
    changes.pop("parent", None)
    if before != main.parent_id:
        changes["parent"] = [before, main.parent_id]  # by their numbers: who reads it may not be one who sees them
    _tell(main, changes, by, setting)
    if "owner" in changes:
        tell_given([main.pk])
    return changes


def _tell(main: Customer, changes: Changes, by: User | None, setting: Setting) -> None:
    rest = {name: pair for name, pair in changes.items() if name not in {"owner", "no_profiling"}}
    events = []
    if "owner" in changes:
        old, new = changes["owner"]
        events.append(("owner.changed", {"from": old, "to": new, "version": main.version}))
    if rest:
        events.append(("customer.updated", {"version": main.version, "changes": as_rows(rest)}))
    rows = [event(main.pk, kind, data, by, setting) for kind, data in events]
    if rows:
        timeline.copy_events([row._replace(source=str(Door.MERGE)) for row in rows])
