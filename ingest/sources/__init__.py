"""Find the files of a source, detect what each holds, and read them."""

__all__: list[str] = []
