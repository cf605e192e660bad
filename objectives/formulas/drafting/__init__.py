"""The draft coach: rules about one objective with its key results, each with its evidence. No Django, no database."""
