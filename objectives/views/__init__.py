"""Pages of goals, one module a noun."""
