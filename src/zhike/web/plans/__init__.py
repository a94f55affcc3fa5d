"""Plans in the browser: what is next for a customer, a plan begun or ended by hand, and the templates."""
