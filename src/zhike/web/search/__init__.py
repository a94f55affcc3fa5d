"""Search as it is typed, the commands, and the keys."""
