"""Attacks on an index and on whatever reads a file."""
