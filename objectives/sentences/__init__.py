"""What formulas find, in the reader's language."""
