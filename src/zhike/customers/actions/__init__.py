"""Writes: customers with all that is kept of them, the company's own fields and tags, and what is logged of a contact.

Each change of a customer is one event of the timeline, which places the customer again; what the form of
the customer shows bumps its `version` too, addresses, relations and files do not. `by=None` is the operator at the command line.
"""
