"""What is overdue: what came up to whom, and after how many days it does."""
