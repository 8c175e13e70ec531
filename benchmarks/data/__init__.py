"""Ratings made up for measuring."""
