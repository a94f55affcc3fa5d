"""Settings → teams, roles and territories."""
