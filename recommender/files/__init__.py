"""Files of other programs: opening them safely, and telling how they are written."""

__all__: list[str] = []
