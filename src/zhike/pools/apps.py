from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoolsConfig(AppConfig):
    name = "zhike.pools"
    label = "pools"
    verbose_name = _("公海")
