"""Writes of the dictionary of tags, and of the customers who carry a tag that is called otherwise.

Whoever types a tag that nobody knows puts it into the dictionary; what a tag is called, when it is used and
whether it is still given is said there.
"""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import connection, transaction

from zhike.accounts.policy import require
from zhike.base.clock import now
from zhike.base.errors import Conflict
from zhike.base.inputs import Invalid, line
from zhike.core.text import fold
from zhike.customers.models import Customer, Tag
from zhike.customers.tags import carriers_of, tags_by_name
from zhike.timeline.actions import bulk_setting, copy_events, place_set_wise
from zhike.timeline.locks import lock_customers
from zhike.timeline.rows import NewEvent, checked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from zhike.accounts.models import User
    from zhike.timeline.rows import Row, Setting

CHUNK = 2_000


def as_in_dictionary(names: Sequence[str], by: User | None, *, held: Collection[str] = ()) -> list[str]:
    """Return the tags as the dictionary writes them; those that it lacks are added to it, with their author.

    A tag that was retired is given to nobody new: who holds it keeps it. For the operator, and so for files, none is.
    """
    words = _complete(names, by)
    kept = {fold(name) for name in held}
    for name in names:
        tag = words[fold(name)]
        if tag.retired_at is not None and by is not None and tag.name_folded not in kept:
            raise Invalid(f"标签「{tag.name}」已经停用", f"the tag {tag.name} is retired", path="tags")
    return list(dict.fromkeys(words[fold(name)].name for name in names))


def names_in_dictionary(names: Iterable[str], by: User | None) -> dict[str, str]:
    """Return folded → as the dictionary writes it, for the tags of many customers at once."""
    usable = [name for raw in names if 0 < len(name := raw.strip()) <= Tag.NAME_MAX and name.isprintable()]
    return {folded: tag.name for folded, tag in _complete(usable, by).items()}


def _complete(names: Iterable[str], by: User | None) -> dict[str, Tag]:
    wanted = {fold(name): name for name in reversed(list(names))}
    known = tags_by_name(wanted.values())
    missing = [name for folded, name in wanted.items() if folded not in known]
    if missing:
        rows = [Tag(name=name, name_folded=fold(name), owner=by, made_by=by) for name in reversed(missing)]
        Tag.objects.bulk_create(rows, ignore_conflicts=True)  # somebody else may type the same at this moment
        known |= tags_by_name(missing)
    return known


class TagFields(TypedDict, total=False):
    """What people say of a tag."""

    name: str
    name_en: str
    definition: str
    tone: str
    owner: User | None


@transaction.atomic
def update_tag(*, tag: Tag, version: int, by: User | None, moves: bool = True, **given: Unpack[TagFields]) -> Tag:
    """Say of a tag that is still at `version` what it is. Another name changes all customers who carry it (`moves`)."""
    if by is not None:
        require(by, "change", Tag)
    found = _locked(tag)
    columns = _columns(given, found)
    if all(getattr(found, name) == value for name, value in columns.items()):
        return found
    _check_version(found, version)
    was, called = found.name, str(columns.get("name", found.name))
    if called != was:
        if by is not None:
            require(by, "merge", Tag)
        other = Tag.objects.filter(name_folded=fold(called)).exclude(pk=found.pk).first()
        if other is not None:
            raise Invalid(
                f"已经有标签「{other.name}」，要并成一个请用合并",
                f"there is a tag {other.name} already: merge the two instead",
                path="name",
            )
        columns["name_folded"] = fold(called)
    for name, value in columns.items():
        setattr(found, name, value)
    found.version += 1
    found.save(update_fields=[*columns, "version"])
    if called != was and moves:
        _replace(was, called, by)
    return found


@transaction.atomic
def merge_tag(*, tag: Tag, into: Tag, version: int, by: User | None) -> int:
    """Let all who carry a tag carry another one instead, and forget it; return how many they were."""
    if by is not None:
        require(by, "merge", Tag)
    if tag.pk == into.pk:
        raise Invalid("请选择另一个标签", "choose another tag", path="into")
    first, second = sorted((tag, into), key=lambda one: one.pk)
    locked = {one.pk: _locked(one) for one in (first, second)}
    found, other = locked[tag.pk], locked[into.pk]
    _check_version(found, version)
    changed = _replace(found.name, other.name, by)
    found.delete()
    return changed


@transaction.atomic
def retire_tag(*, tag: Tag, retired: bool, by: User | None) -> Tag:
    """Give a tag to nobody new, or to people again; who carries it keeps it."""
    if by is not None:
        require(by, "change", Tag)
    found = _locked(tag)
    if (found.retired_at is not None) != retired:
        found.retired_at = now() if retired else None
        found.version += 1
        found.save(update_fields=["retired_at", "version"])
    return found


def _locked(tag: Tag) -> Tag:
    found = Tag.objects.select_for_update().filter(pk=tag.pk).first()
    if found is None:
        raise Conflict("这个标签刚被别人合并了", "This tag has just been merged into another one")
    return found


def _check_version(tag: Tag, version: int) -> None:
    if tag.version != version:
        raise Conflict(
            f"标签「{tag.name}」刚被别人改过，请先看最新内容再保存",
            f"The tag {tag.name} has been changed meanwhile: look at it again before you save",
        )


def _columns(given: TagFields, tag: Tag) -> dict[str, object]:
    columns: dict[str, object] = {
        name: line(str(given.get(name) or ""), name, most, required=name == "name")
        for name, most in (
            ("name", Tag.NAME_MAX),
            ("name_en", Tag.NAME_MAX),
            ("definition", Tag.DEFINITION_MAX),
        )
        if name in given
    }
    if "tone" in given:
        if given["tone"] not in Tag.Tone.values:
            raise Invalid("没有这个颜色", "there is no such colour", path="tone")
        columns["tone"] = given["tone"]
    if "owner" in given:
        columns["owner"] = given["owner"]
    if columns.get("name") == tag.name:
        del columns["name"]
    return columns


@transaction.atomic
def begin_rename(*, tag: Tag, version: int, by: User, **given: Unpack[TagFields]) -> tuple[Tag, Tag]:
    """Call a tag otherwise without touching who carries it; return a retired tag of the old name, and it.

    Those who carry the old one are rewritten step by step (`move_carriers`); until then the dictionary knows both.
    """
    was = tag.name
    found = update_tag(tag=tag, version=version, by=by, moves=False, **given)
    left = Tag.objects.create(
        name=was, name_folded=fold(was), owner=found.owner, made_by=found.made_by, retired_at=now()
    )
    return left, found


@transaction.atomic
def begin_merge(*, tag: Tag, into: Tag, version: int, by: User) -> Tag:
    """Retire a tag whose carriers are about to carry another one, step by step (`move_carriers`)."""
    require(by, "merge", Tag)
    if tag.pk == into.pk:
        raise Invalid("请选择另一个标签", "choose another tag", path="into")
    found = _locked(tag)
    _check_version(found, version)
    found.retired_at = found.retired_at or now()
    found.version += 1
    found.save(update_fields=["retired_at", "version"])
    return found


@transaction.atomic
def move_carriers(*, tag: Tag, into: Tag, after: int, by: User, most: int = CHUNK) -> list[int]:
    """Let the next of those who carry a tag carry another one, as an edit of each; return who they were.

    Nobody is left: the tag goes out of the dictionary.
    """
    require(by, "merge", Tag)
    first, second = sorted((tag, into), key=lambda one: one.pk)
    locked = {one.pk: _locked(one) for one in (first, second)}
    found, other = locked[tag.pk], locked[into.pk]
    carriers = carriers_of(found)
    ids = list(carriers.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:most])
    _move(ids, found.name, other.name, by)
    if not ids:
        # Whoever was given it meanwhile: it was retired, so they are few.
        _replace(found.name, other.name, by)
        found.delete()
    return ids


def _replace(old: str, new: str, by: User | None) -> int:
    """Write another tag in the place of one, at all customers, as an edit of each; return how many they are."""
    carriers = Customer.objects.filter(tags_folded__contains=[fold(old)])
    ids = sorted(carriers.values_list("pk", flat=True))
    _move(ids, old, new, by)
    return len(ids)


def _move(ids: Sequence[int], old: str, new: str, by: User | None) -> None:
    lock_customers(ids)
    setting = bulk_setting()
    for chunk in batched(ids, CHUNK):
        copy_events(_rewrite(chunk, fold(old), new, by, setting))
    if ids:
        place_set_wise(ids, recomputed="edited")


def _rewrite(ids: Sequence[int], old: str, new: str, by: User | None, setting: Setting) -> list[Row]:
    """Change the tags of some customers, and return the events that tell of it."""
    events: list[Row] = []
    values: list[tuple[int, list[str], list[str]]] = []
    for pk, tags, version in Customer.objects.filter(pk__in=ids).values_list("pk", "tags", "version"):
        after = list(dict.fromkeys(new if fold(tag) in {old, fold(new)} else tag for tag in tags))
        values.append((pk, after, sorted({fold(tag) for tag in after})))
        change = {"field": "tags", "from": tags, "to": after}
        event = NewEvent(
            customer_id=pk,
            kind="customer.updated",
            occurred_at=setting.now,
            actor_id=by.pk if by else None,
            data={"version": version + 1, "changes": [change]},
        )
        events.append(checked(event, setting))
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE customers_customer SET tags = %s, tags_folded = %s, version = version + 1, updated_at = %s"
            " WHERE id = %s",
            [(after, folded, setting.now, pk) for pk, after, folded in values],
        )
    return events
