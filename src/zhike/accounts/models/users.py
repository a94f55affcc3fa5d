"""People who sign in."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models.roles import Role
from zhike.accounts.models.teams import Team


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail. People are made by `accounts.actions.add_user`."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().casefold())


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address, stored in lower case.

    Every session holds for one password and one `session_version`: a new number ends them all.
    An empty `timezone` is the company's.
    """

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "简体中文"
        ENGLISH = "en", "English"

    class Theme(models.TextChoices):
        AUTO = "auto", _("跟随系统")
        LIGHT = "light", _("浅色")
        DARK = "dark", _("深色")

    email = models.EmailField(_("邮箱"), max_length=254, unique=True)
    name = models.CharField(_("姓名"), max_length=100)
    role = models.ForeignKey(
        Role, models.PROTECT, verbose_name=_("角色"), default=Role.SALES, db_column="role", related_name="users"
    )
    team = models.ForeignKey(
        Team, models.PROTECT, verbose_name=_("团队"), null=True, blank=True, related_name="members"
    )
    language = models.CharField(_("语言"), max_length=16, choices=Language, default=Language.CHINESE)
    theme = models.CharField(_("外观"), max_length=8, choices=Theme, default=Theme.AUTO)
    timezone = models.CharField(_("时区"), max_length=64, blank=True)
    single_keys = models.BooleanField(_("单键快捷键"), default=True)
    is_active = models.BooleanField(_("在用"), default=True)
    session_version = models.PositiveIntegerField(default=1)
    last_seen_at = models.DateTimeField(_("最近使用"), null=True, blank=True)
    reset_mailed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("创建时间"), auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def role_key(self) -> str:
        """The key of the role, without asking for its row: what compares with `Role.ADMIN`."""
        return self.role_id or ""

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone in which this person reads the time of day; None is the company's."""
        return ZoneInfo(self.timezone) if self.timezone else None

    def get_short_name(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Say what a session must agree with; Django asks for it with each of its secrets."""
        agreed = f"{self.session_version}:{self.password}"
        return salted_hmac("zhike.accounts.session", agreed, secret=secret, algorithm="sha256").hexdigest()
