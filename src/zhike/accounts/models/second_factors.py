"""What a person proves beside the password."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Authenticator(models.Model):
    """An app that shows a code of six digits which changes every half minute.

    `secret` is ciphertext. `last_step` is the half minute of the last code that was taken: no code
    counts twice. Until `confirmed_at` it is only being set up.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="authenticator")
    secret = models.CharField(max_length=300)
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"app of {self.user_id}"


class RecoveryCode(models.Model):
    """A code for the day on which the telephone is lost: good once, kept as its digest."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "digest"], name="one_recovery_code"),
        ]

    def __str__(self) -> str:
        return f"code of {self.user_id}"


class Passkey(models.Model):
    """A key that a person's device keeps, opened by a finger, a face or a PIN. Here is only its public half."""

    NAME_MAX = 60

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    name = models.CharField(_("名称"), max_length=NAME_MAX)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    credential = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name
