"""Roles: sets of rights. What the built-in ones may stands in `policy`, what the company's own may in rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.errors import current_language

if TYPE_CHECKING:
    from zhike.core.text import Language


class Role(models.Model):
    """A set of rights under a name. The built-in ones never change: a company copies one to make its own."""

    ADMIN: ClassVar = "admin"
    MANAGER: ClassVar = "manager"
    SALES: ClassVar = "sales"
    MARKETING: ClassVar = "marketing"
    SERVICE: ClassVar = "service"
    FINANCE: ClassVar = "finance"
    AUDITOR: ClassVar = "auditor"

    KEY_MAX = 32

    key = models.CharField(_("标识"), max_length=KEY_MAX, primary_key=True)
    label_zh = models.CharField(_("中文名称"), max_length=100)
    label_en = models.CharField(_("英文名称"), max_length=100)
    is_builtin = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "key"]

    def __str__(self) -> str:
        return self.label(current_language())

    def label(self, language: Language) -> str:
        return self.label_zh if language == "zh" else self.label_en


class RoleRight(models.Model):
    """One verb that an own role may do with one kind of record, and with whose."""

    class Scope(models.TextChoices):
        OWN = "own", _("自己的")
        TEAM = "team", _("本团队")
        TREE = "tree", _("本团队和下级")
        ALL = "all", _("全部")

    role = models.ForeignKey(Role, models.CASCADE, related_name="rights", db_index=False)
    object = models.CharField(max_length=64)
    verb = models.CharField(max_length=16)
    scope = models.CharField(max_length=8, choices=Scope)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["role", "object", "verb"], name="role_right_once")]

    def __str__(self) -> str:
        return f"{self.role_id}: {self.verb} {self.object} ({self.scope})"


class FieldRight(models.Model):
    """How much of one field an own role has, where that is less than its verbs would give."""

    class Access(models.TextChoices):
        HIDDEN = "hidden", _("不显示")
        MASKED = "masked", _("部分隐去")
        READ = "read", _("只读")
        WRITE = "write", _("可修改")

    role = models.ForeignKey(Role, models.CASCADE, related_name="field_rights", db_index=False)
    object = models.CharField(max_length=64)
    field = models.CharField(max_length=80)
    access = models.CharField(max_length=8, choices=Access)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["role", "object", "field"], name="field_right_once")]

    def __str__(self) -> str:
        return f"{self.role_id}: {self.object}.{self.field} ({self.access})"
