"""The customer list: filter, sort, search, and the form of a new customer."""
