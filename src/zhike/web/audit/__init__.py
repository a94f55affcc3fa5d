"""The audit log: searched, read page by page, taken along as a file."""
