from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssignmentConfig(AppConfig):
    name = "zhike.assignment"
    label = "assignment"
    verbose_name = _("分配")
