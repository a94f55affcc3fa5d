"""Lists of customers that people keep: whom they show, with which columns, in which order."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.accounts.sharing import Reach


class SavedView(models.Model):
    """A condition over customers under a name, and how the list that it gives is laid out.

    `where` is the condition as data, `{"version": 1, "where": node}`. `columns` are `[{"key": …, "width": …}]`
    in their order, none for the usual ones. `sort` and `group` are as the address of the list has them.
    `is_pinned` says whether it stands at the side of whoever asked for it.
    """

    is_pinned = False

    NAME_MAX = 40

    class Layout(models.TextChoices):
        TABLE = "table", _("表格")
        BOARD = "board", _("看板")

    name = models.CharField(_("名称"), max_length=NAME_MAX)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reach = models.CharField(_("谁能用"), max_length=8, choices=Reach, default=Reach.MINE)
    team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="+")
    where = models.JSONField()
    columns = models.JSONField(default=list, blank=True)
    sort = models.CharField(max_length=80, blank=True)
    group = models.CharField(max_length=64, blank=True)
    layout = models.CharField(max_length=8, choices=Layout, default=Layout.TABLE)
    version = models.PositiveIntegerField(default=1)
    form_key = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["form_key"], condition=models.Q(form_key__isnull=False), name="view_once_per_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ViewPin(models.Model):
    """A view that a person keeps at the side, in their own order."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, models.CASCADE, related_name="pins")
    position = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "view"], name="one_pin_a_view")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.view_id}"


class ListColumns(models.Model):
    """The columns that a person has chosen for one view, or for the list without a view."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    view = models.ForeignKey(SavedView, models.CASCADE, null=True, blank=True, related_name="+")
    columns = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "view"], nulls_distinct=False, name="one_choice_a_list"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.view_id}"
