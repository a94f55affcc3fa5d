"""How customers are related to one another."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.customers.models.customers import Customer


class Relation(models.Model):
    """`customer` is the supplier, partner or referrer of `other`. The company above is `Customer.parent`."""

    class Kind(models.TextChoices):
        SUPPLIER = "supplier", _("供应商")
        PARTNER = "partner", _("合作伙伴")
        REFERRER = "referrer", _("介绍人")

    NOTE_MAX = 200

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="relations")
    other = models.ForeignKey(Customer, models.CASCADE, related_name="related")
    kind = models.CharField(_("关系"), max_length=8, choices=Kind)
    note = models.CharField(_("备注"), max_length=NOTE_MAX, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "other", "kind"], name="relation_once"),
            models.CheckConstraint(condition=~models.Q(customer=models.F("other")), name="relation_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kind} {self.other_id}"
