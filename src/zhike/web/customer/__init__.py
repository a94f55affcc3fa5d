"""The page of one customer: classes and why, timeline, quick log, contacts."""
