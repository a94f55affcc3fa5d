"""Writes: what people can take on and when they are away, rules, who is given to whom, promises."""
