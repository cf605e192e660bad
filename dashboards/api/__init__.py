"""What other programs read of the dashboards: their numbers."""
