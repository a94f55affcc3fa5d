"""Which records may be one customer: names taken apart, evidence with its weights and sentences. Pure Python.

What needs a library (likeness of strings, simplified characters, pinyin) is done in `engine.duplicates`, which
hands over text that is folded and simplified.
"""
