"""流动: from which class to which the customers of a dimension went over a period."""
