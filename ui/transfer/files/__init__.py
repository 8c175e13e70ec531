"""Reading one file of another program: a table of any service, a list as JSON, a saved taste."""

__all__: list[str] = []
