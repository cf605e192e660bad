"""What a dashboard calculates on paper: no Django, no database."""
