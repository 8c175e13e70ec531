"""Tests of the comparisons of a person with others."""
