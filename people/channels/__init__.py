"""How a message travels: one module for each service, besides mail."""
