"""Everything that writes here."""
