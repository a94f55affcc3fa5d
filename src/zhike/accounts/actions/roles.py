"""Writes of the company's own roles. Nobody makes one that may more than they may themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from zhike.accounts.actions.people import change_person
from zhike.accounts.grants import VERBS
from zhike.accounts.models import FieldRight, Invitation, Role, RoleRight
from zhike.accounts.policy import require, rights_of, rights_of_role
from zhike.accounts.removals import on_role, require_place
from zhike.accounts.rights import Access, Rights
from zhike.accounts.roles import require_grantable
from zhike.audit.actions import record
from zhike.base.errors import Forbidden
from zhike.base.inputs import Invalid, line

if TYPE_CHECKING:
    from zhike.accounts.models import User
    from zhike.core.text import Text


@transaction.atomic
def copy_role(*, role: Role, label: Text, by: User) -> Role:
    """Make an own role that may what another may."""
    require(by, "create", Role)
    require_grantable(by, role.key)
    _lock()
    last = Role.objects.aggregate(last=Max("position"))["last"] or 0
    made = Role.objects.create(
        key=_free_key(),
        label_zh=line(label.zh, "label_zh", 100, required=True),
        label_en=line(label.en or label.zh, "label_en", 100),
        position=last + 1,
    )
    _write(made, rights_of_role(role.key))
    record("role.added", by=by, subject=("accounts.Role", made.key), data={"key": made.key})
    return made


@transaction.atomic
def change_role(*, role: Role, by: User, label: Text, rights: Rights) -> Role:
    """Say what an own role is called and may."""
    require(by, "change", Role)
    found = Role.objects.select_for_update().get(pk=role.pk)
    if found.is_builtin:
        raise Forbidden(
            "内置角色不能改，可以复制一个再改", "a built-in role cannot be changed: copy it and change that"
        )
    if found.pk == by.role_key:
        raise Forbidden("自己的角色请别人来改", "your own role is for somebody else to change")
    require_grantable(by, found.key)
    unknown = [f"{verb} {label}" for verb, label in rights.scopes if (verb, label) not in VERBS]
    if unknown:
        raise Invalid(f"没有这样的权限：{unknown[0]}", f"there is no right {unknown[0]}", path="rights")
    if not rights_of(by).covers(rights):
        raise Forbidden("不能给出你自己没有的权限", "you cannot give rights that you do not have yourself")
    before = rights_of_role(found.key)
    found.label_zh = line(label.zh, "label_zh", 100, required=True)
    found.label_en = line(label.en or label.zh, "label_en", 100)
    found.save(update_fields=["label_zh", "label_en"])
    if before != rights:
        found.rights.all().delete()
        found.field_rights.all().delete()
        _write(found, rights)
        data = {"key": found.key, "before": _told(before, rights), "after": _told(rights, before)}
        record("role.changed", by=by, subject=("accounts.Role", found.key), data=data)
    return found


@transaction.atomic
def remove_role(*, role: Role, by: User, to: Role | None = None) -> None:
    """Take an own role away; whoever has it gets `to`, and every session of theirs ends."""
    require(by, "delete", Role)
    found = Role.objects.select_for_update().get(pk=role.pk)
    if found.is_builtin:
        raise Forbidden("内置角色不能移除", "a built-in role cannot be removed")
    if found.pk == by.role_key:
        raise Forbidden("自己的角色请别人来移除", "your own role is for somebody else to remove")
    require_grantable(by, found.key)
    if to is not None:
        if to.pk == found.pk:
            raise Invalid("选另一个角色", "choose another role", path="to")
        require_grantable(by, to.key)
    hanging = on_role(found)
    require_place(hanging, is_named=to is not None)
    if to is not None:
        for person in found.users.select_related("team"):
            change_person(user=person, by=by, name=person.name, role=to.key, team=person.team)
        Invitation.objects.filter(role=found).update(role=to)
    data = {"key": found.key, "to": to.key if to else None, "counts": hanging.counts()}
    record("role.removed", by=by, subject=("accounts.Role", found.key), data=data)
    found.delete()


def _lock() -> None:
    """Let one at a time number a new role."""
    list(Role.objects.select_for_update().order_by("pk").values_list("pk"))


def _free_key() -> str:
    taken = set(Role.objects.values_list("key", flat=True))
    return next(key for number in range(1, len(taken) + 2) if (key := f"own_{number}") not in taken)


def _write(role: Role, rights: Rights) -> None:
    RoleRight.objects.bulk_create(
        RoleRight(role=role, object=label, verb=verb, scope=scope.key) for (verb, label), scope in rights.scopes.items()
    )
    FieldRight.objects.bulk_create(
        FieldRight(role=role, object=label, field=name, access=access.key)
        for (label, name), access in rights.fields.items()
        if access is not Access.WRITE
    )


def _told(rights: Rights, other: Rights) -> dict[str, str]:
    """Return what differs from other rights, as the log keeps it."""
    verbs = {
        f"{verb} {label}": s.key for (verb, label), s in rights.scopes.items() if other.scopes.get((verb, label)) != s
    }
    fields = {
        f"{label}.{name}": a.key for (label, name), a in rights.fields.items() if other.fields.get((label, name)) != a
    }
    return verbs | fields
