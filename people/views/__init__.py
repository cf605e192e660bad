"""Pages about people, below `/o/<slug>/` and at the door."""
