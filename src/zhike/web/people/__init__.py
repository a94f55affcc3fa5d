"""设置 → 成员: who may sign in, as what, and what becomes of what they own."""
