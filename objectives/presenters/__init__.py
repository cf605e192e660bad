"""How what was calculated is drawn and laid out on pages."""
