"""Changing an index in use: ratings appended, people forgotten."""
