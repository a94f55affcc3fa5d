"""The dictionary of tags."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Tag(models.Model):
    """A tag as the company writes it. `name` is what stands at the customers; it is compared folded."""

    class Tone(models.TextChoices):
        INK = "ink", _("墨")
        AZURITE = "azurite", _("石青")
        MALACHITE = "malachite", _("石绿")
        GAMBOGE = "gamboge", _("藤黄")
        OCHRE = "ochre", _("赭石")
        CINNABAR = "cinnabar", _("朱砂")
        CARMINE = "carmine", _("胭脂")
        WISTERIA = "wisteria", _("藤紫")

    NAME_MAX = 100
    DEFINITION_MAX = 500

    name = models.CharField(_("名称"), max_length=NAME_MAX)
    name_folded = models.TextField(unique=True, editable=False)
    name_en = models.CharField(_("英文名称"), max_length=NAME_MAX, blank=True)
    definition = models.CharField(_("什么时候用"), max_length=DEFINITION_MAX, blank=True)
    tone = models.CharField(_("颜色"), max_length=12, choices=Tone, default=Tone.INK)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("谁负责")
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering: ClassVar = ["name_folded"]

    def __str__(self) -> str:
        return self.name
