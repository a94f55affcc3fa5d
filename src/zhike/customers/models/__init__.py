"""Customers, their contacts, and the company's own fields."""

from __future__ import annotations

from zhike.customers.models.contacts import Contact
from zhike.customers.models.customers import Customer
from zhike.customers.models.fields import CustomField, FieldSection
from zhike.customers.models.phones import PhoneState
from zhike.customers.models.search import SearchText

__all__ = ["Contact", "CustomField", "Customer", "FieldSection", "PhoneState", "SearchText"]
