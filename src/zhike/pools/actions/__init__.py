"""Writes of pools: the only ones there are."""
