"""Reads of tasks and plans."""
