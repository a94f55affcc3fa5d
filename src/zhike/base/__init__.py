"""Django plumbing without any business in it."""
