"""What a person may see and do: the one seam through which every door goes.

`visible` gives the rows, `readable_fields` the columns, `can` the verbs. Admins see all,
managers what their team owns, salespeople what they own themselves. Where the owner of a row
is found stands in one literal table, so that no app above needs to be imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from zhike.accounts.models import Role, User
from zhike.base.errors import Forbidden, NotFound

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model, QuerySet

    type Person = User | AnonymousUser

# Model label → the path from a row to the user who owns it; "" is the row itself.
OWNER_PATHS = {
    "accounts.User": "",
    "accounts.Session": "user",
    "accounts.Authenticator": "user",
    "accounts.RecoveryCode": "user",
    "accounts.Passkey": "user",
    "customers.Customer": "owner",
    "customers.Contact": "customer__owner",
    "timeline.Event": "customer__owner",
    "classification.CustomerFacts": "customer__owner",
    "classification.Placement": "customer__owner",
    "classification.Override": "customer__owner",
    "classification.Review": "customer__owner",
    "classification.Notification": "user",
    "classification.NotificationChoice": "user",
    "classification.Acknowledgement": "user",
    "classification.Handover": "giver",
}

# What everybody who signed in may read.
SHARED = frozenset(
    {
        "accounts.Company",
        "accounts.Team",
        "customers.CustomField",
        "classification.Scheme",
        "classification.SchemeVersion",
        "classification.Publication",
        "classification.QuarterCount",
        "classification.QuarterReview",
        "classification.BackTest",
        "classification.Sweep",
        "classification.InstalledPack",
    }
)

# Columns that nobody reads through a door.
HIDDEN = {
    "accounts.User": frozenset({"password"}),
    "accounts.Session": frozenset({"session_key", "session_data"}),
    "accounts.Authenticator": frozenset({"secret", "last_step"}),
    "accounts.RecoveryCode": frozenset({"digest"}),
    "accounts.Passkey": frozenset({"credential_id", "credential", "sign_count"}),
    "accounts.Invitation": frozenset({"digest"}),
}

_EVERYBODY = frozenset(Role)
_LEADERS = frozenset({Role.ADMIN, Role.MANAGER})
_ADMIN = frozenset({Role.ADMIN})

# (verb, model label) → the roles that may; what is not listed nobody may.
VERBS: dict[tuple[str, str], frozenset[Role]] = {
    ("create", "customers.Customer"): _EVERYBODY,
    ("change", "customers.Customer"): _EVERYBODY,
    ("assign", "customers.Customer"): _LEADERS,
    ("import", "customers.Customer"): _LEADERS,
    ("create", "customers.Contact"): _EVERYBODY,
    ("change", "customers.Contact"): _EVERYBODY,
    ("create", "customers.CustomField"): _LEADERS,
    ("create", "timeline.Event"): _EVERYBODY,
    ("change", "classification.Scheme"): _LEADERS,
    ("publish", "classification.Scheme"): _ADMIN,
    ("create", "classification.Override"): _EVERYBODY,
    ("change", "classification.Override"): _EVERYBODY,
    ("create", "classification.Review"): _EVERYBODY,
    ("change", "classification.Review"): _EVERYBODY,
    ("create", "classification.QuarterCount"): _EVERYBODY,
    ("change", "classification.QuarterCount"): _LEADERS,
    ("change", "classification.QuarterReview"): _LEADERS,
    ("change", "accounts.Company"): _ADMIN,
    ("create", "accounts.User"): _ADMIN,
    ("change", "accounts.User"): _ADMIN,
    ("create", "accounts.Team"): _ADMIN,
}


def visible[M: Model](user: Person, model: type[M]) -> QuerySet[M]:
    """Return the rows of `model` that `user` may see."""
    rows = model._default_manager.all()
    if not isinstance(user, User) or not user.is_active:
        return rows.none()
    if user.role == Role.ADMIN or model._meta.label in SHARED:
        return rows
    path = OWNER_PATHS.get(model._meta.label)
    if path is None:
        return rows.none()
    return rows.filter(_owned_by(user, path))


def _owned_by(user: User, path: str) -> Q:
    if user.role == Role.MANAGER and user.team_id is not None:
        return Q(**{f"{path or 'pk'}__in": user.team_ids})
    return Q(**{path or "pk": user.pk})


def sees_owner(user: Person, owner: User | None) -> bool:
    """Say whether `user` sees what `owner` owns: the answer of `visible` for a row at hand."""
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.role == Role.ADMIN:
        return True
    if owner is None:
        return False
    same_team = user.team_id is not None and owner.team_id == user.team_id
    return owner.pk == user.pk or (user.role == Role.MANAGER and same_team)


def readable_fields(user: Person, model: type[Model]) -> frozenset[str]:
    """Return the names of the columns of `model` that `user` may read."""
    label = model._meta.label
    readable = label in SHARED or label in OWNER_PATHS
    if not isinstance(user, User) or not user.is_active or not (readable or user.role == Role.ADMIN):
        return frozenset()
    names = frozenset(field.name for field in model._meta.concrete_fields)
    return names - HIDDEN.get(label, frozenset())


def can(user: Person, verb: str, obj: Model | type[Model]) -> bool:
    """Say whether `user` may do `verb` with this row, or with rows of this model at all."""
    if not isinstance(user, User) or not user.is_active:
        return False
    if verb != "view" and Role(user.role) not in VERBS.get((verb, obj._meta.label), frozenset()):
        return False
    if isinstance(obj, type) or obj.pk is None:
        return True
    return visible(user, type(obj)).filter(pk=obj.pk).exists()


def require(user: Person, verb: str, obj: Model | type[Model]) -> None:
    """Raise `NotFound` when the row may not be known, `Forbidden` when the verb is refused."""
    if can(user, verb, obj):
        return
    if not isinstance(obj, type) and not can(user, "view", obj):
        raise NotFound
    raise Forbidden


def get_visible[M: Model](user: Person, model: type[M], **where: object) -> M:
    """Return the one row that `user` may see, or raise `NotFound`."""
    found = visible(user, model).filter(**where).first()
    if found is None:
        raise NotFound
    return found
