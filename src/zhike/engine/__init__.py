"""The batch: frames instead of rows. Reads files, places any number of customers at once.

The same answers as `zhike.core` on the same facts. It works without Django and without a database.
"""
