"""Posters and facts from OMDb, and placeholders for films without a poster."""
