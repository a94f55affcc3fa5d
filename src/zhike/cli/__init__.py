"""The command line: thin commands over the same actions and queries as the pages."""
