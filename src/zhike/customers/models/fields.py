"""The company's own fields."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core.facts import FieldType


class CustomField(models.Model):
    """A field of the company's own: ``custom.<key>``."""

    KEY_MAX = 64

    class Type(models.TextChoices):
        TEXT = FieldType.TEXT.value, _("文本")
        CHOICE = FieldType.CHOICE.value, _("选项")
        INTEGER = FieldType.INTEGER.value, _("整数")
        DECIMAL = FieldType.DECIMAL.value, _("小数")
        BOOL = FieldType.BOOL.value, _("是/否")
        DATE = FieldType.DATE.value, _("日期")
        DATETIME = FieldType.DATETIME.value, _("时间")
        SET = FieldType.SET.value, _("多选")

    key = models.CharField(_("标识"), max_length=KEY_MAX, unique=True)
    type = models.CharField(_("类型"), max_length=16, choices=Type)
    label_zh = models.CharField(_("中文名称"), max_length=100)
    label_en = models.CharField(_("英文名称"), max_length=100)
    # [{"key": …, "zh": …, "en": …}] in the order in which they are shown: an object would lose it.
    choices = models.JSONField(_("选项"), default=list, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.label_zh
