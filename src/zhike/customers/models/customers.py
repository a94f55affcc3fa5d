"""Customers: companies and persons."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.customers.models.phones import PhoneState

# Neither in the bin nor erased.
PRESENT = models.Q(deleted_at=None, erased_at=None)
# Whoever looks through thousands in order for the fifty who fit finds these beside the order, without opening a row.
# More would not fit: an entry of an index holds 2,700 bytes.
ASKED_OF_MANY = ("owner", "city_folded", "region_folded", "size", "kind")


class PresentManager(models.Manager["Customer"]):
    """The customers who neither lie in the bin nor were erased."""

    def get_queryset(self) -> models.QuerySet[Customer]:
        return super().get_queryset().filter(PRESENT)


class Customer(models.Model):
    """A company or a person, one record through its whole life.

    Conditions compare the `*_folded` columns, lists sort by `name_key`, search reads the `SearchText`
    beside it, `completeness` is the share of what is asked for, in per cent. The actions keep them in step.
    `form_key` is drawn by the form
    that made the record; `is_repeat` marks a record that is given back because its form was sent again.
    With `deleted_at` it lies in the bin, or was `merged_into` another one and leads there, with `erased_at` nothing is left of the person: whoever goes through all customers takes those `present`.
    """

    is_repeat = False

    class Kind(models.TextChoices):
        COMPANY = "company", _("企业")
        PERSON = "person", _("个人")

    class Size(models.TextChoices):
        MICRO = "micro", _("微型")
        SMALL = "small", _("小型")
        MEDIUM = "medium", _("中型")
        LARGE = "large", _("大型")

    NAME_MAX = 200
    TEXT_MAX = 100
    WORDS_MAX = 200

    key = models.CharField(_("编号"), max_length=100, unique=True, null=True, blank=True)
    kind = models.CharField(_("客户性质"), max_length=8, choices=Kind, blank=True)
    name = models.CharField(_("名称"), max_length=NAME_MAX)
    name_folded = models.TextField(editable=False)
    name_key = models.CharField(max_length=255, editable=False, db_collation="C")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("负责人"),
        null=True,
        blank=True,
        related_name="customers",
        db_index=False,  # customer_owned begins with it
    )
    region = models.CharField(_("区域"), max_length=TEXT_MAX, blank=True)
    region_folded = models.TextField(blank=True, editable=False)
    city = models.CharField(_("城市"), max_length=TEXT_MAX, blank=True)
    city_folded = models.TextField(blank=True, editable=False)
    industry = models.CharField(_("行业"), max_length=TEXT_MAX, blank=True)
    industry_folded = models.TextField(blank=True, editable=False)
    source = models.CharField(_("来源"), max_length=TEXT_MAX, blank=True)
    source_folded = models.TextField(blank=True, editable=False)
    size = models.CharField(_("规模"), max_length=8, choices=Size, blank=True)
    birthday = models.DateField(_("生日"), null=True, blank=True)
    created_on = models.DateField(_("建档日期"), null=True, blank=True)
    tags = ArrayField(models.CharField(max_length=TEXT_MAX), verbose_name=_("标签"), default=list, blank=True)
    tags_folded = ArrayField(models.TextField(), default=list, editable=False)
    custom = models.JSONField(_("自定义字段"), default=dict, blank=True)
    custom_folded = models.JSONField(default=dict, editable=False)
    phone = models.CharField(_("电话"), max_length=32, blank=True)
    phone_state = models.CharField(max_length=12, choices=PhoneState, blank=True, default=PhoneState.NONE)
    email = models.EmailField(_("邮箱"), max_length=254, blank=True)
    next_contact_on = models.DateField(_("下次联系"), null=True, blank=True)
    # The day that follows from what is to be done for them. Where it is another than the one above, a person chose that.
    planned_contact_on = models.DateField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(_("删除时间"), null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )
    # Whoever refuses to be classified automatically stands in no class but those that people set.
    no_profiling = models.BooleanField(_("不作自动分类"), default=False, editable=False)
    # Merged into another record, this one lies in no bin: it is behind no door but as that other one.
    merged_into = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, editable=False, related_name="merged", db_index=False
    )
    # What is left of somebody who was erased: a row without a person, for the statistics.
    erased_at = models.DateTimeField(null=True, editable=False)
    preferences = models.CharField(_("偏好"), max_length=WORDS_MAX, blank=True)
    campaign = models.CharField(_("市场活动"), max_length=TEXT_MAX, blank=True)
    first_touch_channel = models.CharField(_("首次接触渠道"), max_length=TEXT_MAX, blank=True)
    first_touch_on = models.DateField(_("首次接触日期"), null=True, blank=True)
    first_touch_note = models.CharField(_("首次接触经过"), max_length=WORDS_MAX, blank=True)
    # A subsidiary hangs below its parent; the actions let nobody hang below himself.
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="subsidiaries", verbose_name=_("上级公司")
    )
    completeness = models.PositiveSmallIntegerField(_("完整度"), default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    form_key = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[Customer]] = models.Manager()
    present: ClassVar[PresentManager] = PresentManager()

    class Meta:
        indexes: ClassVar = [
            # What a person owns, told from the index alone when nothing else of the customers is asked.
            models.Index(fields=["owner", "id"], name="customer_owned", condition=PRESENT),
            models.Index(
                fields=["created_on", "id"],
                include=["owner"],
                name="customer_created",
                condition=PRESENT,
            ),
            models.Index(
                models.F("created_on").desc(nulls_last=True),
                models.F("id").desc(),
                name="customer_by_created_down",
                include=ASKED_OF_MANY,
                condition=PRESENT,
            ),
            models.Index(fields=["deleted_at", "id"], name="customer_binned", condition=~models.Q(deleted_at=None)),
            models.Index(fields=["merged_into"], name="customer_merged", condition=models.Q(merged_into__isnull=False)),
            models.Index(fields=["id"], name="customer_unprofiled", condition=models.Q(no_profiling=True)),
            # The filters of the list. Names of companies begin with their city, so whoever looked through all
            # names for those of one city would find them together, and perhaps at the very end.
            models.Index(
                fields=["region_folded", "name_key", "id"],
                name="customer_region",
                include=("owner", "city_folded", "size", "kind"),
                condition=PRESENT,
            ),
            models.Index(
                fields=["city_folded", "name_key", "id"],
                name="customer_city",
                include=("owner", "region_folded", "size", "kind"),
                condition=PRESENT,
            ),
            models.Index(fields=["kind"], name="customer_kind"),
            models.Index(fields=["size"], name="customer_size"),
            models.Index(fields=["industry_folded"], name="customer_industry"),
            models.Index(fields=["source_folded"], name="customer_source"),
            GinIndex(fields=["tags_folded"], name="customer_tags"),
            # Those whose tags are counted.
            models.Index(fields=["id"], name="customer_tagged", condition=~models.Q(tags=[])),
            models.Index(fields=["name_key", "id"], name="customer_by_name", include=ASKED_OF_MANY, condition=PRESENT),
            models.Index(
                fields=["owner", "name_key", "id"],
                name="customer_by_owner",
                include=ASKED_OF_MANY[1:],
                condition=PRESENT,
            ),
            models.Index(fields=["next_contact_on", "id"], name="customer_by_plan"),
            models.Index(
                models.F("next_contact_on").desc(nulls_last=True), models.F("id").desc(), name="customer_by_plan_down"
            ),
            # What lacks most, and the averages of people from the index alone.
            models.Index(fields=["completeness", "id"], name="customer_by_completeness"),
            models.Index(fields=["owner", "completeness", "id"], name="customer_completeness"),
            models.Index(
                fields=["owner", "next_contact_on"],
                name="customer_next_contact",
                condition=models.Q(next_contact_on__isnull=False),
            ),
            # Those with whom no day was agreed: for them the cadence of their classes holds.
            models.Index(
                fields=["owner", "id"],
                name="customer_unplanned",
                condition=PRESENT & models.Q(next_contact_on=None),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(key=""), name="customer_key_not_empty"),
            models.UniqueConstraint(
                fields=["form_key"], condition=models.Q(form_key__isnull=False), name="customer_once_per_form"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def next_contact_by(self) -> str:
        """Who set the day of the next contact: ``person``, ``plan``, or ``""`` where none is set and the cadence holds."""
        if self.next_contact_on is None:
            return ""
        return "plan" if self.next_contact_on == self.planned_contact_on else "person"
