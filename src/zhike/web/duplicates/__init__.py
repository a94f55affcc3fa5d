"""Pairs of customers who may be one."""
