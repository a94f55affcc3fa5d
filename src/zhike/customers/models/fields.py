"""The company's own fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core.facts import FieldType
from zhike.customers.models.customers import Customer

if TYPE_CHECKING:
    from zhike.core.text import Language


class FieldSection(models.Model):
    """A heading under which own fields stand together. What has none stands first."""

    LABEL_MAX = 60

    label_zh = models.CharField(_("中文名称"), max_length=LABEL_MAX)
    label_en = models.CharField(_("英文名称"), max_length=LABEL_MAX)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.label_zh

    def label(self, language: Language) -> str:
        return self.label_en if language == "en" else self.label_zh


class CustomField(models.Model):
    """A field of the company's own: ``custom.<key>``. Neither `key` nor `type` nor `format` ever changes.

    `type` is what conditions compare, `format` how people write and read it: an amount is an integer of
    minor units, a telephone number, an address, a colleague and a customer are texts. `default` is a
    stored value that the form of a new customer begins with. A retired field keeps its values and is
    offered nowhere. What is sensitive of a person is only written with their separate consent.
    """

    KEY_MAX = 64
    LABEL_MAX = 100
    HELP_MAX = 200

    class Type(models.TextChoices):
        TEXT = FieldType.TEXT.value, _("文本")
        CHOICE = FieldType.CHOICE.value, _("选项")
        INTEGER = FieldType.INTEGER.value, _("整数")
        DECIMAL = FieldType.DECIMAL.value, _("小数")
        BOOL = FieldType.BOOL.value, _("是/否")
        DATE = FieldType.DATE.value, _("日期")
        DATETIME = FieldType.DATETIME.value, _("时间")
        SET = FieldType.SET.value, _("多选")

    class Format(models.TextChoices):
        PLAIN = "", _("按类型")
        LONG = "long", _("多行文本")
        MONEY = "money", _("金额")
        PHONE = "phone", _("电话")
        EMAIL = "email", _("邮箱")
        URL = "url", _("网址")
        PERSON = "person", _("同事")
        CUSTOMER = "customer", _("客户")

    key = models.CharField(_("标识"), max_length=KEY_MAX, unique=True)
    type = models.CharField(_("类型"), max_length=16, choices=Type)
    format = models.CharField(_("写法"), max_length=16, choices=Format, blank=True, default=Format.PLAIN)
    label_zh = models.CharField(_("中文名称"), max_length=LABEL_MAX)
    label_en = models.CharField(_("英文名称"), max_length=LABEL_MAX)
    # [{"key": …, "zh": …, "en": …}] in the order in which they are shown: an object would lose it.
    # One that is no longer offered says "retired": true.
    choices = models.JSONField(_("选项"), default=list, blank=True)
    kind = models.CharField(_("适用于"), max_length=8, choices=Customer.Kind, blank=True)
    is_required = models.BooleanField(_("必填"), default=False)
    is_sensitive = models.BooleanField(_("敏感个人信息"), default=False)
    default = models.JSONField(_("默认值"), null=True, blank=True)
    help_zh = models.CharField(_("中文说明"), max_length=HELP_MAX, blank=True)
    help_en = models.CharField(_("英文说明"), max_length=HELP_MAX, blank=True)
    section = models.ForeignKey(
        FieldSection, models.SET_NULL, verbose_name=_("分组"), null=True, blank=True, related_name="fields"
    )
    position = models.PositiveIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.label_zh

    @property
    def name(self) -> str:
        """What conditions, columns, forms and the history call it."""
        return f"custom.{self.key}"

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    def label(self, language: Language) -> str:
        return self.label_en if language == "en" else self.label_zh

    def help(self, language: Language) -> str:
        return self.help_en if language == "en" else self.help_zh

    def is_for(self, kind: str) -> bool:
        """Say whether customers of this kind have it; one of unknown kind has all."""
        return not self.kind or not kind or self.kind == kind
