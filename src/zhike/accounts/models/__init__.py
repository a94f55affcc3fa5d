"""Users, teams and the company, and how people come in."""

from __future__ import annotations

from zhike.accounts.models.company import Company
from zhike.accounts.models.invitations import Invitation
from zhike.accounts.models.second_factors import Authenticator, Passkey, RecoveryCode
from zhike.accounts.models.sessions import Session
from zhike.accounts.models.sign_in import SignInFailure
from zhike.accounts.models.teams import Team
from zhike.accounts.models.users import Role, User

__all__ = [
    "Authenticator",
    "Company",
    "Invitation",
    "Passkey",
    "RecoveryCode",
    "Role",
    "Session",
    "SignInFailure",
    "Team",
    "User",
]
