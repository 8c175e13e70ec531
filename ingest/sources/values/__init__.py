"""What columns and cells say: ids, ratings and their scale, times, genres."""

__all__: list[str] = []
