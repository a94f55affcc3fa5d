"""待复核: what waits for a person to agree to, and what they decide."""
