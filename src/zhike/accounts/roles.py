"""Which roles may what, and who may hand a role on: only those whom it exceeds in nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhike.accounts.models import RoleRight
from zhike.accounts.policy import BUILT_IN, CUSTOMER, require, rights_of, rights_of_role
from zhike.accounts.rights import Scope
from zhike.base.errors import Forbidden

if TYPE_CHECKING:
    from zhike.accounts.models import User


def roles_that_may(verb: str, label: str, *, at_least: Scope = Scope.OWN) -> list[str]:
    """Return the keys of the roles that may do `verb`, with at least so much."""
    built_in = [key for key, rights in BUILT_IN.items() if (rights.scope(verb, label) or 0) >= at_least]
    scopes = [scope.key for scope in Scope if scope >= at_least]
    own = RoleRight.objects.filter(verb=verb, object=label, scope__in=scopes)
    return [*built_in, *own.values_list("role", flat=True)]


def team_leaders() -> list[str]:
    """Return the roles that reach the others of a team, but not everybody."""
    return [
        role
        for role in roles_that_may("change", CUSTOMER, at_least=Scope.TEAM)
        if role not in roles_that_may("change", CUSTOMER, at_least=Scope.ALL)
    ]


def may_grant(user: User, role: str) -> bool:
    """Say whether this person may give, take or act for a role: only one that exceeds their own in nothing."""
    return rights_of(user).covers(rights_of_role(role))


def require_grantable(user: User, role: str) -> None:
    if not may_grant(user, role):
        raise Forbidden(
            "这个角色的权限比你自己的多，请有这些权限的人来做",
            "this role may do more than your own: ask somebody who has those rights",
        )


def require_charge(user: User, person: User) -> None:
    """Let only those decide about a colleague who may, and whom the colleague's role exceeds in nothing."""
    require(user, "change", person)
    require_grantable(user, person.role_key)
