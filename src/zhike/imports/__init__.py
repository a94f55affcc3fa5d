"""Files of customers, contacts and events: recognised, mapped, matched, tried, carried out row by row, taken back."""
