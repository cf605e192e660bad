"""What people fill in about goals."""
