"""季度评估: what a quarter says of the whole classification, and what people decide."""
