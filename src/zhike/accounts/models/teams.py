"""Teams."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Team(models.Model):
    """A group of salespeople with their manager."""

    name = models.CharField(_("名称"), max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name
