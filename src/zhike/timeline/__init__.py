"""Everything that happened to a customer, as append-only events: the only message bus."""
