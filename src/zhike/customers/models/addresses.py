"""Where a customer is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.customers.models.customers import Customer


class Address(models.Model):
    """One address of a customer. Province, city and district are the names of their day; `division` is the code."""

    LABEL_MAX = 20
    STREET_MAX = 200

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="addresses")
    label = models.CharField(_("说明"), max_length=LABEL_MAX, blank=True)
    division = models.CharField(max_length=6, blank=True)
    province = models.CharField(_("省"), max_length=32, blank=True)
    city = models.CharField(_("市"), max_length=32, blank=True)
    district = models.CharField(_("区县"), max_length=32, blank=True)
    street = models.CharField(_("街道和门牌"), max_length=STREET_MAX, blank=True)
    postcode = models.CharField(_("邮编"), max_length=10, blank=True)
    is_primary = models.BooleanField(_("主要地址"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    form_key = models.UUIDField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["-is_primary", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(is_primary=True), name="one_primary_address"
            ),
            models.UniqueConstraint(
                fields=["form_key"], condition=models.Q(form_key__isnull=False), name="address_once_per_form"
            ),
        ]

    def __str__(self) -> str:
        return self.line

    @property
    def line(self) -> str:
        """The address as it is written on a letter; a municipality is named once."""
        parts = dict.fromkeys((self.province, self.city, self.district, self.street))
        return "".join(part for part in parts if part)
