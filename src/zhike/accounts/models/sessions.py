"""Who is signed in where."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase


class Session(AbstractBaseSession):
    """A browser that holds a session. Of its key there is only the digest, so a copy of the database opens nothing.

    `user` is empty while somebody is only on the way in.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="sessions")
    address = models.CharField(_("地址"), max_length=64, blank=True)
    agent = models.CharField(_("设备"), max_length=300, blank=True)
    started_at = models.DateTimeField(_("登录时间"))
    last_seen_at = models.DateTimeField(_("最近使用"))

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "-last_seen_at"], name="session_of_user"),
        ]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from zhike.accounts.sessions import SessionStore  # noqa: PLC0415  it reads this model

        return SessionStore

    def __str__(self) -> str:
        return f"{self.user_id} from {self.address}"
