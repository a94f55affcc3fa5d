"""Writes about colleagues: their name, role and team, and whether they may sign in at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.actions.sessions import end_all
from zhike.accounts.models import Role, Team, User
from zhike.accounts.policy import require
from zhike.accounts.queries import assignable_roles
from zhike.base.errors import Conflict, Forbidden
from zhike.base.inputs import Invalid, line

if TYPE_CHECKING:
    from django.db.models import QuerySet


@transaction.atomic
def change_person(*, user: User, by: User, name: str, role: str, team: Team | None) -> User:
    """Change a colleague. With another role every session of theirs ends: what they see is no longer the same."""
    require(by, "change", user)
    found = _locked(user)
    if role != found.role:
        if role not in dict(assignable_roles(by)):
            raise Forbidden("你不能给这个角色", "You may not give this role")
        if found.pk == by.pk:
            raise Invalid("自己的角色请别的管理员来改", "another administrator changes your own role", path="role")
        _check_admin_stays(found)
    found.name, found.team = line(name, "name", 100, required=True), team
    is_other, found.role = role != found.role, role
    found.save(update_fields=["name", "team", "role"])
    if is_other:
        end_all(found)
    return found


@transaction.atomic
def deactivate(*, user: User, by: User) -> None:
    """Let a colleague in no more. Every session and every link that was sent ends; what they own stays for now."""
    require(by, "change", user)
    found = _locked(user)
    if found.pk == by.pk:
        raise Invalid("不能停用自己，请别的管理员来做", "you cannot deactivate yourself: ask another administrator")
    if not found.is_active:
        return
    _check_admin_stays(found)
    found.is_active = False
    found.save(update_fields=["is_active"])
    end_all(found)


@transaction.atomic
def reactivate(*, user: User, by: User) -> None:
    """Let a colleague in again, with the password they had."""
    require(by, "change", user)
    found = _locked(user)
    if not found.is_active:
        found.is_active = True
        found.save(update_fields=["is_active"])


def _locked(user: User) -> User:
    """Lock everybody who may administer, then this person: two who take leave of each other go one after the other."""
    list(_admins().order_by("pk").select_for_update())
    return User.objects.select_for_update().get(pk=user.pk)


def _admins() -> QuerySet[User]:
    return User.objects.filter(role=Role.ADMIN, is_active=True)


def _check_admin_stays(user: User) -> None:
    if user.role == Role.ADMIN and user.is_active and not _admins().exclude(pk=user.pk).exists():
        raise Conflict("至少要留一位管理员", "there must be an administrator left")
