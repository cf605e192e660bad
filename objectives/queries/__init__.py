"""What the pages read: stored scores and rows, never a score computed while drawing."""
