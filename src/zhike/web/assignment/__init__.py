"""Pages of assignment: rules, a dry run, what people can take on and when they are away, load, promises."""
