"""The plan for other programs: the nouns of this app, each on the services of its pages."""
