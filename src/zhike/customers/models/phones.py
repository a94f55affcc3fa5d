"""How far a telephone number can be trusted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PhoneState(models.TextChoices):
    """How far a telephone number can be trusted."""

    NONE = "", _("无")
    VALID = "valid", _("有效")
    UNVERIFIED = "unverified", _("待核实")
