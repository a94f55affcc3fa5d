"""Writes: files brought in, planned, tried, carried out, decided about row by row, taken back, forgotten."""
