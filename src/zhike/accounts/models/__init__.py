"""Users, teams, roles, what is shared, and the company."""

from __future__ import annotations

from zhike.accounts.models.company import Company
from zhike.accounts.models.roles import FieldRight, Role, RoleRight
from zhike.accounts.models.shares import Share
from zhike.accounts.models.sign_in import SignInFailure
from zhike.accounts.models.teams import Team
from zhike.accounts.models.territories import Territory
from zhike.accounts.models.users import User

__all__ = [
    "Company",
    "FieldRight",
    "Role",
    "RoleRight",
    "Share",
    "SignInFailure",
    "Team",
    "Territory",
    "User",
]
