"""Writes about colleagues: their name, role and team, and whether they may sign in at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from zhike.accounts.actions import find_role
from zhike.accounts.actions.sessions import end_all
from zhike.accounts.models import Role, Team, User
from zhike.accounts.roles import require_charge, require_grantable
from zhike.audit.actions import record
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid, line

if TYPE_CHECKING:
    from django.db.models import QuerySet


@transaction.atomic
def change_person(*, user: User, by: User, name: str, role: str, team: Team | None) -> User:
    """Change a colleague. With another role every session of theirs ends: what they see is no longer the same."""
    found = _locked(user)
    require_charge(by, found)
    given = {"name": line(name, "name", 100, required=True), "role_id": role, "team_id": team.pk if team else None}
    before = {column: getattr(found, column) for column, value in given.items() if getattr(found, column) != value}
    if "role_id" in before:
        _check_role(found, find_role(role), by)
    if not before:
        return found
    for column, value in given.items():
        setattr(found, column, value)
    found.save(update_fields=["name", "team", "role"])
    # Names are of people: the log says that one changed, not from what.
    told = {column: value for column, value in before.items() if column != "name"}
    data = {"fields": sorted(before), "before": told, "after": {column: given[column] for column in told}}
    record("user.changed", by=by, subject=found, data=data)
    if "role_id" in before:
        _end(found, by, "role")
    return found


def _check_role(found: User, role: Role, by: User) -> None:
    if found.pk == by.pk:
        raise Forbidden("自己的角色请别的管理员来改", "another administrator changes your own role", path="role")
    require_grantable(by, role.key)
    _check_admin_stays(found)


@transaction.atomic
def deactivate(*, user: User, by: User) -> None:
    """Let a colleague in no more. Every session and every link that was sent ends; what they own stays for now,
    and what they were to do goes to others.
    """
    found = _locked(user)
    require_charge(by, found)
    if found.pk == by.pk:
        raise Invalid("不能停用自己，请别的管理员来做", "you cannot deactivate yourself: ask another administrator")
    if not found.is_active:
        return
    _check_admin_stays(found)
    found.is_active = False
    found.save(update_fields=["is_active"])
    record("user.deactivated", by=by, subject=found)
    for hook in settings.ZHIKE_ON_DEACTIVATED:
        import_string(hook)(found, by)
    _end(found, by, "deactivated")


@transaction.atomic
def reactivate(*, user: User, by: User) -> None:
    """Let a colleague in again, with the password they had."""
    found = _locked(user)
    require_charge(by, found)
    if not found.is_active:
        found.is_active = True
        found.save(update_fields=["is_active"])
        record("user.activated", by=by, subject=found)


def _end(found: User, by: User, why: str) -> None:
    if count := end_all(found):
        record("session.ended", by=by, subject=found, data={"count": count, "why": why})


def _locked(user: User) -> User:
    """Lock everybody who may administer, then this person: two who take leave of each other go one after the other."""
    list(_admins().order_by("pk").select_for_update())
    return User.objects.select_for_update().get(pk=user.pk)


def _admins() -> QuerySet[User]:
    return User.objects.filter(role_id=Role.ADMIN, is_active=True)


def _check_admin_stays(user: User) -> None:
    if user.role_key == Role.ADMIN and user.is_active and not _admins().exclude(pk=user.pk).exists():
        raise Conflict("至少要留一位管理员", "there must be an administrator left")
