"""Who did what, through which door, and when: an append-only chain that the database keeps."""
