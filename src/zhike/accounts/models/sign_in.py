"""What is remembered of signing in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class SignInFailure(models.Model):
    """A refused attempt to sign in, kept for as long as it counts."""

    email = models.CharField(max_length=254)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="sign_in_failure_at")]

    def __str__(self) -> str:
        return f"{self.email} from {self.address}"
