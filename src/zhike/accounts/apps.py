"""The app of people and rights, and the built-in roles that every installation has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.apps import apps as everything
from django.db.models.signals import post_migrate

if TYPE_CHECKING:
    from django.apps.registry import Apps


class AccountsConfig(AppConfig):
    name = "zhike.accounts"

    def ready(self) -> None:
        post_migrate.connect(_keep_roles, sender=self)


def _keep_roles(*, apps: Apps = everything, **_: object) -> None:
    """Have a row for each built-in role, also for those that a newer version brings along."""
    if ("accounts", "role") not in {(model._meta.app_label, model._meta.model_name) for model in apps.get_models()}:
        return  # the tables were taken back to an earlier version
    from zhike.accounts.actions import keep_built_in_roles  # noqa: PLC0415  models are not there earlier

    keep_built_in_roles()
