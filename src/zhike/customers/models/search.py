"""What a customer is found by."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Left

from zhike.customers.models.customers import Customer

# As much of a text as its index of beginnings holds: a long one would not fit into a page of it.
START_MAX = 64


class SearchText(models.Model):
    """The lines in which a search looks, in a row beside the customer's, so that a call that is logged writes none.

    Every column holds lines that end with a line break. `grams` holds pieces of all of them as numbers: the
    pieces narrow, the lines decide. Which columns somebody's search may look into `search.parts_of` says.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="searched")
    name = models.TextField(editable=False)
    initials = models.TextField(editable=False)
    pinyin = models.TextField(editable=False)
    spelled = models.TextField(editable=False)
    key = models.TextField(editable=False)
    phones = models.TextField(editable=False)
    emails = models.TextField(editable=False)
    contacts = models.TextField(editable=False)
    contact_pinyin = models.TextField(editable=False)
    contact_phones = models.TextField(editable=False)
    contact_emails = models.TextField(editable=False)
    grams = ArrayField(models.IntegerField(), default=list, editable=False)

    class Meta:
        indexes: ClassVar = [
            # What waits to be filed is read through by every search: a short list.
            GinIndex(fields=["grams"], name="search_grams", gin_pending_list_limit=256),
            models.Index(OpClass(Left("name", START_MAX), "text_pattern_ops"), name="search_name"),
            models.Index(OpClass(Left("initials", START_MAX), "text_pattern_ops"), name="search_initials"),
            models.Index(OpClass(Left("pinyin", START_MAX), "text_pattern_ops"), name="search_pinyin"),
        ]

    def __str__(self) -> str:
        return self.name.partition("\n")[0]
