"""Pages of the person: coming in, leaving, and what is one's own."""
