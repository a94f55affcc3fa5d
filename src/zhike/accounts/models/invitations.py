"""People who are asked to join."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models.roles import Role
from zhike.accounts.models.teams import Team


class Invitation(models.Model):
    """An address that may become a person, with the role and team that were chosen for it.

    Of the token in the link there is only the digest; renewing draws another and ends the first.
    """

    email = models.EmailField(_("邮箱"), max_length=254, unique=True)
    name = models.CharField(_("姓名"), max_length=100)
    role = models.ForeignKey(Role, models.PROTECT, verbose_name=_("角色"), related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, verbose_name=_("团队"), null=True, blank=True, related_name="+")
    language = models.CharField(_("语言"), max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("有效期至"))

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="invitation_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.email
