"""Customers: companies and people, one record through their whole life, and their contacts."""
