"""Writes: the rules, what people decide beside them, and how new rules come into force."""
