"""The shell and every page that shows more than one app. No rules and no writes of its own."""
