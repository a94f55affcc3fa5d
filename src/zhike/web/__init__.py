"""The shell and every page that shows more than one app."""
