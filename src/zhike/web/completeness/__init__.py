"""完整度: how much is known of the customers of each person and team, and what is missing most often."""
