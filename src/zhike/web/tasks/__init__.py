"""Tasks in the browser: the list, the board, the calendar, one task, and what is done with it."""
