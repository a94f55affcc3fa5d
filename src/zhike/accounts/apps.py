"""The app of people and rights, and the built-in roles that every installation has."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "zhike.accounts"

    def ready(self) -> None:
        post_migrate.connect(_keep_roles, sender=self)


def _keep_roles(**_: object) -> None:
    """Have a row for each built-in role, also for those that a newer version brings along."""
    from zhike.accounts.actions import keep_built_in_roles  # noqa: PLC0415  models are not there earlier

    keep_built_in_roles()
