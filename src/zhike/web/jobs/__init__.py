"""后台任务: what a person asked for, how far it is, what came of it, and the way back."""
