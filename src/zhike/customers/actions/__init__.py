"""Writes: customers, contacts, the company's own fields, and the quick log of a contact.

Each change of a customer bumps its `version` and is one event of the timeline, which places the
customer again. `by=None` is the operator at the command line.
"""
