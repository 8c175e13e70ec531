"""Layouts that are known by name, a module for each family of files."""

__all__: list[str] = []
