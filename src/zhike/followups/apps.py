from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FollowupsConfig(AppConfig):
    name = "zhike.followups"
    label = "followups"
    verbose_name = _("跟进")
