"""Writes: jobs asked for, stopped, taken back, carried through, and removed when their time is over."""
