"""The condition builder: what it offers, and what the server says to what was built."""
