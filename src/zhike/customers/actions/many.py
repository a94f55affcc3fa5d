"""Writes of many known customers at once, as people pick them in a list: changed alike, and taken back.

All in one transaction, each under its lock, with its own event, and placed again set-wise. Whoever the person
does not see is left out; what cannot be done to one customer is said of that one, and the others go on.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from zhike.accounts.models import User
from zhike.accounts.policy import doable, field_access, require
from zhike.accounts.queries import assignable_owners
from zhike.base.doors import Door
from zhike.base.errors import Forbidden
from zhike.base.inputs import Invalid
from zhike.core.errors import ZhikeError
from zhike.core.text import Text, fold
from zhike.customers.actions.changes import as_rows, changes_between
from zhike.customers.actions.giving import tell_given
from zhike.customers.actions.tags import as_in_dictionary
from zhike.customers.columns import clean
from zhike.customers.completeness import counted_fields, share_of
from zhike.customers.display import DAYS
from zhike.customers.models import Customer, CustomField
from zhike.customers.sensitive import Guard
from zhike.jobs.kinds import SAME, Outcome, refused
from zhike.timeline.actions import bulk_setting, copy_events, place_set_wise
from zhike.timeline.rows import NewEvent, checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from zhike.jobs.models import Item
    from zhike.timeline.rows import Row, Setting

    type Given = Mapping[str, Any]
    type _Why = Mapping[int, Mapping[str, object]]

# What one value is put into for many customers; own fields are `custom.<key>`.
SETTABLE = ("kind", "region", "city", "industry", "size", "source", "birthday")
# What no rule can read: nobody has to be placed again.
UNREAD = frozenset({"next_contact_on"})
_JSON = frozenset({"custom", "custom_folded"})
CHANGED_SINCE = Text("后来又被人改过，没有动", "changed by somebody since: left as it is")


class _Changed(NamedTuple):
    """A customer changed in memory: field → [old, new] as people read it."""

    customer: Customer
    changes: dict[str, list[object]]


class Gift(NamedTuple):
    """Whose a customer becomes by a rule, from whom, and the data by which its event says why."""

    owner: User
    giver: int | None
    why: Mapping[str, object]


@transaction.atomic
def assign_many(*, ids: Iterable[int], owner: User | None, by: User) -> dict[int, Outcome]:
    """Give customers to a person, or to nobody."""
    check_assign(by, owner)
    return _change(ids, by, "owner", lambda _: owner)


@transaction.atomic
def give_many(*, to: Mapping[int, User], giver: User, by: User) -> dict[int, Outcome]:
    """Give customers that are still `giver`'s to the person named for each."""
    for person in {owner.pk: owner for owner in to.values()}.values():
        check_assign(by, person)

    def receiver(customer: Customer) -> User:
        if customer.owner_id != giver.pk:
            raise ChangedSince
        return to[customer.pk]

    return _change(to, by, "owner", receiver, why={pk: {"way": "handed_over"} for pk in to})


@transaction.atomic
def move_many(
    *, to: Mapping[int, User | None], held: Mapping[int, int | None], by: User | None, why: Mapping[str, object]
) -> dict[int, Outcome]:
    """Give customers to whom a pool or a rule names, to nobody where it names none.

    Whether that may be the caller has checked. Whoever is no longer owned by whom `held` says is left alone; `why`
    stands in the events beside the owners: the `way`, and the names of the `pool` and the `rule`.
    """

    def receiver(customer: Customer) -> User | None:
        if customer.owner_id != held[customer.pk]:
            raise ChangedSince
        return to[customer.pk]

    rows = Customer.present.filter(pk__in=list(to)).select_related("owner").order_by("pk")
    locked = rows.select_for_update(of=("self",), no_key=True)
    way = Door.BULK if by else Door.RULE
    return _write(locked, by, "owner", receiver, why=dict.fromkeys(to, why), way=way)


@transaction.atomic
def give_by_rule(*, to: Mapping[int, Gift], by: User | None, place: bool = True) -> dict[int, Outcome]:
    """Give customers to whom a rule has found for each, and say why. Without `by` it is the program that does it.

    `place=False`: the caller knows that nothing reads who owns a customer, so nobody has to be placed again.
    """

    def receiver(customer: Customer) -> User:
        if customer.owner_id != to[customer.pk].giver:
            raise ChangedSince
        return to[customer.pk].owner

    if by is not None:
        require(by, "assign", Customer)
    return _change(to, by, "owner", receiver, why={pk: gift.why for pk, gift in to.items()}, place=place, way=Door.RULE)


def check_assign(by: User, owner: User | None) -> None:
    """Raise unless `by` may give customers to this person."""
    require(by, "assign", Customer)
    if owner is not None and not assignable_owners(by).filter(pk=owner.pk).exists():
        raise Forbidden("你不能把客户交给这个人", "You may not give a customer to this person")


def check_value(by: User, field: str, value: object) -> None:
    """Raise unless `by` may change customers, and this is a value for the field."""
    require(by, "change", Customer)
    field_access(by, Customer).require_writable([field])
    if field not in {*SETTABLE, "tags", "next_contact_on"} and not field.startswith("custom."):
        raise Invalid("这个字段不能批量改", "this field is not changed for many at once", path="field")
    _columns(Customer(), field, value, list(CustomField.objects.all()), bulk_setting())


@transaction.atomic
def tag_many(*, ids: Iterable[int], tag: str, is_taken: bool, by: User) -> dict[int, Outcome]:
    """Add a tag to customers, or take it from them. Tags are the same however they are written."""
    wanted = fold(tag)
    word = tag if is_taken else as_in_dictionary([tag], by)[0]

    def tags(customer: Customer) -> list[str]:
        others = [other for other in customer.tags if fold(other) != wanted]
        if is_taken:
            return others
        return customer.tags if len(others) < len(customer.tags) else [*customer.tags, word]

    return _change(ids, by, "tags", tags)


@transaction.atomic
def set_field_many(*, ids: Iterable[int], field: str, value: object, by: User) -> dict[int, Outcome]:
    """Put one value into a field of customers: of `SETTABLE`, `next_contact_on`, or the company's own."""
    return _change(ids, by, field, lambda _: value)


@transaction.atomic
def take_back_many(*, items: Sequence[Item], field: str, by: User) -> dict[int, Outcome]:
    """Give a field its earlier value where it still has the one that was given; of tags only what was added or taken."""
    by_id = {item.target: item for item in items}
    owners = User.objects.in_bulk([pk for item in items if (pk := item.before.get(field))]) if field == "owner" else {}

    def earlier(customer: Customer) -> object:
        item = by_id[customer.pk]
        now, given, before = _stored(customer, field), item.after.get(field), item.before.get(field)
        if field == "tags":
            return _tags_back(now, given, before)
        if now != given:
            raise ChangedSince
        if field == "owner":
            found = owners.get(before) if before else None
            if before and (found is None or not found.is_active):
                raise Forbidden("原来的负责人已经停用", "the owner before has been deactivated")
            return found
        return _read(field, before)

    return _change(by_id, by, field, earlier)


class ChangedSince(ZhikeError):
    """Somebody has changed it since."""

    def __init__(self) -> None:
        super().__init__(*CHANGED_SINCE)


def _tags_back(now: list[str], given: list[str], before: list[str]) -> list[str]:
    added = {fold(tag) for tag in given} - {fold(tag) for tag in before}
    taken = [tag for tag in before if fold(tag) not in {fold(other) for other in given}]
    present = {fold(tag) for tag in now}
    if not added <= present or any(fold(tag) in present for tag in taken):
        raise ChangedSince
    return [*(tag for tag in now if fold(tag) not in added), *taken]


def _change(  # noqa: PLR0913  one keyword each
    ids: Iterable[int],
    by: User | None,
    field: str,
    wanted: Callable[[Customer], object],
    *,
    why: _Why | None = None,
    place: bool = True,
    way: Door = Door.BULK,
) -> dict[int, Outcome]:
    """Give one field the value that `wanted` says for each customer with whom `by` may do that."""
    if by is not None:
        require(by, "change", Customer)
        field_access(by, Customer).require_writable([field])
    customers = lock_doable(ids, by, "assign" if field == "owner" else "change")
    return _write(customers, by, field, wanted, why=why, place=place, way=way)


def _write(  # noqa: PLR0913  one keyword each
    customers: Iterable[Customer],
    by: User | None,
    field: str,
    wanted: Callable[[Customer], object],
    *,
    why: _Why | None,
    place: bool = True,
    way: Door = Door.BULK,
) -> dict[int, Outcome]:
    """Write what `wanted` says of customers who are locked. `why` is what stands of each beside the owners."""
    customers = list(customers)
    setting = bulk_setting()
    fields = list(CustomField.objects.all())
    counted = counted_fields()
    found: dict[int, Outcome] = {}
    changed: list[_Changed] = []
    guard = Guard(fields, [customer.pk for customer in customers])
    for customer in customers:
        before = _stored(customer, field)
        try:
            columns = _columns(customer, field, wanted(customer), fields, setting)
            _check_sensitive(guard, customer, columns)
        except ZhikeError as error:
            found[customer.pk] = refused(Text(error.zh, error.en))  # the field is the one that was chosen
            continue
        changes = changes_between(customer, columns)
        if not changes:
            found[customer.pk] = SAME
            continue
        _apply(customer, columns, setting)
        customer.completeness = share_of(customer, counted)
        found[customer.pk] = Outcome("changed", {field: before}, {field: _stored(customer, field)})
        changed.append(_Changed(customer, changes))
    if changed:
        store_columns([one.customer for one in changed], _names(field))
        copy_events([_event(one, by, setting, why, way) for one in changed])
        if place and field not in UNREAD:
            place_set_wise([one.customer.pk for one in changed], recomputed="edited")
        if field == "owner":
            tell_given(one.customer.pk for one in changed)
    return found


def lock_doable(ids: Iterable[int], by: User | None, verb: str) -> list[Customer]:
    """Lock the customers with whom `by` may do `verb`, in the order of their ids, and return them with their owners."""
    allowed = Customer.present.all() if by is None else doable(by, verb, Customer)
    rows = allowed.filter(pk__in=list(ids)).select_related("owner").order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def _columns(customer: Customer, field: str, value: object, fields: list[CustomField], setting: Setting) -> Given:
    if field == "owner":
        return {"owner": value}
    if not field.startswith("custom."):
        return clean({field: value}, (), setting.zone)
    own = {**customer.custom, field.removeprefix("custom."): value}
    return clean({"custom": own}, fields, setting.zone)


def _check_sensitive(guard: Guard, customer: Customer, columns: Given) -> None:
    if "kind" in columns or "custom" in columns:
        kind, own = columns.get("kind", customer.kind), columns.get("custom", customer.custom)
        guard.check(customer.pk, kind=kind, own=own, was=customer.kind, held=customer.custom)


def _apply(customer: Customer, columns: Given, setting: Setting) -> None:
    for name, value in columns.items():
        setattr(customer, name, value)
    customer.version += 1
    customer.updated_at = setting.now


def _names(field: str) -> list[str]:
    """Return the columns that a change of this field writes."""
    if field.startswith("custom."):
        return ["custom", "custom_folded"]
    folded = f"{field}_folded"
    return [field, folded] if hasattr(Customer, folded) else [field]


def store_columns(customers: Sequence[Customer], names: Iterable[str]) -> None:
    """Write these columns of many customers by one statement; their version and time with them."""
    columns = [Customer._meta.get_field(name).attname for name in (*names, "completeness", "version", "updated_at")]  # type: ignore[union-attr]
    listed, settings = ", ".join(columns), ", ".join(f"{name} = s.{name}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS changed_many")
        cursor.execute(
            f"CREATE TEMP TABLE changed_many ON COMMIT DROP AS SELECT id, {listed} FROM customers_customer LIMIT 0"  # noqa: S608  names of columns
        )
        with cursor.copy(f"COPY changed_many (id, {listed}) FROM STDIN") as copy:
            for customer in customers:
                copy.write_row([customer.pk, *(_cell(name, getattr(customer, name)) for name in columns)])
        cursor.execute(f"UPDATE customers_customer c SET {settings} FROM changed_many s WHERE c.id = s.id")  # noqa: S608  names of columns


def _cell(name: str, value: object) -> object:
    return Jsonb(value) if name in _JSON else value


def _event(one: _Changed, by: User | None, setting: Setting, why: _Why | None, way: Door) -> Row:
    version = one.customer.version
    owner = one.changes.get("owner")
    if owner is not None:
        data = {"from": owner[0], "to": owner[1], "version": version, **(why or {}).get(one.customer.pk, {})}
        return event(one.customer.pk, "owner.changed", data, by, setting, way=way)
    data = {"version": version, "changes": as_rows(one.changes)}
    return event(one.customer.pk, "customer.updated", data, by, setting)


def event(
    customer: int,
    kind: str,
    data: Mapping[str, object],
    by: User | None,
    setting: Setting,
    *,
    way: Door = Door.BULK,
) -> Row:
    """Return an event of this moment that is ready to be stored."""
    made = NewEvent(
        customer_id=customer,
        kind=kind,
        occurred_at=setting.now,
        actor_id=by.pk if by else None,
        source=way,
        data=data,
    )
    return checked(made, setting)


def _stored(customer: Customer, field: str) -> Any:  # noqa: ANN401  as JSON has it
    """Return the value of a field as a job keeps it."""
    if field == "owner":
        return customer.owner_id
    if field.startswith("custom."):
        return customer.custom.get(field.removeprefix("custom."))
    value = getattr(customer, field)
    return value.isoformat() if isinstance(value, date) else value


def _read(field: str, stored: object) -> object:
    return date.fromisoformat(str(stored)) if field in DAYS and stored else stored
