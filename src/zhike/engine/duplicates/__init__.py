"""Searching lists for records that are one customer: read, blocked, compared, measured."""
