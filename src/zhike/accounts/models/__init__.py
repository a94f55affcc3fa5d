"""Users, teams and the company."""

from __future__ import annotations

from zhike.accounts.models.company import Company
from zhike.accounts.models.sign_in import SignInFailure
from zhike.accounts.models.teams import Team
from zhike.accounts.models.users import Role, User

__all__ = ["Company", "Role", "SignInFailure", "Team", "User"]
