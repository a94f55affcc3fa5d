"""Customers with all that is kept of them, and the company's own fields and tags."""

from __future__ import annotations

from zhike.customers.models.addresses import Address
from zhike.customers.models.contacts import Contact
from zhike.customers.models.customers import Customer
from zhike.customers.models.favourites import Favourite
from zhike.customers.models.fields import CustomField, FieldSection
from zhike.customers.models.files import Attachment
from zhike.customers.models.phones import PhoneState
from zhike.customers.models.reaches import Reach
from zhike.customers.models.relations import Relation
from zhike.customers.models.search import SearchText
from zhike.customers.models.tags import Tag

__all__ = [
    "Address",
    "Attachment",
    "Contact",
    "CustomField",
    "Customer",
    "Favourite",
    "FieldSection",
    "PhoneState",
    "Reach",
    "Relation",
    "SearchText",
    "Tag",
]
