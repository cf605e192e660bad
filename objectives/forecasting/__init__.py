"""What check-ins say of the end: of key results, and through the tree of the KGIs they work for.

Nothing here adds to a stored number: everything is foretold anew from its source, so running anything twice, or half,
is harmless.
"""
