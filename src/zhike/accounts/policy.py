"""What a person may see and do: the one seam through which every door goes.

`visible` gives the rows, `field_access` the columns, `can` the verbs. A role gives each verb a scope:
one's own records, the team's, the tree's below it, or all; territories and shares add to that. Where
the owner of a row is found stands in `holdings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from django.apps import apps
from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from zhike.accounts.field_access import Closed, FieldAccess
from zhike.accounts.grants import (
    ALSO_SEEN,
    FIELDS,
    HIDDEN,
    OFFERED,
    OWNER_PATHS,
    SEES,
    SHARED,
    VERBS,
)
from zhike.accounts.models import FieldRight, RoleRight, User
from zhike.accounts.reach import Reach, more_customers, reach_of
from zhike.accounts.rights import Access, Rights, Scope
from zhike.accounts.sharing import SHARED_ROWS, may_change_shared, shared_with
from zhike.base.errors import Forbidden, NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model, QuerySet

    type Person = User | AnonymousUser

CUSTOMER = "customers.Customer"
# In the bin a customer has no facts and stands in no class: these rows need not be asked about it.
_NEVER_IN_BIN = frozenset({"classification.CustomerFacts", "classification.Placement"})
PERSON = "accounts.User"


class Ground(NamedTuple):
    """Why somebody reaches a customer: ``all``, ``owner``, ``team``, ``tree``, ``share`` or ``territory`` with its name."""

    kind: str
    name: str = ""


def rights_of(user: User) -> Rights:
    """Return all that the person's role may, asked for once as long as `user` lives."""
    kept: Rights | None = user.__dict__.get("_rights")
    if kept is None:
        kept = user.__dict__["_rights"] = rights_of_role(user.role_key)
    return kept


def rights_of_role(key: str) -> Rights:
    """Return all that a role may."""
    return rights_of_roles([key])[key]


def rights_of_roles(keys: Iterable[str]) -> dict[str, Rights]:
    """Return what these and the built-in roles may: the latter is no row, so that it grows with the program."""
    own: dict[str, Rights] = {key: Rights({}, {}) for key in keys if key not in BUILT_IN}
    verbs = RoleRight.objects.filter(role__in=own) if own else ()
    limits = FieldRight.objects.filter(role__in=own) if own else ()
    for right in verbs:
        own[right.role_id].scopes[right.verb, right.object] = Scope[right.scope.upper()]
    for limit in limits:
        own[limit.role_id].fields[limit.object, limit.field] = Access[limit.access.upper()]
    return {**BUILT_IN, **own}


BUILT_IN: dict[str, Rights] = {
    role: Rights({key: whose[role] for key, whose in VERBS.items() if role in whose}, FIELDS.get(role, {}))
    for role in SEES
}


def visible[M: Model](user: Person, model: type[M]) -> QuerySet[M]:
    """Return the rows of `model` that `user` may see."""
    rows = _present(model._default_manager.all())
    if not _is_in(user):
        return rows.none()
    if model._meta.label in SHARED_ROWS:
        return rows.filter(shared_with(user, scope_of(user, "publish", model)))
    if model._meta.label in SHARED:
        return rows
    scope = scope_of(user, "view", model)
    if scope is None:
        return rows.none()
    return _within(rows, user, scope, write=False)


def doable[M: Model](user: Person, verb: str, model: type[M]) -> QuerySet[M]:
    """Return the rows of `model` that `user` may see and may do `verb` with."""
    return _allowed(user, verb, visible(user, model))


def offered[M: Model](user: Person, model: type[M]) -> QuerySet[M]:
    """Return the rows of `model` about customers whom nobody owns and `user` may claim: customers, and their classes.

    They are not `visible`, so that no list, search, file or page has them: only who asks for them here shows them, and
    of their fields no more than `offered_access` leaves. What hangs on such a customer is not told at all.
    """
    if not _is_in(user) or model._meta.label not in OFFERED or rights_of(user).scope("claim", CUSTOMER) is None:
        return model._default_manager.none()
    where = Q(pk__in=())
    for offers in settings.ZHIKE_OFFERS:
        where |= import_string(offers)(user)
    customers = _present(apps.get_model(CUSTOMER)._default_manager.filter(where, owner=None))
    if model._meta.label == CUSTOMER:
        return customers
    return model._default_manager.filter(customer__in=customers.values("pk"))


def offered_access(user: Person, model: type[Model], *, shown: Collection[str], masked: Collection[str]) -> FieldAccess:
    """Return how much of each field of a customer this person has before claiming them.

    Of `shown` what their role has, of those that are `masked` a mask; of all others nothing. Nothing is written.
    """
    own = field_access(user, model)
    most = {**dict.fromkeys(shown, Access.READ), **dict.fromkeys(masked, Access.MASKED)}
    return Closed(model, {name: min(own[name], access) for name, access in most.items()})


def binned[M: Model](user: Person, model: type[M]) -> QuerySet[M]:
    """Return the customers in the bin whom `user` may fetch back: those whom they might delete."""
    return _allowed(user, "delete", model._default_manager.filter(deleted_at__isnull=False, merged_into=None))


def _allowed[M: Model](user: Person, verb: str, rows: QuerySet[M], model: type[Model] | None = None) -> QuerySet[M]:
    """Keep the rows with which this person may do `verb`; of customers, those with whose rows of `model`."""
    scope = scope_of(user, verb, model or rows.model)
    if scope is None or not _is_in(user):
        return rows.none()
    return _within(rows, user, scope, write=verb != "view")


def _present[M: Model](rows: QuerySet[M]) -> QuerySet[M]:
    """Leave out the customers in the bin, and what is about them.

    They are few and asked for by an index of their own, so that whoever counts events need not join them.
    """
    to_customer = _customer_path(rows.model._meta.label)
    if to_customer is None or rows.model._meta.label in _NEVER_IN_BIN:
        return rows
    if not to_customer:
        return rows.filter(deleted_at=None, erased_at=None)  # what is left of an erased one is for the statistics
    gone = apps.get_model(CUSTOMER)._default_manager.filter(deleted_at__isnull=False).values("pk")
    return rows.exclude(**{f"{to_customer.removesuffix('__')}__in": gone})


def scope_of(user: Person, verb: str, model: type[Model]) -> Scope | None:
    """Return whose rows of `model` this person may do `verb` with, or `None` when nobody's."""
    label = model._meta.label
    if not _is_in(user):
        return None
    if verb != "view":
        return rights_of(user).scope(verb, label)
    if label in SHARED:
        return Scope.ALL
    if label not in OWNER_PATHS:
        return rights_of(user).scope("read", label)  # what nobody owns is seen whole, by right
    return rights_of(user).scope("view", PERSON if _customer_path(label) is None else CUSTOMER)


def sees_all(user: Person, model: type[Model]) -> bool:
    """Say whether this person sees every row of `model`."""
    return scope_of(user, "view", model) is Scope.ALL


def sees_others(user: Person, model: type[Model]) -> bool:
    """Say whether this person's role shows them more than what is their own."""
    scope = scope_of(user, "view", model)
    return scope is not None and scope > Scope.OWN


def _is_in(user: Person) -> TypeGuard[User]:
    return isinstance(user, User) and user.is_active


def _customer_path(label: str) -> str | None:
    """Return what leads from a row of this model to its customer; ``""`` when it is one."""
    path = OWNER_PATHS.get(label, "")
    if label == CUSTOMER:
        return ""
    return path.removesuffix("owner") if path.endswith("customer__owner") else None


def _within[M: Model](rows: QuerySet[M], user: User, scope: Scope, *, write: bool) -> QuerySet[M]:
    """Keep the rows that a scope reaches, and what was shared or lies in a territory."""
    if scope is Scope.ALL:
        return rows
    label = rows.model._meta.label
    to_customer = _customer_path(label)
    reach = reach_of(user)
    path = OWNER_PATHS.get(label)
    if path is None:
        return rows
    owned = Q(**{f"{path or 'pk'}__in": reach.people(scope)})
    if to_customer is None:
        return rows.filter(owned | _also(user, label, write=write)) if label in ALSO_SEEN else rows.filter(owned)
    more = more_customers(reach, write=write)
    if not more:
        return rows.filter(owned)
    if not to_customer:
        return rows.filter(owned | more)
    # Asked of the customers alone: of an alternative across two tables the database could use no index.
    customers = apps.get_model(CUSTOMER)._default_manager
    reached = customers.filter(Q(owner__in=reach.people(scope)) | more).values("pk")
    return rows.filter(**{f"{to_customer.removesuffix('__')}__in": reached})


def _also(user: User, label: str, *, write: bool) -> Q:
    """Keep the rows that somebody reaches though they are another's."""
    also = ALSO_SEEN[label]
    customers = apps.get_model(CUSTOMER)._default_manager.all()
    reached = _allowed(user, "change" if write else "view", customers)
    found = Q(**{also.maker: user.pk}) | Q(**{f"{also.customer}__in": reached.values("pk")})
    if write:
        return found
    model, row, person = also.followed
    return found | Q(pk__in=apps.get_model(model)._default_manager.filter(**{person: user.pk}).values(row))


def sees_owner(user: Person, owner: User | None, row: Model | None = None) -> bool:
    """Say whether `user` sees what `owner` owns: the answer of `visible` for a row at hand.

    Of a customer, given as `row`, it answers also by shares and territories.
    """
    return _is_in(user) and bool(grounds(user, "view", row, owner_id=owner.pk if owner else None))


def grounds(
    user: User, verb: str, row: Model | None, *, owner_id: int | None, reach: Reach | None = None
) -> list[Ground]:
    """Return by what `user` may do `verb` with a customer at hand: the role, people, shares, territories; else nothing."""
    scope = rights_of(user).scope(verb, CUSTOMER)
    if scope is None:
        return []
    if scope is Scope.ALL:
        return [Ground("all")]
    found: list[Ground] = []
    reach = reach or reach_of(user)
    if owner_id is not None and owner_id in reach.people(scope):
        found.append(Ground("owner" if owner_id == user.pk else scope.key))
    if row is None:
        return found
    if row.pk in reach.rows(CUSTOMER, write=verb != "view"):
        found.append(Ground("share"))
    place = (row.region_folded, row.city_folded, row.industry_folded)  # type: ignore[attr-defined]  # a customer
    found += [Ground("territory", area.name) for area in reach.areas if area.holds(*place)]
    return found


def can(user: Person, verb: str, obj: Model | type[Model]) -> bool:
    """Say whether `user` may do `verb` with this row, or with rows of this model at all.

    What is not saved yet is asked of the customer on which it will hang.
    """
    if not _is_in(user):
        return False
    model = obj if isinstance(obj, type) else type(obj)
    scope = scope_of(user, verb, model)
    if scope is None:
        return False
    if isinstance(obj, type):
        return True
    if obj.pk is None:
        return _may_add(user, verb, obj)
    rows = visible(user, model)
    if model._meta.label in SHARED_ROWS:
        found = rows.filter(pk=obj.pk).exists()
        publishes = scope_of(user, "publish", model)
        return found and (verb == "view" or may_change_shared(user, obj, publishes))  # type: ignore[arg-type]
    if verb != "view" and model._meta.label not in SHARED:
        rows = _within(rows, user, scope, write=True)
    return rows.filter(pk=obj.pk).exists()


def _may_add(user: User, verb: str, obj: Model) -> bool:
    customer = getattr(obj, "customer", None) if _customer_path(obj._meta.label) else None
    if customer is None:
        return True
    return _allowed(user, verb, visible(user, type(customer)), type(obj)).filter(pk=customer.pk).exists()


def require(user: Person, verb: str, obj: Model | type[Model]) -> None:
    """Raise `NotFound` when the row may not be known, `Forbidden` when the verb is refused."""
    if can(user, verb, obj):
        return
    known = obj
    if not isinstance(obj, type) and obj.pk is None:
        known = getattr(obj, "customer", None) or type(obj)
    if not isinstance(known, type) and not can(user, "view", known):
        raise NotFound
    raise Forbidden


def get_visible[M: Model](user: Person, model: type[M], **where: object) -> M:
    """Return the one row that `user` may see, or raise `NotFound`."""
    found = visible(user, model).filter(**where).first()
    if found is None:
        raise NotFound
    return found


def readable_fields(user: Person, model: type[Model]) -> frozenset[str]:
    """Return the names of the columns of `model` that `user` may read in full."""
    names = {field.name for field in model._meta.concrete_fields}
    return frozenset(name for name in names if access_to(user, model, name) >= Access.READ)


def field_access(user: Person, model: type[Model]) -> FieldAccess:
    """Return how much of each field of `model` this person has; the company's own are ``custom.<key>``.

    Of one's own fields no query is made unless they are listed.
    """
    label = model._meta.label
    if not _is_in(user) or (label not in SHARED and label not in OWNER_PATHS):
        return FieldAccess(model, Access.HIDDEN, {})
    rights = rights_of(user)
    may_write = any(rights.scope(verb, label) for verb in ("change", "create"))
    named = {name: access for (of, name), access in rights.fields.items() if of == label}
    named |= dict.fromkeys(HIDDEN.get(label, ()), Access.HIDDEN)
    return FieldAccess(model, Access.WRITE if may_write else Access.READ, named)


def access_to(user: Person, model: type[Model], field: str) -> Access:
    """Return how much of one field this person has."""
    return field_access(user, model)[field]


def redacted[M: Model](user: Person, row: M) -> M:
    """Return the row as this person may read it: the row itself, or a copy for pages that cannot be saved."""
    return field_access(user, type(row)).redacted(row)


def shown(user: Person, model: type[Model], field: str, value: object) -> object:
    """Return what this person may read of a value: the value, its mask, or `None`."""
    return field_access(user, model).shown(field, value)
