"""设置 → 标签: the dictionary of tags."""
