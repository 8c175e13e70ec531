"""Lists made of scores."""
