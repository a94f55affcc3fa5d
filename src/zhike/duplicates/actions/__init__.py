"""Writes about records that may be, or are, one customer."""
