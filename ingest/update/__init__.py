"""Change an index in use: append ratings, forget users."""
