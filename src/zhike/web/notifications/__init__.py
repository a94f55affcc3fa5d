"""通知: what became of one's customers and of the rules, and what one wants to hear of."""
