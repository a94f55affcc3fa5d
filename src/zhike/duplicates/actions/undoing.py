"""Writes: a merge is taken back. All records are there again as they were, and what was added since stays with the survivor.

A field, a row or a key that somebody has changed since is left as it is, and is told as a conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from zhike.accounts.policy import grounds, require
from zhike.audit import actions as audit
from zhike.base.clock import now
from zhike.base.doors import Door, through
from zhike.base.errors import Conflict, Forbidden
from zhike.core.text import fold
from zhike.customers.actions.groups import lock_tree
from zhike.customers.actions.many import event
from zhike.customers.actions.reaches import follow_many
from zhike.customers.actions.search import make_findable
from zhike.customers.models import Customer
from zhike.duplicates.actions.journal import as_read, take_back
from zhike.duplicates.actions.merges import WORDS_MAX, write_columns
from zhike.duplicates.actions.moving import move_events_back, reaches_follow
from zhike.duplicates.actions.pairs import reopen_merged
from zhike.duplicates.models import Merge
from zhike.duplicates.proposals import FOLLOWING, stored
from zhike.duplicates.queries import KEPT
from zhike.timeline import actions as timeline
from zhike.timeline.locks import lock_customers
from zhike.timeline.models import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhike.accounts.models import User
    from zhike.timeline.rows import Setting

_LATER = {
    "what": "timeline.Event.customer",
    "zh": "{n} 条后来的记录说的是分回去的联系人，随他们分回",
    "en": "{n} later entries about contacts who went back have gone with them",
}


@transaction.atomic
def undo_merge(*, merge: Merge, by: User | None) -> Merge:
    """Part what was merged; refused when its time is over, and when the survivor itself is no more."""
    lock_tree()
    found = Merge.objects.get(pk=merge.pk)
    lock_customers(_touched(found))
    found.refresh_from_db()
    kept = check_undo(found, by)
    main = Customer.objects.select_related("owner").get(pk=found.customer_id)
    _require(main, found, by)
    gone = list(Customer.objects.filter(pk__in=found.merged).order_by("pk"))
    with through(Door.MERGE):
        conflicts = take_back(kept, main.pk)
        reaches_follow(main.pk, found.merged)
        moved = {str(pk): kept["events"].get(str(pk), []) for pk in found.merged}
        later = move_events_back(main.pk, moved, kept.get("people", {}))
        if later:
            conflicts.append({**_LATER, **{tongue: _LATER[tongue].format(n=later) for tongue in ("zh", "en")}})
        conflicts += _return(main, gone, found, kept, by)
    reopen_merged(ids=[main.pk, *found.merged])
    found.undone_at, found.undone_by, found.kept, found.conflicts = now(), by, None, conflicts
    found.save(update_fields=["undone_at", "undone_by", "kept", "conflicts"])
    audit.record("customer.parted", by=by, subject=main, data={"from": found.merged, "count": len(conflicts)})
    return found


def check_undo(merge: Merge, by: User | None) -> dict[str, Any]:
    """Return the journal of a merge that can be taken back, or say why it cannot."""
    if by is not None:
        require(by, "merge", Customer)
    main = Customer.objects.get(pk=merge.customer_id)
    if merge.undone_at is not None:
        raise Conflict("这次合并已经撤销", "this merge has been undone already")
    if main.erased_at is not None:
        raise Conflict("这位客户已经抹去，不能撤销合并", "this customer was erased: the merge cannot be undone")
    if merge.kept is None or merge.at <= now() - KEPT:
        raise Conflict(
            f"合并超过 {KEPT.days} 天就不能撤销了",
            f"a merge cannot be undone after {KEPT.days} days",
        )
    if main.merged_into_id is not None:
        raise Conflict(
            "主记录后来又合并到了另一条记录，先撤销那一次",
            "the record that remained was merged into another one since: undo that merge first",
        )
    if main.deleted_at is not None:
        raise Conflict("主记录在回收站里，先恢复它", "the record that remained lies in the bin: restore it first")
    kept: dict[str, Any] = merge.kept
    return kept


def _require(main: Customer, merge: Merge, by: User | None) -> None:
    """Ask for the same rights as merging: to merge and to change, of each of the records."""
    if by is None:
        return
    require(by, "change", main)
    require(by, "merge", main)
    for customer in Customer.objects.filter(pk__in=merge.merged).select_related("owner"):
        if not all(grounds(by, verb, customer, owner_id=customer.owner_id) for verb in ("change", "merge")):
            raise Forbidden(
                "合并进来的记录里有不归你修改的，请让主管撤销",
                "One of the merged records is not yours to change: ask a manager to undo the merge",
            )


def _touched(merge: Merge) -> set[int]:
    """Return everybody whose row will be written: they are locked together, in the order of their ids."""
    changed = (merge.kept or {}).get("changed", {})
    return {merge.customer_id, *merge.merged, *map(int, changed.get(Customer._meta.label, {}))}


def _return(
    main: Customer, gone: list[Customer], merge: Merge, kept: Mapping[str, Any], by: User | None
) -> list[dict[str, str]]:
    """Put the records back as they were, and place all of them again."""
    setting = timeline.bulk_setting()
    columns, conflicts = _columns_back(main, merge, kept)
    everybody = [main.pk, *merge.merged]
    conflicts += _keys_back(main, gone, columns.get("key", main.key), kept, setting)
    for hook in settings.ZHIKE_ON_RESTORED:
        import_string(hook)(merge.merged)
    write_columns(main, columns, by=by, setting=setting)
    follow_many([main])
    make_findable(everybody)
    names = "、".join(customer.name for customer in gone)
    told: list[tuple[int, dict[str, object]]] = [(main.pk, {"from": names[:WORDS_MAX], "merge": merge.pk})]
    told += [(customer.pk, {"merge": merge.pk, "version": customer.version}) for customer in gone]
    timeline.copy_events(
        [event(pk, "customer.parted", data, by, setting)._replace(source=str(Door.MERGE)) for pk, data in told]
    )
    timeline.place_set_wise(everybody, recomputed="parted")
    return conflicts


def _keys_back(
    main: Customer, gone: list[Customer], held: str | None, kept: Mapping[str, Any], setting: Setting
) -> list[dict[str, str]]:
    """Fetch the merged records back, each with its own key where that is still free; `held` is the survivor's."""
    Customer.objects.filter(pk__in=[main.pk, *(customer.pk for customer in gone)]).update(key=None)
    keys = {int(pk): key for pk, key in kept["keys"].items()}
    wanted = [key for key in keys.values() if key]
    taken = {held, *Customer.objects.filter(key__in=wanted).values_list("key", flat=True)}
    conflicts = []
    for customer in gone:
        key = keys[customer.pk]
        if key is not None and key in taken:
            said = {"zh": f"编号 {key} 已经归别人", "en": f"the key {key} is another's"}
            conflicts.append({"what": f"{customer.pk}.key", **said})
            key = None
        customer.version += 1
        Customer.objects.filter(pk=customer.pk).update(
            deleted_at=None,
            deleted_by=None,
            merged_into=None,
            key=key,
            version=customer.version,
            updated_at=setting.now,
        )
    Customer.objects.filter(pk=main.pk).update(key=held)
    return conflicts


def _columns_back(main: Customer, merge: Merge, kept: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return the survivor's columns as they were, of the fields that nobody has changed since."""
    row: Mapping[str, Any] = kept["row"]
    columns: dict[str, Any] = {name: {**getattr(main, name)} for name in ("custom", "custom_folded")}
    lost: list[str] = []
    for name, (before, after) in kept["fields"].items():
        if name == "tags":
            columns |= _tags_back(main, before or [], after or [])
        elif name == "no_profiling":
            spoken = Event.objects.filter(customer=main.pk, kind__startswith="profiling.", recorded_at__gt=merge.at)
            columns |= {} if spoken.exists() else {name: before}
        elif (main.parent_id if name == "parent" else stored(main, name)) != after:
            lost.append(name)
        else:
            _field_back(columns, name, row)
    return columns, [{"what": f"{main.pk}.{name}", "field": name, "zh": "", "en": ""} for name in lost]


def _field_back(columns: dict[str, Any], name: str, row: Mapping[str, Any]) -> None:
    """Give one field, with the columns that follow it, what it had."""
    if name.startswith("custom."):
        key = name.removeprefix("custom.")
        for column in ("custom", "custom_folded"):
            if key in row[column]:
                columns[column][key] = row[column][key]
            else:
                columns[column].pop(key, None)
        return
    for column in (name, *FOLLOWING.get(name, ())):
        field: Any = Customer._meta.get_field(column)
        value = as_read(field, row[field.attname])
        columns[column] = field.related_model.objects.filter(pk=value).first() if field.is_relation else value


def _tags_back(main: Customer, before: list[str], after: list[str]) -> dict[str, list[str]]:
    """Take away the tags that the merge has added, and no others."""
    added = {fold(tag) for tag in after} - {fold(tag) for tag in before}
    tags = [tag for tag in main.tags if fold(tag) not in added]
    return {"tags": tags, "tags_folded": sorted({fold(tag) for tag in tags})}
