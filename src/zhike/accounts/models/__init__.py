"""Users, teams, roles, what is shared, and the company, and how people come in."""

from __future__ import annotations

from zhike.accounts.models.company import Company
from zhike.accounts.models.invitations import Invitation
from zhike.accounts.models.roles import FieldRight, Role, RoleRight
from zhike.accounts.models.second_factors import Authenticator, Passkey, RecoveryCode
from zhike.accounts.models.sessions import Session
from zhike.accounts.models.shares import Share
from zhike.accounts.models.sign_in import SignInFailure
from zhike.accounts.models.teams import Team
from zhike.accounts.models.territories import Territory
from zhike.accounts.models.users import User

__all__ = [
    "Authenticator",
    "Company",
    "FieldRight",
    "Invitation",
    "Passkey",
    "RecoveryCode",
    "Role",
    "RoleRight",
    "Session",
    "Share",
    "SignInFailure",
    "Team",
    "Territory",
    "User",
]
