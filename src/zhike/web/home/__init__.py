"""工作台: whom to contact next and why, and what changed."""
