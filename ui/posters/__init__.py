"""Posters and facts from OMDb, and the posters drawn where there is none."""
