"""The library that comes with the product: sets of an objective and its key results, in both languages."""
