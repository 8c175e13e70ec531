"""Change an index in use: append ratings, forget users."""

__all__: list[str] = []
