"""Writes of tasks, plans, templates and of the ladder."""
